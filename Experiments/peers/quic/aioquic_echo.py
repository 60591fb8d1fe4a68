"""An echo server and its client on aioquic, to try FleetLab's QUIC against.

usage: aioquic_echo.py serve PORT CERTIFICATE KEY [--retry]
       aioquic_echo.py request PORT TRUST [--streams N] [--bytes N] [--ticket FILE]
                       [--update-keys] [--rebind]

The server, with 0 for any port, tells its port and then serves until its standard input ends. The
client sends N bytes on each of N streams, wants them back, and prints one JSON line with what came
of it. With --ticket it keeps a ticket in the file, and uses the one that it finds there.
"""

import argparse
import asyncio
import json
import os
import pickle
import sys

from aioquic.asyncio import connect, serve
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, HandshakeCompleted, StreamDataReceived

PROTOCOL = "echo"
NAME = "localhost"


class Echo(QuicConnectionProtocol):
    """Sends back what comes on a stream."""

    def quic_event_received(self, event):
        if isinstance(event, StreamDataReceived):
            self._quic.send_stream_data(event.stream_id, event.data, event.end_stream)
            self.transmit()


class Client(QuicConnectionProtocol):
    """Keeps what the handshake and the end of the connection say."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.handshake = self.ending = None

    def quic_event_received(self, event):
        if isinstance(event, HandshakeCompleted):
            self.handshake = event
        if isinstance(event, ConnectionTerminated):
            self.ending = event
        super().quic_event_received(event)


async def serving(options):
    configuration = QuicConfiguration(is_client=False, alpn_protocols=[PROTOCOL])
    configuration.load_cert_chain(options.certificate, options.key)
    tickets = {}
    keep = {
        "session_ticket_fetcher": lambda label: tickets.pop(label, None),
        "session_ticket_handler": lambda ticket: tickets.__setitem__(ticket.ticket, ticket),
    }
    server = await serve(
        "127.0.0.1",
        options.port,
        configuration=configuration,
        create_protocol=Echo,
        retry=options.retry,
        **keep,
    )
    port = server._transport.get_extra_info("sockname")[1]
    print(json.dumps({"event": "listening", "port": port}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def read_ticket(path):
    """The ticket of an earlier run of this program."""
    if path is None or not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return pickle.load(file)


async def exchange(client, number, count):
    reader, writer = await client.create_stream()
    content = bytes((index * 31 + number) % 256 for index in range(count))
    writer.write(content)
    writer.write_eof()
    return await reader.read() == content


async def requesting(options):
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=[PROTOCOL], server_name=NAME
    )
    configuration.load_verify_locations(options.trust)
    configuration.session_ticket = read_ticket(options.ticket)
    kept = []
    answered, ending = 0, None
    try:
        async with connect(
            "127.0.0.1",
            options.port,
            configuration=configuration,
            create_protocol=Client,
            session_ticket_handler=kept.append,
            wait_connected=configuration.session_ticket is None,
        ) as client:
            half = options.streams // 2
            for share in (range(half), range(half, options.streams)):
                works = [exchange(client, number, options.bytes) for number in share]
                answered += sum(await asyncio.wait_for(asyncio.gather(*works), 30))
                if share.start == 0 and options.update_keys:
                    client.request_key_update()
                if share.start == 0 and options.rebind:
                    client._transport.close()
                    await asyncio.get_running_loop().create_datagram_endpoint(
                        lambda: client, local_addr=("::", 0)
                    )
            handshake = client.handshake
    except ConnectionError as error:
        handshake, ending = None, str(error) or type(error).__name__
    if options.ticket and kept:
        with open(options.ticket, "wb") as file:
            pickle.dump(kept[-1], file)
    outcome = {
        "answered": answered,
        "resumed": handshake and handshake.session_resumed,
        "early-data": handshake and handshake.early_data_accepted,
        "ending": ending,
    }
    print(json.dumps(outcome), flush=True)
    sys.exit(0 if answered == options.streams else 1)


parser = argparse.ArgumentParser()
verbs = parser.add_subparsers(required=True)
verb = verbs.add_parser("serve")
verb.add_argument("port", type=int)
verb.add_argument("certificate")
verb.add_argument("key")
verb.add_argument("--retry", action="store_true")
verb.set_defaults(run=serving)
verb = verbs.add_parser("request")
verb.add_argument("port", type=int)
verb.add_argument("trust")
verb.add_argument("--streams", type=int, default=2)
verb.add_argument("--bytes", type=int, default=100)
verb.add_argument("--ticket")
verb.add_argument("--update-keys", action="store_true")
verb.add_argument("--rebind", action="store_true")
verb.set_defaults(run=requesting)
chosen = parser.parse_args()
asyncio.run(chosen.run(chosen))
