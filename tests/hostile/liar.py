"""A login shell that plays the host's agent and lies: what it answers stands in `lie.json` beside it."""

import json
import os
import sys
import time
import zlib

lie = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "lie.json")))
incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer


def send(message):
    body = json.dumps(message).encode("ascii")
    outgoing.write(b"%d\n" % len(body) + body)
    outgoing.flush()


for _ in range(lie.get("stderr", 0)):
    sys.stderr.write(lie["noise"] * 1000)
sys.stderr.flush()
if lie.get("exit") is not None:
    sys.exit(lie["exit"])
outgoing.write(lie.get("before", "").encode("utf-8") + b"\n\x1ff2bctl-agent 1\n")
outgoing.write(lie.get("raw", "").encode("utf-8"))
if "bomb" in lie:
    packed = zlib.compress(b'{"id": 1, "ok": "' + b"x" * (lie["bomb"] << 20) + b'"}', 9)
    outgoing.write(b"%d z\n" % len(packed) + packed)
outgoing.flush()


def lie_about(request):
    for event in lie.get("events", []):
        send({"id": request["id"], "event": event})
    while lie.get("flood"):
        send({"id": request["id"], "event": lie["flood"]})
        time.sleep(lie.get("pause", 0))
    answer = lie.get("answers", {}).get(request["verb"], {"error": {"kind": "io", "message": "no " + request["verb"]}})
    send(dict(answer, id=request["id"]))


# The first look stands on the command line, as its last constant; the rest of the program comes as a packed frame.
try:
    first = json.loads(os.environ["SSH_ORIGINAL_COMMAND"].split("'")[-2])
except ValueError:
    first = []  # the short command line, whose program comes on stdin
    incoming.read(int(incoming.readline().split()[1]))
for request in first:
    lie_about(request)
while True:
    header = incoming.readline().split()
    if not header:
        break
    body = incoming.read(int(header[0]))
    if header[1:] != [b"z"]:
        lie_about(json.loads(body.decode("utf-8")))
