"""A relay on loopback that holds every packet back, and counts how often somebody had to wait for the other side.

What is counted is the depth of an exchange, not time: a packet of the host is one deeper than the deepest packet that
had reached it, and a packet of the client as deep as the deepest one that had reached the client. TCP's own handshake,
which loopback hides, is waited for and counted as the first round trip. What the host says after the client's last word counts nothing.

    relay.py --to ADDRESS:PORT [--listen ADDRESS:PORT] [--one-way MILLISECONDS] [--log FILE]

It prints the port that it listens on. The log gets one JSON line for each connection that has ended: its round trips,
its bytes in either direction, and the seconds that it lasted.
"""

import argparse
import asyncio
import json
import time


class Exchange:
    """One connection: what has reached either side, how deep, and how much of it."""

    def __init__(self):
        self.at_host = None
        self.at_client = 1
        self.waited = 1
        self.sent = 0
        self.received = 0
        self.began = time.monotonic()

    def depth_of_client(self):
        """The depth of a packet that the client sends now: it has waited for as many round trips."""
        self.waited = self.at_client
        return self.at_client

    def depth_of_host(self):
        """The depth of a packet that the host sends now; its greeting follows the handshake."""
        return 2 if self.at_host is None else self.at_host + 1

    def reached_host(self, depth, size):
        """A packet of the client has arrived."""
        self.at_host = max(self.at_host or 0, depth)
        self.sent += size

    def reached_client(self, depth, size):
        """A packet of the host has arrived."""
        self.at_client = max(self.at_client, depth)
        self.received += size


async def carry(reader, writer, delay, depth_of, reached, waited=False):
    """Carries one direction; the queue keeps the order and each packet its own due time.

    With `waited` the first packet has been held back already, for as long as the handshake took.
    """
    queue = asyncio.Queue()

    async def deliver():
        while True:
            due, depth, packet = await queue.get()
            await asyncio.sleep(max(0, due - time.monotonic()))
            if packet is None:
                break
            reached(depth, len(packet))
            writer.write(packet)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    delivery = asyncio.ensure_future(deliver())
    try:
        while True:
            packet = await reader.read(1 << 16)
            due = time.monotonic() + (0 if waited else delay)
            waited = False
            queue.put_nowait((due, depth_of() if packet else 0, packet or None))
            if not packet:
                break
        await delivery
    except (ConnectionError, OSError):
        delivery.cancel()


def serve(target, delay, log):
    """A handler of connections to `target`."""

    async def relay(client_reader, client_writer):
        exchange = Exchange()
        # The client believes that it is connected; its first packet would leave after one round trip of the handshake
        # and reach the host together with the handshake's end, half a round trip later.
        await asyncio.sleep(3 * delay)
        try:
            host_reader, host_writer = await asyncio.open_connection(*target)
        except OSError:
            client_writer.close()
            return
        await asyncio.gather(
            carry(client_reader, host_writer, delay, exchange.depth_of_client, exchange.reached_host, True),
            carry(host_reader, client_writer, delay, exchange.depth_of_host, exchange.reached_client))
        for writer in (client_writer, host_writer):
            writer.close()
        if log:
            row = {"round_trips": exchange.waited, "sent": exchange.sent, "received": exchange.received,
                   "seconds": time.monotonic() - exchange.began}
            with open(log, "a") as out:
                out.write(json.dumps(row) + "\n")

    return relay


def place(text):
    """ADDRESS:PORT as a pair."""
    address, _, port = text.rpartition(":")
    return address, int(port)


async def main():
    """Listens until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", type=place, required=True)
    parser.add_argument("--listen", type=place, default=("127.0.0.1", 0))
    parser.add_argument("--one-way", type=float, default=50)
    parser.add_argument("--log")
    wanted = parser.parse_args()
    relay = serve(wanted.to, wanted.one_way / 1000, wanted.log)
    server = await asyncio.start_server(relay, *wanted.listen, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
