"""Stands for Asterisk on a host of the matrix: answers on 5060, TCP and UDP, whoever the packet filter lets through.

It has Asterisk's name and its log open, by which a process is known as the one whose lines a jail reads.
"""

import os
import selectors
import socket
import sys

with open("/proc/self/comm", "w") as name:
    name.write("asterisk")


def is_there(log):
    """Whether the log is still the file of its name."""
    try:
        return log is not None and os.path.samestat(os.fstat(log.fileno()), os.stat(sys.argv[1]))
    except OSError:
        return False


def opened():
    """The log, open to append to; None where a scenario has taken it away or filled the disk."""
    try:
        return open(sys.argv[1], "ab") if os.path.exists(sys.argv[1]) else None
    except OSError:
        return None


picks = selectors.DefaultSelector()
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    listener = socket.socket(socket.AF_INET, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("0.0.0.0", 5060))
    if kind == socket.SOCK_STREAM:
        listener.listen(16)
    picks.register(listener, selectors.EVENT_READ, kind)
log = None
while True:
    if not is_there(log):
        log = opened()
    for key, _ in picks.select(0.2):
        if key.data == socket.SOCK_STREAM:
            caller, _ = key.fileobj.accept()
            caller.sendall(b"SIP/2.0 200 OK\r\n")
            caller.close()
        else:
            _, caller = key.fileobj.recvfrom(2048)
            key.fileobj.sendto(b"SIP/2.0 200 OK\r\n", caller)
