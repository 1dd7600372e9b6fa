"""Programs that run with the host's own fail2ban classes, in a process of their own under fail2ban's own Python.

Boundary: nothing is started there, no action, no database, no thread of fail2ban's; what is asked is the caller's to say.
"""

import json
import os
import subprocess
import threading

from f2bctl_agent import configuration
from f2bctl_agent.loop import AgentError, die_with_parent

SECONDS = 30
# Runs under fail2ban's own interpreter. What it is `given` comes as JSON on stdin, behind it sections of blocks of lines,
# each block with its length; its `answer` is the last line.
PREAMBLE = """
import codecs, json, logging, sys
sys.path.insert(0, PLACE)
logging.disable(logging.CRITICAL)
stdin = sys.stdin.buffer
given = json.loads(stdin.readline().decode("utf-8"))
answer = {}
def section():
    length = int(stdin.readline() or 0)
    while length:
        yield stdin.read(length)
        length = int(stdin.readline() or 0)
def lines(blocks, encoding):
    decoder, rest = codecs.getincrementaldecoder(encoding)("replace"), ""
    for block in blocks:
        whole = (rest + decoder.decode(block)).split("\\n")
        rest = whole.pop()
        for line in whole:
            yield line
    if rest:
        yield rest
"""
ENDING = """
sys.stdout.write("\\n" + json.dumps(answer))
"""


def ask(program, body, given, sections=(), seconds=SECONDS):
    """Runs `body` with fail2ban's own classes, in sections of blocks of lines, and returns its answer."""
    return Question(program, body, given, sections, seconds).answer()


class Question:
    """A program that runs with fail2ban's own classes; whoever asked may do something else before he waits for its answer."""

    def __init__(self, program, body, given, sections=(), seconds=SECONDS):
        interpreter, place = python_of(program)
        self.seconds = seconds
        self.process = subprocess.Popen([interpreter, "-I", "-c", PREAMBLE.replace("PLACE", repr(place)) + body + ENDING],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
                                        preexec_fn=die_with_parent)
        self.over = threading.Timer(seconds, self.process.kill)
        self.over.daemon = True
        self.over.start()
        try:
            give(self.process.stdin, given, sections)
        except BaseException:
            self.end()
            raise

    def answer(self):
        """Waits for the answer."""
        try:
            output, errors = self.process.communicate()
        finally:
            ended_in_time = self.over.is_alive()
            self.end()
        last = output.decode("utf-8", "replace").splitlines()[-1:]
        if self.process.returncode == 0 and last:
            return json.loads(last[0])
        why = errors.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it ended with %d" % self.process.returncode]
        if not ended_in_time:
            why = ["it did not end within %d s" % self.seconds]
        raise AgentError("precondition", "fail2ban's own program could not be asked: %s" % why[0][:500])

    def end(self):
        """Ends the program, and the wait for it."""
        self.over.cancel()
        self.process.kill()
        self.process.wait()


def give(stdin, given, sections):
    """Writes what a program of fail2ban's is given; one that has ended says why by itself."""
    try:
        stdin.write(json.dumps(given).encode("ascii") + b"\n")
        for blocks in sections:
            for block in filter(None, blocks):
                stdin.write(b"%d\n" % len(block) + block)
            stdin.write(b"0\n")
        stdin.flush()
    except BrokenPipeError:
        pass


def python_of(program):
    """(the interpreter, the folder of its modules) that fail2ban-server itself runs with."""
    with configuration.open_regular(program) as file:
        first = file.readline(256).decode("utf-8", "replace").strip()
    if not first.startswith("#!"):
        raise AgentError("forecast", "%s is not a script" % program)
    words = first[2:].split()
    interpreter = words[0] if not words[0].endswith("/env") else words[1]
    return interpreter, os.path.dirname(os.path.realpath(program))
