"""Whom a jail would ban at once if it started now, since it reads its log back over findtime.

fail2ban's own classes read the log, in a process of their own under fail2ban's own Python, with nothing started: no
action, no database, no thread. What they would ban is counted, and nobody is banned.
"""

import json
import os
import shutil
import signal
import subprocess

from f2bctl_agent import configuration
from f2bctl_agent.loop import AgentError

SECONDS = 30
# Runs under the interpreter of fail2ban-server; what it is `given` comes as JSON on stdin, its `answer` is the last line.
PREAMBLE = """
import json, logging, sys
sys.path.insert(0, PLACE)
from fail2ban.server.server import Server
from fail2ban.server.transmitter import Transmitter
logging.disable(logging.CRITICAL)
server = Server()
told = Transmitter(server)
given = json.load(sys.stdin)
answer = {}
def configured(name, commands):
    for command in commands:
        code, error = told.proceed(command)
        if code:
            raise error
    return server._Server__jails[name].filter
"""
BODY = """
for name, jail in given.items():
    try:
        filter = configured(name, jail["commands"])
        # Nothing is started, and a filter that is not active stops reading at the first line.
        filter.active = True
        banned = set()
        for path in jail["logs"]:
            filter.addLogPath(path, tail=False)
            filter.getFailures(path)
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
"""
ENDING = """
sys.stdout.write("\\n" + json.dumps(answer))
"""


def forecast(program, stream, jails, running):
    """{jail: {"value": [ip]} or {"unknown": reason}} for the jails of the stream that do not run."""
    wanted = {}
    for name in sorted(set(jails) - set(running)):
        if jails[name]["values"]["backend"] != "files":
            continue
        logs = [path for path in jails[name]["values"]["logpath"] if os.path.isfile(path)]
        commands = [["add", name, "polling"]] + [command for command in stream if command[1] == name]
        wanted[name] = {"commands": commands, "logs": logs}
    if not wanted:
        return {}
    try:
        return ask(program, BODY, wanted)
    except (OSError, ValueError, AgentError, subprocess.TimeoutExpired) as error:
        return {name: {"unknown": str(error)} for name in wanted}


def ask(program, body, given):
    """Runs `body` with fail2ban's own classes and returns its answer."""
    interpreter, place = python_of(program)
    text = PREAMBLE.replace("PLACE", repr(place)) + body + ENDING
    done = subprocess.run([interpreter, "-I", "-c", text], input=json.dumps(given).encode("utf-8"),
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, cwd="/",
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    if done.returncode != 0:
        raise AgentError("forecast", "fail2ban's own classes could not be asked (exit %d)" % done.returncode)
    return json.loads(done.stdout.decode("utf-8").splitlines()[-1])


def server_program(host):
    """The path of fail2ban-server, which lies beside its client."""
    name = os.path.join(os.path.dirname(host["client"]), "fail2ban-server")
    return shutil.which(name) or name


def python_of(program):
    """(the interpreter, the folder of its modules) that fail2ban-server itself runs with."""
    with configuration.open_regular(program) as file:
        first = file.readline(256).decode("utf-8", "replace").strip()
    if not first.startswith("#!"):
        raise AgentError("forecast", "%s is not a script" % program)
    words = first[2:].split()
    interpreter = words[0] if not words[0].endswith("/env") else words[1]
    return interpreter, os.path.dirname(os.path.realpath(program))
