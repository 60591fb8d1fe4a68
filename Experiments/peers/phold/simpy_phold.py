"""PHOLD on SimPy's callbacks: the simulator that most people know, doing the work of heap.cpp.

usage: simpy_phold.py --population P --events M [--nodes N]

A timeout for each message in flight, with one callback and no process: SimPy's fastest way. The
draws are Python's own, since splitmix64 in Python would charge SimPy for our generator; so the
checksum differs from that of heap.cpp, though it is made in the same way. The CPU seconds are those
of the M arrivals, after the first P messages were sent.
"""

import argparse
import json
import random
import time

import simpy


def whole_number(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is less than 1")
    return value


def peak_bytes():
    """The high-water mark of this process's resident memory."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise SystemExit("error: no VmHWM in /proc/self/status; expected Linux")


def run(population, events, nodes):
    """Returns the CPU seconds of the arrivals and the arrivals of each node."""
    environment = simpy.Environment()
    generator = random.Random(42)
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

    for _ in range(population):
        send()
    begin = time.process_time()
    environment.run(until=over)
    return time.process_time() - begin, arrivals


def main():
    parser = argparse.ArgumentParser(description="PHOLD on SimPy's callbacks")
    parser.add_argument("--population", type=whole_number, required=True)
    parser.add_argument("--events", type=whole_number, required=True)
    parser.add_argument("--nodes", type=whole_number, default=1000)
    settings = parser.parse_args()
    cpu_seconds, arrivals = run(settings.population, settings.events, settings.nodes)
    checksum = 0
    for count in arrivals:
        checksum = (checksum * 31 + count) % 2**64
    figures = {
        "program": "simpy",
        "population": settings.population,
        "events": settings.events,
        "cpu_seconds": round(cpu_seconds, 6),
        "peak_bytes": peak_bytes(),
        "checksum": f"{checksum:016x}",
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
