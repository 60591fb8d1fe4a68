"""The encoder's speed bar: its processor time as a ratio to onnxruntime's, in one run, one thread.

    python compare_encoders.py --model MODEL [--fleetlab .build/release/fleetlab] [--blocks 12]

Needs what onnx_encoder.py needs, and a release build of fleetlab. Each block times ours, the peer,
the peer, ours; its ratio is the sum of ours over the sum of the peer's. The table shows the median
over the blocks with the smallest and the largest, for the peer's graph of standard operators and
for the fused one, and the load of the machine. The last line has ours against itself: its distance
from 1 is the noise.
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

LENGTHS = (16, 64, 256)
TOKENS_PER_BLOCK = 1_536
BAR, GOAL = 1.2, 1.0


class Program:
    """An encoder that answers lines with seconds."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds(self, length):
        repetitions = TOKENS_PER_BLOCK // length
        self.process.stdin.write(f"{length} {repetitions}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"error: {self.process.args[0]} ended without an answer")
        return float(answer)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def ratio(ours, peer, length):
    """One block: ours, peer, peer, ours."""
    first, second, third, fourth = (p.seconds(length) for p in (ours, peer, peer, ours))
    return (first + fourth) / (second + third), (second + third) / 2


def main():
    """Prints the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", type=Path, required=True)
    arguments.add_argument("--fleetlab", default=".build/release/fleetlab")
    arguments.add_argument("--blocks", type=int, default=12)
    options = arguments.parse_args()
    adapter = str(Path(__file__).parent / "onnx_encoder.py")
    peer = [sys.executable, adapter, "--model", str(options.model)]
    ours = Program(options.fleetlab, "encoding-load")
    peers = {
        "onnxruntime": Program(*peer),
        "onnxruntime, fused": Program(*peer, "--fused"),
        "itself": Program(options.fleetlab, "encoding-load"),
    }
    print("| tokens | against | ratio of CPU time | peer, ms | bar 1.2 | load |")
    print("| --- | --- | --- | --- | --- | --- |")
    for length in LENGTHS:
        for name, program in peers.items():
            for warmed in (ours, program):
                warmed.seconds(length)
            blocks = [ratio(ours, program, length) for _ in range(options.blocks)]
            ratios = [block[0] for block in blocks]
            median = statistics.median(ratios)
            peer_ms = statistics.median(block[1] for block in blocks) * 1e3
            verdict = "goal" if median <= GOAL else "met" if median <= BAR else "missed"
            shown = f"{median:.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
            load = f"{os.getloadavg()[0]:.1f}"
            figures = f"{shown} | {peer_ms:.2f} | {verdict} | {load}"
            print(f"| {length} | {name} | {figures} |", flush=True)
    for program in (ours, *peers.values()):
        program.end()


if __name__ == "__main__":
    main()
