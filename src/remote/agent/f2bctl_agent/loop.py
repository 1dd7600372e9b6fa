"""The agent's conversation: framed JSON requests on stdin, events and one answer each on stdout.

Boundary: it knows no fail2ban. A frame is a header line, `LENGTH` or `LENGTH z` (zlib), then that many bytes of JSON.
The operator's side may vanish at any point; what runs then goes on to its safe end, and writing just stops.
"""

import json
import os
import re
import select
import signal
import sys
import zlib

# How the agent ends when it is told to (SIGTERM); 1 would mean that sudo refused.
TOLD_TO_END = 70
GREETING = b"\n\x1ff2bctl-agent 1\n"
LARGEST_REQUEST = 64 * 1024 * 1024
COMPRESS_FROM = 4096
# How long a client that holds something others wait for may say nothing; less than the others wait (60 s).
IDLE_SECONDS = 30
# Digits in a row that 64 bits may not hold; in a text they only cost a second look.
LONG_NUMBER = re.compile("[0-9]{19}")
# What is known of the session that this agent serves; empty in a process that serves none.
SESSION = {}


class AgentError(Exception):
    """A refusal or failure that the operator is told as it is: a stable kind, a message, and facts beside it."""

    def __init__(self, kind, message, **facts):
        Exception.__init__(self, message)
        self.kind = kind
        self.message = message
        self.facts = facts


class Conversation:
    """The two pipes, and whether anybody still listens."""

    def __init__(self, incoming, outgoing, session):
        self.incoming = incoming
        self.outgoing = outgoing
        self.session = session
        self.connected = True
        self.request_id = None
        # Whether what runs now may not be left half done, and whether the agent was told to end meanwhile.
        self.acting = False
        self.told_to_end = False
        # Called when nothing is asked for IDLE_SECONDS: a dead link must not keep others out until TCP notices it.
        self.when_idle = None
        # What a handler leaves to be done once its answer is on its way; nothing may depend on it.
        self.afterwards = []

    def send(self, message):
        """Writes one frame; a reader that has gone away is remembered and not an error."""
        if not self.connected:
            return
        body = encoded(message)
        header = "%d" % len(body)
        if len(body) >= COMPRESS_FROM:
            body = zlib.compress(body, 1)
            header = "%d z" % len(body)
        try:
            self.outgoing.write(header.encode("ascii") + b"\n" + body)
            self.outgoing.flush()
        except (OSError, ValueError):
            self.connected = False

    def event(self, step, text, **facts):
        """Tells how far a long request is; `step` is a stable word, `text` a full sentence."""
        self.send({"id": self.request_id, "event": dict(facts, step=step, text=text)})

    def end(self):
        """Ends the agent as it was told to: at once with its exit functions, or behind what may not be left half done."""
        self.told_to_end = True
        if not self.acting:
            sys.exit(TOLD_TO_END)

    def next_request(self):
        """The next request, or None at the end of the input; meanwhile `when_idle` gets its chance."""
        if self.when_idle is None:
            return self.receive()
        signal.signal(signal.SIGALRM, lambda *_: self.when_idle())
        signal.alarm(IDLE_SECONDS)
        try:
            return self.receive()
        finally:
            signal.alarm(0)

    def interjection(self, seconds):
        """A request that comes while another is being served, waited for a moment; None if there is none."""
        if not self.connected or not select.select([self.incoming], [], [], seconds)[0]:
            return None
        request = self.receive()
        if request is None:
            self.connected = False
        return request

    def receive(self):
        """The next request, or None at the end of the input."""
        header = self.incoming.readline(64)
        if not header.strip():
            return None
        words = header.split()
        length = int(words[0])
        if length > LARGEST_REQUEST:
            raise AgentError("protocol", "a request of %d bytes is too large" % length)
        body = self.incoming.read(length)
        if len(body) < length:
            return None
        if words[1:] == [b"z"]:
            body = zlib.decompress(body)
        return json.loads(body.decode("utf-8"))


def encoded(message):
    """A message as JSON that any reader takes: what JSON has no form for (a file's name that is not UTF-8, a number that
    is none or has no end) is shown as text instead of spoiling the whole message."""
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
    """Runs one request and sends its one answer."""
    conversation.request_id = request["id"]
    conversation.acting = request["verb"] not in conversation.session["interruptible"]
    try:
        handler = handlers(request["verb"])
        result = handler(conversation, request["arguments"])
        conversation.send({"id": request["id"], "ok": result})
    except AgentError as error:
        failure = {"kind": error.kind, "message": error.message, "facts": error.facts}
        conversation.send({"id": request["id"], "error": failure})
    except OSError as error:
        failure = {"kind": "io", "message": describe(error), "facts": {"errno": error.errno, "path": error.filename}}
        conversation.send({"id": request["id"], "error": failure})
    except Exception as error:  # a fault of the agent itself: said with its place, never swallowed
        trace = sys.exc_info()[2]
        while trace.tb_next:
            trace = trace.tb_next
        place = "%s:%d" % (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        message = "%s: %s (%s)" % (type(error).__name__, error, place)
        conversation.send({"id": request["id"], "error": {"kind": "fault", "message": message, "facts": {}}})
    conversation.acting = False
    if conversation.told_to_end:
        conversation.end()
    while conversation.afterwards:
        try:
            conversation.afterwards.pop()()
        except Exception:  # the answer is out, and the next request meets the fault itself if it matters
            continue


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
    conversation = Conversation(sys.stdin.buffer, sys.stdout.buffer, session)
    SESSION.update(session)
    signal.signal(signal.SIGTERM, lambda *_: conversation.end())
    conversation.outgoing.write(GREETING)
    conversation.outgoing.flush()
    if ahead is not None:
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
