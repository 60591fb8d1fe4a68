"""Requests and responses over one connection of aioquic on loopback.

usage: aioquic_requests.py [--one-in N]

An arm of the experiment loopback-requests: it speaks JSON lines over its standard streams. Client
and server share one event loop, on UDP sockets of 127.0.0.1, and use the protocol's own events,
with a stream for each request; what it writes on taking a datagram leaves once the datagram is
taken. The CPU seconds are those of the whole process without the
handshake. With --one-in only each Nth of the requests that are asked for is made, which the work
says.
"""

import argparse
import asyncio
import datetime
import importlib.metadata
import json
import sys
import time

from aioquic.asyncio import connect, serve
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import StreamDataReceived
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

PROTOCOL = "exchange/1"
NAME = "localhost"
# How long a run may take, with its handshake, before it counts as stuck.
PATIENCE = 240


def certificate():
    """A certificate that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
    )
    return builder.sign(key, hashes.SHA256()), key


class Messages(QuicConnectionProtocol):
    """Counts the bytes of each stream and says when one is whole."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.counts = {}

    def whole(self, stream, count):
        raise NotImplementedError

    def quic_event_received(self, event):
        if not isinstance(event, StreamDataReceived):
            return
        count = self.counts.get(event.stream_id, 0) + len(event.data)
        if event.end_stream:
            self.counts.pop(event.stream_id, None)
            self.whole(event.stream_id, count)
        else:
            self.counts[event.stream_id] = count


class Server(Messages):
    """Answers a request with as many bytes."""

    def whole(self, stream, count):
        self._quic.send_stream_data(stream, b"x" * count, end_stream=True)


class Client(Messages):
    """Asks again as soon as it is answered."""

    def begin(self, requests, in_flight, size):
        self.left, self.open, self.size = requests, 0, size
        self.over = asyncio.get_running_loop().create_future()
        for _ in range(in_flight):
            self.ask()
        self.transmit()

    def ask(self):
        if self.left == 0:
            return
        self.left -= 1
        self.open += 1
        stream = self._quic.get_next_available_stream_id()
        self._quic.send_stream_data(stream, b"x" * self.size, end_stream=True)

    def whole(self, stream, count):
        if count != self.size:
            self.over.set_exception(ValueError(f"{count} bytes came in place of {self.size}"))
            return
        self.open -= 1
        self.ask()
        if self.open == 0:
            self.over.set_result(None)


async def run(requests, in_flight, size):
    """Returns the CPU seconds of so many requests."""
    shown, key = certificate()
    serving = QuicConfiguration(is_client=False, alpn_protocols=[PROTOCOL])
    serving.certificate, serving.private_key = shown, key
    server = await serve("127.0.0.1", 0, configuration=serving, create_protocol=Server)
    port = server._transport.get_extra_info("sockname")[1]
    asking = QuicConfiguration(is_client=True, alpn_protocols=[PROTOCOL], server_name=NAME)
    asking.load_verify_locations(cadata=shown.public_bytes(Encoding.PEM))
    connecting = connect("127.0.0.1", port, configuration=asking, create_protocol=Client)
    try:
        async with connecting as client:
            begin = time.process_time()
            client.begin(requests, in_flight, size)
            await client.over
            return time.process_time() - begin
    finally:
        server.close()


def answer(request, one_in):
    settings = request["settings"]
    requests = max(1, settings["exchanges"] // one_in)
    work = run(requests, settings["in-flight"], settings["message-bytes"])
    seconds = asyncio.run(asyncio.wait_for(work, PATIENCE))
    metrics = {"exchanges_per_second": requests / seconds}
    return {"trial": request["trial"], "work": requests, "metrics": metrics}


def whole_number(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is less than 1")
    return value


def main():
    parser = argparse.ArgumentParser(description="Requests over one connection of aioquic")
    parser.add_argument("--one-in", type=whole_number, default=1)
    one_in = parser.parse_args().one_in
    sys.stdin.readline()
    version = importlib.metadata.version("aioquic")
    greeting = {"fleetlab": 1, "name": "aioquic", "version": version, "capabilities": []}
    print(json.dumps(greeting), flush=True)
    for line in sys.stdin:
        message = json.loads(line)
        if "run" not in message:
            break
        print(json.dumps(answer(message["run"], one_in)), flush=True)


if __name__ == "__main__":
    main()
