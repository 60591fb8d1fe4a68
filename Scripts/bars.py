"""The simulator's speed bars as ratios measured in one run; Scripts/bars builds what this needs.

Every round runs each pair of arms as reference, ours, ours, reference, so that a machine that slows
down or speeds up evenly touches both alike. A round's ratio divides our events per CPU second by
those of the reference in the same four runs; the table shows the median over the rounds with the
smallest and the largest. One pair is the C++ heap with itself: its distance from 1 is the noise.
"""

import argparse
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass, field

POPULATIONS = (1_000, 100_000)
EVENTS = 2_000_000
EVENTS_SIMPY = 200_000
BYTES_PER_EVENT_MAX = 64
SECONDS_MAX = 600

KEYS = {"program", "population", "events", "cpu_seconds", "peak_bytes", "checksum"}


@dataclass(frozen=True)
class Bar:
    """A ratio of events per CPU second that an arm must reach against a reference."""

    arm: str
    reference: str
    least: float | None
    goal: float | None


BARS = (
    Bar("queue", "heap", least=0.9, goal=1.0),
    Bar("instance", "heap", least=0.7, goal=0.8),
    Bar("queue", "simpy", least=15, goal=15),
    Bar("heap", "heap", least=None, goal=None),
)


@dataclass
class Arm:
    """A program with its arguments, and the figures of its runs by population."""

    name: str
    command: list
    events: int
    runs: dict = field(default_factory=lambda: {population: [] for population in POPULATIONS})

    def checksum(self, population):
        return self.runs[population][0]["checksum"]


class Problem(Exception):
    """A program that did not do what was asked of it."""


def figures_from(text, population, events):
    """Reads the one JSON line of a program.

    >>> line = '{"program": "a", "population": 5, "events": 9, "cpu_seconds": 0.5, '
    >>> line += '"peak_bytes": 4096, "checksum": "ff"}'
    >>> figures_from(line, 5, 9)["cpu_seconds"]
    0.5
    >>> figures_from(line, 5, 10)
    Traceback (most recent call last):
    bars.Problem: it did 9 events at population 5; expected 10 at 5
    >>> figures_from('{"program": "a"}', 5, 9)
    Traceback (most recent call last):
    bars.Problem: it printed no checksum, cpu_seconds, events, peak_bytes, population
    """
    try:
        figures = json.loads(text)
    except ValueError as error:
        raise Problem(f"it printed {text[:80]!r}; expected one JSON line") from error
    missing = KEYS - set(figures)
    if missing:
        raise Problem("it printed no " + ", ".join(sorted(missing)))
    if (figures["population"], figures["events"]) != (population, events):
        raise Problem(
            f"it did {figures['events']} events at population {figures['population']}; "
            f"expected {events} at {population}"
        )
    if not figures["cpu_seconds"] > 0:
        raise Problem(f"it took {figures['cpu_seconds']} CPU seconds; expected more than 0")
    return figures


def run(arm, population):
    """Runs an arm once, and keeps and returns its figures."""
    sizes = ["--population", str(population), "--events", str(arm.events)]
    done = subprocess.run(
        arm.command + sizes,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    if done.returncode != 0:
        raise Problem(f"it ended with {done.returncode} and said: {done.stderr.strip()[-400:]}")
    figures = figures_from(done.stdout, population, arm.events)
    runs = arm.runs[population]
    if runs and arm.checksum(population) != figures["checksum"]:
        raise Problem(
            f"its checksum is {figures['checksum']} after {arm.checksum(population)}; "
            "expected the same work in every run"
        )
    runs.append(figures)
    return figures


def rate(runs):
    """Events per CPU second of several runs together.

    >>> rate([{"events": 100, "cpu_seconds": 1.0}, {"events": 100, "cpu_seconds": 3.0}])
    50.0
    """
    return sum(each["events"] for each in runs) / sum(each["cpu_seconds"] for each in runs)


def ratio(reference_first, ours_first, ours_last, reference_last):
    """The ratio of one round.

    >>> fast, slow = {"events": 100, "cpu_seconds": 1.0}, {"events": 100, "cpu_seconds": 4.0}
    >>> ratio(slow, fast, fast, slow)
    4.0
    """
    return rate([ours_first, ours_last]) / rate([reference_first, reference_last])


def bytes_per_event(arm):
    """How much the peak grows for each further message in flight; fixed costs cancel.

    >>> arm = Arm("a", [], 1)
    >>> arm.runs = {1_000: [{"peak_bytes": 50_000}], 100_000: [{"peak_bytes": 1_634_000}]}
    >>> bytes_per_event(arm)
    16.0
    """
    few, many = POPULATIONS
    peaks = {
        population: statistics.median(each["peak_bytes"] for each in arm.runs[population])
        for population in POPULATIONS
    }
    return (peaks[many] - peaks[few]) / (many - few)


def verdict(values, least):
    """Says whether the median reaches the bar, and whether the range leaves that in doubt.

    >>> verdict([1.0, 1.1, 1.2], 0.9), verdict([0.8, 1.0, 1.2], 0.9), verdict([0.7, 0.8, 0.95], 0.9)
    ('met', 'met, but the range crosses the bar', 'missed, but the range crosses the bar')
    """
    word = "met" if statistics.median(values) >= least else "missed"
    crosses = min(values) < least <= max(values)
    return f"{word}, but the range crosses the bar" if crosses else word


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def ratio_table(ratios):
    """The bars, one row for each population."""
    yield row("events per CPU second", "pending", "median", "range", "bar", "goal", "verdict")
    yield row("---", "--:", "--:", "--:", "--:", "--:", "---")
    for (bar, population), values in ratios.items():
        is_noise = bar.least is None
        yield row(
            f"{bar.arm} / {bar.reference}" + (" (noise)" if is_noise else ""),
            f"{population:,}",
            f"{statistics.median(values):.2f}",
            f"{min(values):.2f}–{max(values):.2f}",
            "–" if is_noise else f"{bar.least:g}",
            "–" if is_noise else f"{bar.goal:g}",
            "–" if is_noise else verdict(values, bar.least),
        )


def program_table(arms):
    """What each program did: speed, memory and checksums at the two populations."""
    few, many = POPULATIONS
    yield row(
        "program",
        f"million events per CPU second, {few:,} pending",
        f"{many:,} pending",
        "bytes per pending event",
        "checksums",
    )
    yield row("---", "--:", "--:", "--:", "---")
    for arm in arms.values():
        yield row(
            arm.name,
            *(f"{rate(arm.runs[population]) / 1e6:.2f}" for population in POPULATIONS),
            f"{bytes_per_event(arm):.0f}",
            ", ".join(f"`{arm.checksum(population)}`" for population in POPULATIONS),
        )


def notes(arms):
    """What the tables leave unsaid: the memory bar, and whether the work was the same."""
    for name in ("queue", "instance"):
        size = bytes_per_event(arms[name])
        word = "met" if size <= BYTES_PER_EVENT_MAX else "missed"
        yield (
            f"Memory: {name} takes {size:.0f} bytes for each pending event with its payload; "
            f"the bar is {BYTES_PER_EVENT_MAX} bytes plus payload: {word}."
        )
    is_same = all(
        arms["queue"].checksum(population) == arms["heap"].checksum(population)
        for population in POPULATIONS
    )
    yield (
        "The queue's checksums equal the heap's: both made the same arrivals."
        if is_same
        else "The queue's checksums differ from the heap's: the two drew other arrivals."
    )


def measure(arms, rounds):
    """Runs every pair in every round; returns the ratios by bar and population."""
    ratios = {(bar, population): [] for bar in BARS for population in POPULATIONS}
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}", file=sys.stderr)
        for (bar, population), values in ratios.items():
            ours, reference = arms[bar.arm], arms[bar.reference]
            order = (reference, ours, ours, reference)
            values.append(ratio(*(run_or_end(arm, population) for arm in order)))
    return ratios


def run_or_end(arm, population):
    """Runs an arm once; a program that fails ends the measurement with its words."""
    try:
        return run(arm, population)
    except (Problem, OSError, subprocess.TimeoutExpired) as problem:
        command = " ".join(arm.command)
        raise SystemExit(f"error: {arm.name} ({command}): {problem}") from problem


def rounds_count(text):
    value = int(text)
    if not 1 <= value <= 1_000:
        raise argparse.ArgumentTypeError(f"'{text}' is not from 1 to 1000")
    return value


def main():
    parser = argparse.ArgumentParser(description="The simulator's speed bars, measured")
    parser.add_argument("--heap", required=True, help="the built Experiments/peers/phold/heap.cpp")
    parser.add_argument("--fleetlab", required=True, help="the built fleetlab")
    parser.add_argument("--simpy", required=True, help="Experiments/peers/phold/simpy_phold.py")
    parser.add_argument("--rounds", type=rounds_count, default=5)
    settings = parser.parse_args()
    phold = [settings.fleetlab, "phold", "--engine"]
    listed = (
        Arm("heap", [settings.heap], EVENTS),
        Arm("queue", [*phold, "queue"], EVENTS),
        Arm("instance", [*phold, "instance"], EVENTS),
        Arm("simpy", [sys.executable, settings.simpy], EVENTS_SIMPY),
    )
    arms = {arm.name: arm for arm in listed}
    ratios = measure(arms, settings.rounds)
    print(f"PHOLD with 1,000 nodes, {EVENTS:,} events (SimPy {EVENTS_SIMPY:,}),", end=" ")
    print(f"{settings.rounds} rounds of A B B A a pair.\n")
    print("\n".join(ratio_table(ratios)), end="\n\n")
    print("\n".join(program_table(arms)), end="\n\n")
    print("\n".join(notes(arms)))


if __name__ == "__main__":
    main()
