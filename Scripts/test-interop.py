"""Tries FleetLab's QUIC against aioquic, in both directions. Scripts/test-interop calls this.

usage: test-interop.py FLEETLAB PYTHON AIOQUIC_ECHO FOLDER

Each case starts a server, sends a client to it, and checks what the client prints. Cases that must
fail are among them, so that a client which always says yes is found.
"""

import json
import subprocess
import sys

fleetlab, python, echo, folder = sys.argv[1:]
authority = f"{folder}/authority.pem"
stranger = f"{folder}/stranger/authority.pem"
certificate, key = f"{folder}/localhost.pem", f"{folder}/localhost.key"


class Server:
    """A server that ends with the block."""

    def __init__(self, name, options):
        if name == "ours":
            words = [fleetlab, "quic", "serve", "--port", "0", "--certificate", certificate]
            words += ["--key", key, "--seconds", "300"]
        else:
            words = [python, echo, "serve", "0", certificate, key]
        self.words = words + options

    def __enter__(self):
        self.process = subprocess.Popen(
            self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = str(json.loads(self.process.stdout.readline())["port"])
        return self

    def __exit__(self, *reason):
        self.process.kill()
        self.log = self.process.communicate()[0]


def visit(name, port, trust, options):
    """What a client prints, with its exit code."""
    if name == "ours":
        words = [fleetlab, "quic", "request", f"localhost:{port}", "--trust", trust]
    else:
        words = [python, echo, "request", port, trust]
    done = subprocess.run(words + options, capture_output=True, text=True, timeout=120)
    lines = done.stdout.splitlines()
    return json.loads(lines[-1]) if lines else {}, done.returncode, done.stderr


# What each direction must do: the client's options, the server's, and what the outcome must be.
# A case with two visits keeps a ticket between them, and the second is judged; a server that
# forgets is another one then, which does not know the ticket.
cases = [
    ("handshake and one answer", ["--streams", "1"], [], 1, {"resumed": False}),
    ("120 streams", ["--streams", "120"], [], 1, {"resumed": False}),
    ("120 streams by early data", ["--streams", "120"], [], 2, {"early": "accepted"}),
    ("early data refused", ["--streams", "20"], [], 2, {"early": "refused", "forgets": True}),
    ("10 MB", ["--streams", "2", "--bytes", "5000000"], [], 1, {}),
    ("Retry", ["--streams", "5"], ["--retry"], 1, {}),
    ("a change of keys", ["--streams", "40", "--update-keys"], [], 1, {}),
    ("a new port", ["--streams", "40", "--bytes", "9000", "--rebind"], [], 1, {"moved": True}),
    ("a stranger's certificate", ["--streams", "1"], [], 1, {"fails": True}),
]


def problems(client, case):
    """What is wrong with a case; nothing when all is well."""
    title, options, server_options, visits, expected = case
    server = "theirs" if client == "ours" else "ours"
    ticket = f"{folder}/{client}-{title.replace(' ', '-')}"
    keep = ["--tickets", ticket] if client == "ours" else ["--ticket", ticket]
    trust = stranger if expected.get("fails") else authority
    more = options + (keep if visits > 1 else [])
    with Server(server, server_options) as running:
        for _ in range(1 if expected.get("forgets") else visits):
            outcome, code, errors = visit(client, running.port, trust, more)
    if expected.get("forgets"):
        with Server(server, server_options) as running:
            outcome, code, errors = visit(client, running.port, trust, more)
    found = []
    if expected.get("fails"):
        if code == 0 or outcome.get("answered") != 0 or not outcome.get("ending"):
            found.append(f"expected no answer and a reason, got {outcome}")
        return found
    if code != 0:
        found.append(f"exit {code}: {outcome} {errors.strip()[-300:]}")
    if "resumed" in expected and outcome.get("resumed") != expected["resumed"]:
        found.append(f"resumed is {outcome.get('resumed')}")
    if "early" in expected:
        told = {True: "accepted", False: "refused"}.get(
            outcome.get("early-data"), outcome.get("early-data")
        )
        if told != expected["early"]:
            found.append(f"early data was {told}, expected {expected['early']}")
    if expected.get("moved") and server == "ours" and '"event": "moved"' not in running.log:
        found.append("the server saw no new port")
    return found


for owner in (folder, f"{folder}/stranger"):
    subprocess.run([fleetlab, "quic", "certificate", "localhost", "--out", owner], check=True)
failures = 0
for client in ("ours", "theirs"):
    for case in cases:
        found = problems(client, case)
        failures += len(found)
        direction = "FleetLab to aioquic" if client == "ours" else "aioquic to FleetLab"
        print(f"{'FAIL' if found else 'ok'}  {direction}: {case[0]}")
        for problem in found:
            print(f"      {problem}")
print(f"{2 * len(cases)} cases of interoperation, {failures} failed")
sys.exit(1 if failures else 0)
