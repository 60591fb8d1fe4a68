"""PHOLD on SimPy's callbacks: the simulator that most people know, doing the work of heap.cpp.

usage: simpy_phold.py [--one-in N]

An arm of the experiment event-throughput: it speaks JSON lines over its standard streams. A timeout
for each message in flight, with one callback and no process: SimPy's fastest way. The draws are
Python's own, since splitmix64 in Python would charge SimPy for our generator; so the checksum
differs from that of heap.cpp, though it is made in the same way. The CPU seconds are those of the
arrivals, after the first messages were sent. With --one-in only each Nth of the events that are
asked for is made, which the work says.
"""

import argparse
import json
import os
import random
import sys
import time

import simpy


def whole_number(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is less than 1")
    return value


def resident_bytes():
    """What this process holds in memory now."""
    with open("/proc/self/statm", encoding="ascii") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def run(population, events, nodes, seed):
    """Returns the CPU seconds of the arrivals, those of each node, and the memory of the first
    messages."""
    environment = simpy.Environment()
    generator = random.Random(seed)
    draw_latency, draw_unit = generator.expovariate, generator.random
    arrivals = [0] * nodes
    left = events
    over = environment.event()

    def send():
        message = environment.timeout(draw_latency(1.0), int(draw_unit() * nodes))
        message.callbacks.append(arrive)

    def arrive(message):
        nonlocal left
        if left == 0:
            return
        arrivals[message.value] += 1
        left -= 1
        if left == 0:
            over.succeed()
        else:
            send()

    before = resident_bytes()
    for _ in range(population):
        send()
    held = max(0, resident_bytes() - before)
    begin = time.process_time()
    environment.run(until=over)
    return time.process_time() - begin, arrivals, held


def answer(request, one_in):
    settings = request["settings"]
    population = settings["population"]
    events = max(1, settings["events"] // one_in)
    seconds, arrivals, held = run(population, events, settings["nodes"], int(request["seed"], 16))
    checksum = 0
    for count in arrivals:
        checksum = (checksum * 31 + count) % 2**48
    metrics = {
        "events_per_second": events / seconds,
        "checksum": checksum,
        "pending_bytes": held / population,
    }
    return {"trial": request["trial"], "work": events, "metrics": metrics}


def main():
    parser = argparse.ArgumentParser(description="PHOLD on SimPy's callbacks")
    parser.add_argument("--one-in", type=whole_number, default=1)
    one_in = parser.parse_args().one_in
    sys.stdin.readline()
    greeting = {"fleetlab": 1, "name": "simpy", "version": simpy.__version__, "capabilities": []}
    print(json.dumps(greeting), flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        if "run" not in message:
            break
        print(json.dumps(answer(message["run"], one_in)), flush=True)


if __name__ == "__main__":
    main()
