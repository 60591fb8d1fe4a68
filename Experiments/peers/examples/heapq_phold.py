"""PHOLD on Python's own heapq, as an arm of the experiment event-throughput."""
import heapq, json, random, sys, time


def phold(population, events, nodes, seed):
    draw = random.Random(seed)
    pending = [(draw.expovariate(1.0), draw.randrange(nodes)) for _ in range(population)]
    heapq.heapify(pending)
    arrivals = [0] * nodes
    begin = time.process_time()
    for _ in range(events):
        now, node = pending[0]
        arrivals[node] += 1
        heapq.heapreplace(pending, (now + draw.expovariate(1.0), draw.randrange(nodes)))
    return events / (time.process_time() - begin)


def say(message):
    print(json.dumps(message), flush=True)


sys.stdin.readline()  # The runner's greeting; nothing in it is needed here.
say({"fleetlab": 1, "name": "heapq", "version": sys.version.split()[0], "capabilities": []})
for line in sys.stdin:
    run = json.loads(line).get("run")
    if run is None:  # The end.
        break
    wanted = run["settings"]
    rate = phold(wanted["population"], wanted["events"], wanted["nodes"], int(run["seed"], 16))
    say({"trial": run["trial"], "work": wanted["events"], "metrics": {"events_per_second": rate}})
