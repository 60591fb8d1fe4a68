"""Replays a trial of QUIC in processes of their own and reads what it left: the capture with
tshark, the qlogs as JSON text sequences (RFC 7464) by draft-ietf-quic-qlog-main-schema.

Called by Scripts/test-captures: FLEETLAB ROOT FOLDER.
"""

import csv
import io
import json
import pathlib
import subprocess
import sys

fleetlab, root, place = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
manifest = f"{root}/Experiments/transport/transport-latency.yaml"
failures = 0


def check(what, holds, seen):
    global failures
    print(f"{'ok' if holds else 'FAILED'}: {what}" + ("" if holds else f"; seen: {seen}"))
    failures += not holds


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def replay(name, cell):
    folder = place / name
    words = [fleetlab, "replay", manifest, "--size", "smoke", "--cell", cell, "--arm", "quic",
             "--repetition", "0", "--trace", str(folder)]
    subprocess.run(words, check=True, capture_output=True)
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def events(log):
    """The header of a qlog and its events; every record stands behind a record separator."""
    first, *records = log.split(b"\x1e")
    assert first == b"", "a qlog begins with a record separator"
    header, *rest = [json.loads(record) for record in records]
    return header, rest


def fields(capture, wanted, *names):
    lines = output("tshark", "-r", capture, "-Y", wanted, "-T", "fields",
                   *[word for name in names for word in ("-e", name)]).splitlines()
    return [line.split("\t") for line in lines]


plan = csv.DictReader(io.StringIO(output(fleetlab, "plan", manifest, "--size", "smoke",
                                         "--format", "csv")))
wanted = {"control": "", "state": "resumed", "network.link.loss": "2%", "workload.size": "1kB"}
cells = [row for row in plan if all(row.get(key) == value for key, value in wanted.items())]
cell = cells[0]["cell"] if cells else sys.exit(f"error: no cell with {wanted} in the plan")

one, two = replay("one", cell), replay("two", cell)
check("two processes leave the same files", list(one) == list(two), (list(one), list(two)))
for name in one:
    check(f"{name} is the same in both", one[name] == two.get(name), "other bytes")

capture = str(place / "one" / "packets.pcapng")
frames = fields(capture, "quic", "quic.long.packet_type", "quic.frame_type",
                "quic.decryption_failed")
check("the capture holds packets of QUIC", len(frames) > 100, len(frames))
early = any("1" in frame[0].split(",") for frame in frames)
check("0-RTT packets are among them", early, frames[:9])
undecrypted = [frame for frame in frames if len(frame) > 2 and frame[2]]
check("tshark decrypts every packet", not undecrypted, undecrypted[:3])
streams = fields(capture, "quic.stream_data", "quic.stream.stream_id", "quic.stream_data")
filling = sum(data.count("78" * 32) for _, data in streams)
check("it shows what the streams carry", filling > 100, filling)

logs = {name: events(content) for name, content in one.items() if name.endswith(".sqlog")}
check("there is a qlog for each end of several connections", len(logs) > 10, len(logs))
for name, (header, _) in logs.items():
    version = header.get("qlog_version")
    if version != "0.3" or header.get("qlog_format") != "JSON-SEQ":
        check(f"{name} names its version and format", False, header)
names = {event["name"] for _, rest in logs.values() for event in rest}
expected = {"transport:packet_sent", "transport:packet_received", "recovery:metrics_updated"}
check("they tell of packets and of recovery", expected <= names, sorted(names))
backwards = [name for name, (_, rest) in logs.items()
             if any(b["time"] < a["time"] for a, b in zip(rest, rest[1:]))]
check("no qlog goes back in time", not backwards, backwards)

print(f"{failures} failed")
sys.exit(failures > 0)
