"""Whom a jail would ban at once if it started now, since it reads its log back over findtime.

fail2ban's own classes read the log, in a process of their own under fail2ban's own Python, with nothing started: no
action, no database, no thread. What they would ban is counted, and nobody is banned.
"""

import contextlib
import itertools
import time

from f2bctl_agent import log_reader, own_classes
from f2bctl_agent.loop import AgentError, describe

# How much of a jail's log is read; fail2ban's classes get through less in that time.
MOST_BYTES = 256 * 1024 * 1024
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
                found.update(own_classes.ask(program, SERVER + BODY, given, map(itertools.chain.from_iterable, logs)))
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
