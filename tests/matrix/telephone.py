"""Stands for Asterisk on a host of the matrix: answers on 5060, TCP and UDP, whoever the packet filter lets through."""

import selectors
import socket

picks = selectors.DefaultSelector()
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    listener = socket.socket(socket.AF_INET, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("0.0.0.0", 5060))
    if kind == socket.SOCK_STREAM:
        listener.listen(16)
    picks.register(listener, selectors.EVENT_READ, kind)
while True:
    for key, _ in picks.select():
        if key.data == socket.SOCK_STREAM:
            caller, _ = key.fileobj.accept()
            caller.sendall(b"SIP/2.0 200 OK\r\n")
            caller.close()
        else:
            _, caller = key.fileobj.recvfrom(2048)
            key.fileobj.sendto(b"SIP/2.0 200 OK\r\n", caller)
