"""The agent's conversation: framed JSON requests on stdin, events and one answer each on stdout.

Boundary: it knows no fail2ban. A frame is a header line, `LENGTH` or `LENGTH z` (zlib), then that many bytes of JSON. Frames
of several requests may alternate; each has the number of its request.
The operator's side may vanish at any point; what runs then goes on to its safe end, and writing just stops.
"""

import json
import os
import re
import select
import signal
import sys
import time
import zlib

# How the agent ends on SIGTERM; 1 would mean that sudo refused.
TERMINATED = 70
GREETING = b"\n\x1ff2bctl-agent 1\n"
LARGEST_REQUEST = 64 * 1024 * 1024
COMPRESS_FROM = 4096
# More than Python's own buffer holds, so that nothing which has come is hidden from select.
READ_BYTES = 256 * 1024
# How long a client that holds something others wait for may say nothing; less than the others wait (60 s).
IDLE_SECONDS = 30
# Digits in a row that 64 bits may not hold; in a text they only cost a second look.
LONG_NUMBER = re.compile("[0-9]{19}")
# What is known of the session that this agent serves; empty in a process that serves none.
SESSION = {}


class AgentError(Exception):
    """A refusal or failure that the operator sees as it is: a stable kind, a message, and facts beside it."""

    def __init__(self, kind, message, **facts):
        Exception.__init__(self, message)
        self.kind = kind
        self.message = message
        self.facts = facts


def die_with_parent():
    """Lets the kernel end the child when the agent ends, however that comes about."""
    import ctypes  # not with the agent's start, since most looks start no child
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Conversation:
    """The two pipes, and whether anybody still listens.

    One request is served at a time; those that come meanwhile wait in `requests`. Whoever follows something has turns while
    the agent waits for a request or, within one, for something else (`waiting`), so no request waits for a follower.
    """

    def __init__(self, incoming, outgoing, session):
        self.incoming = incoming
        self.outgoing = outgoing
        self.session = session
        self.connected = True
        # Whether the input has come to its end.
        self.ended = False
        self.unread = bytearray()
        self.unwritten = bytearray()
        self.requests = []
        # By the request that began it: what has a `turn` and takes (`take`) the frames that are for it.
        self.followers = {}
        self.request_id = None
        # Whether what runs now may not be left half done, and whether SIGTERM came meanwhile.
        self.acting = False
        self.terminated = False
        # Called when nothing is asked for IDLE_SECONDS: a dead link must not keep others out until TCP notices it.
        self.when_idle = None
        # What a handler leaves to be done once its answer is on its way; nothing may depend on it.
        self.afterwards = []

    def send(self, message, seconds=None):
        """Sends one frame, and waits until it is written unless `seconds` is 0; a reader that has gone away is remembered and
        not an error."""
        body = encoded(message)
        header = b"%d\n"
        if len(body) >= COMPRESS_FROM:
            body = zlib.compress(body, 1)
            header = b"%d z\n"
        self.unwritten += header % len(body) + body
        self.write(seconds)

    def write(self, seconds):
        """Writes what is not written yet, as much as is taken at once; waits for the rest if `seconds` is None."""
        try:
            while self.connected and self.unwritten and select.select([], [self.outgoing], [], seconds)[1]:
                del self.unwritten[:self.outgoing.write(self.unwritten[:select.PIPE_BUF])]
        except (OSError, ValueError):
            self.connected = False

    def event(self, step, text, **facts):
        """Tells how far a long request is; `step` is a stable word, `text` a full sentence."""
        self.send({"id": self.request_id, "event": dict(facts, step=step, text=text)}, 0)

    def end(self):
        """Ends the agent on SIGTERM: at once with its exit functions, or after what may not be left half
        done."""
        self.terminated = True
        if not self.acting:
            sys.exit(TERMINATED)

    def next_request(self):
        """The next request, or None at the end of the input; meanwhile `when_idle` gets its chance."""
        until = time.monotonic() + IDLE_SECONDS
        while not self.requests and not self.ended:
            self.look(IDLE_SECONDS)
            if self.when_idle is not None and time.monotonic() >= until:
                self.when_idle()
        return self.requests.pop(0) if self.requests else None

    def look(self, seconds, file=None):
        """Lets followers have their turns, then waits until something comes or can be written; whether `file` can be read."""
        reading = [file] if file else []
        if not self.ended:
            reading.append(self.incoming)
            for follower in list(self.followers.values()):
                seconds = min(seconds, follower.turn())
        ready = select.select(reading, [self.outgoing] if self.unwritten and self.connected else [], [], seconds)
        self.write(0)
        if self.incoming in ready[0]:
            self.take_in()
        return file in ready[0]

    def take_in(self):
        """Reads what has come, and puts whole requests where they wait; frames for a follower go to it."""
        piece = self.incoming.read1(READ_BYTES)
        self.ended = not piece
        self.unread += piece
        while b"\n" in self.unread:
            begin = self.unread.index(b"\n") + 1
            words = self.unread[:begin].split()
            end = begin + int(words[0])
            if end > LARGEST_REQUEST:
                raise AgentError("protocol", "a request of %d bytes is too large" % end)
            if len(self.unread) < end:
                break
            body = bytes(self.unread[begin:end])
            del self.unread[:end]
            if words[1:] == [b"z"]:
                body = zlib.decompress(body)
            request = json.loads(body.decode("utf-8"))
            if "follower" not in request:
                self.requests.append(request)
            elif request["follower"] in self.followers:
                self.followers[request["follower"]].take(request)


def encoded(message):
    """A message as JSON that any reader takes: what JSON has no form for (a file's name that is not UTF-8, a number
    that is none or has no end) is shown as text instead of spoiling the whole message."""
    try:
        text = json.dumps(message, separators=(",", ":"), allow_nan=False)
        if "\\ud" not in text and not LONG_NUMBER.search(text):
            return text.encode("ascii")
    except ValueError:
        pass
    return json.dumps(plain(message), separators=(",", ":"), allow_nan=False).encode("ascii")


def plain(value):
    """A value without lone surrogates, without numbers that are infinite or none, and without those beyond 64 bits."""
    if isinstance(value, dict):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    if isinstance(value, int) and not -2 ** 63 <= value < 2 ** 64:
        # A number of many thousand digits is not worth its text, which newer Pythons refuse to make.
        return str(value) if abs(value) < 2 ** 256 else "a number beyond 256 bits"
    return value


def answer(conversation, handlers, request):
    """Runs one request and sends its one answer, unless it begins something that ends later."""
    conversation.request_id = request["id"]
    conversation.acting = request["verb"] not in conversation.session["interruptible"]
    try:
        handler = handlers(request["verb"])
        result = handler(conversation, request["arguments"])
        if result is not None:
            conversation.send({"id": request["id"], "ok": result})
    except Exception as error:
        conversation.send({"id": request["id"], "error": failure(error)})
    conversation.acting = False
    if conversation.terminated:
        conversation.end()
    while conversation.afterwards:
        try:
            conversation.afterwards.pop()()
        except Exception:  # the answer is out, and the next request meets the fault itself if it matters
            continue


def failure(error):
    """An error as the operator's side gets it; a fault of the agent itself comes with its place, and is never swallowed."""
    if isinstance(error, AgentError):
        return {"kind": error.kind, "message": error.message, "facts": error.facts}
    if isinstance(error, OSError):
        return {"kind": "io", "message": describe(error), "facts": {"errno": error.errno, "path": error.filename}}
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    place = "%s:%d" % (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
    return {"kind": "fault", "message": "%s: %s (%s)" % (type(error).__name__, error, place), "facts": {}}


def describe(error):
    """An OSError in one clause that names the file."""
    where = " (%s)" % error.filename if error.filename else ""
    return "%s%s" % (error.strerror or error, where)


def serve(handlers, session, ahead=None):
    """Greets, then answers requests until the input ends.

    With `ahead`, the requests in it were known before the agent ran and are answered before any input can have come:
    sshd grants a command's stdin no window until the command runs. The rest of the program is the first input then.
    """
    for number in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    os.umask(0o077)
    conversation = Conversation(sys.stdin.buffer, open(1, "wb", 0), session)
    SESSION.update(session, conversation=conversation)
    signal.signal(signal.SIGTERM, lambda *_: conversation.end())
    conversation.unwritten += GREETING
    conversation.write(None)
    if ahead is None:
        # What was read with the program lies in Python's buffer, where select does not see it.
        conversation.take_in()
    else:
        for request in json.loads(ahead):
            answer(conversation, handlers, request)
        rest = conversation.next_request()
        if rest is None:
            return
        session["sources"].update(rest)
    request = conversation.next_request()
    while request is not None:
        answer(conversation, handlers, request)
        request = conversation.next_request()
    if conversation.when_idle is not None:
        conversation.when_idle()  # before anything is cleared away: whoever comes next need not wait for that
