"""Whom a jail would ban at once if it started now, since it reads its log back over findtime.

fail2ban's own classes read the log, in a process of their own under fail2ban's own Python, with nothing started: no
action, no database, no thread. What they would ban is counted, and nobody is banned.
"""

import contextlib
import itertools
import json
import os
import subprocess
import threading
import time

from f2bctl_agent import configuration, early, log_reader
from f2bctl_agent.loop import AgentError, describe

SECONDS = 30
# How much of a jail's log is read; fail2ban's classes get through less in that time.
MOST_BYTES = 256 * 1024 * 1024
# Runs under fail2ban's own interpreter. What it is `given` comes as JSON on stdin, followed by sections of blocks of lines,
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
SERVER = """
from fail2ban.server.server import Server
from fail2ban.server.transmitter import Transmitter
server = Server()
transmitter = Transmitter(server)
def configured(name, commands):
    for command in commands:
        code, error = transmitter.proceed(command)
        if code:
            raise error
    return server._Server__jails[name].filter
"""
BODY = """
for name, commands in given:
    blocks = section()
    try:
        filter = configured(name, commands)
        # As while a log is read back: a line older than findtime does not count, and none is taken as of now.
        filter.inOperation = False
        for line in lines(blocks, filter.getLogEncoding()):
            filter.processLineAndAdd(line.rstrip("\\r"))
        banned = set()
        while True:
            try:
                banned.add(str(filter.failManager.toBan().getIP()))
            except Exception as error:
                if type(error).__name__ == "FailManagerEmpty":
                    break
                raise
        # From 0.11 on the filter hands an address over as soon as it has enough failures.
        ticket = filter.jail.getFailTicket()
        while ticket:
            banned.add(str(ticket.getIP()))
            ticket = filter.jail.getFailTicket()
        answer[name] = {"value": sorted(banned)}
    except Exception as error:
        answer[name] = {"unknown": "%s: %s" % (type(error).__name__, error)}
    for block in blocks:
        pass
"""
ENDING = """
sys.stdout.write("\\n" + json.dumps(answer))
"""


def forecast(program, stream, jails, started):
    """{jail: {"value": [ip]} or {"unknown": reason}} for the jails of the stream that would be `started`."""
    found, given, logs = {}, [], []
    with contextlib.ExitStack() as stack:
        for name in started:
            values = jails[name]["values"]
            if values["backend"] != "files":
                continue
            try:
                logs.append(read_back(values, stack))
            except AgentError as error:
                found[name] = {"unknown": error.message}
                continue
            given.append((name, [["add", name, "polling"]] + [command for command in stream if command[1] == name]))
        try:
            if given:
                found.update(ask(program, SERVER + BODY, given, map(itertools.chain.from_iterable, logs)))
        except (OSError, ValueError, AgentError) as error:
            reason = error.message if isinstance(error, AgentError) else str(error)
            found.update((name, {"unknown": reason}) for name, _ in given)
    return found


def read_back(values, stack):
    """What a jail that starts reads of its logs, the lines since findtime: the blocks of each, open while the stack is."""
    found = []
    for path in values["logpath"]:
        try:
            part = stack.enter_context(log_reader.LastPart(path, MOST_BYTES, time.time() - values["findtime"]))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise AgentError("io", describe(error))
        if part.truncated:
            raise AgentError("precondition", "%s has more than %d MiB of the last %s s"
                             % (path, MOST_BYTES >> 20, values["findtime"]))
        found.append(part.blocks)
    return found


def ask(program, body, given, sections=(), seconds=SECONDS):
    """Runs `body` with fail2ban's own classes, in sections of blocks of lines, and returns its answer."""
    interpreter, place = python_of(program)
    process = subprocess.Popen([interpreter, "-I", "-c", PREAMBLE.replace("PLACE", repr(place)) + body + ENDING],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
                               preexec_fn=early.die_with_parent)
    over = threading.Timer(seconds, process.kill)
    over.start()
    try:
        give(process.stdin, given, sections)
        output, errors = process.communicate()
    finally:
        ended_in_time = over.is_alive()
        over.cancel()
        process.kill()
        process.wait()
    last = output.decode("utf-8", "replace").splitlines()[-1:]
    if process.returncode == 0 and last:
        return json.loads(last[0])
    why = errors.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it ended with %d" % process.returncode]
    if not ended_in_time:
        why = ["it did not end within %d s" % seconds]
    raise AgentError("precondition", "fail2ban's own program could not be asked: %s" % why[0][:500])


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
