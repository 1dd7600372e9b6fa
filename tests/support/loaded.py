"""fail2ban's own programs for the tests, each run in a fork of this process, which has loaded their code once.

A test asks them dozens of times, and loading takes ten times as long as answering. It prints "ready" when it listens on
the abstract socket that its argument names, and ends when its standard input does. A request is one line, a JSON list of
words; the answer is [status, output, errors].

Boundary: it runs what Debian's package installs and decides nothing; `state` asks the server what the package's client
would ask it, value by value.
"""

import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import tempfile
import time
import traceback

sys.path[:0] = ["/usr/lib/python3/dist-packages"]

from fail2ban.client.csocket import CSocket  # noqa: E402

PROGRAMS = ("fail2ban-client", "fail2ban-regex")


def ask(path, *words):
    """What the server of a socket answers."""
    server = CSocket(path)
    try:
        code, answer = server.send(list(words))
    finally:
        server.close()
    if code:
        raise answer
    return answer


def state(path):
    """The running jails with their values, actions and bans, as {jail: {...}}."""
    names = dict(ask(path, "status"))["Jail list"]
    found = {}
    for name in [name.strip() for name in names.split(",") if name.strip()]:
        jail = {key: str(ask(path, "get", name, key)) for key in ("maxretry", "findtime", "bantime", "failregex", "usedns")}
        jail["ignoreip"] = sorted(map(str, ask(path, "get", name, "ignoreip") or []))
        jail["actions"] = sorted(ask(path, "get", name, "actions"))
        jail["actionban"] = {action: str(ask(path, "get", name, "action", action, "actionban"))
                             for action in jail["actions"]}
        jail["bans"] = {}
        for line in ask(path, "get", name, "banip", "--with-time"):
            ip, times = line.split("\t")
            begin, rest = times.split(" + ")
            since = time.mktime(time.strptime(begin.strip(), "%Y-%m-%d %H:%M:%S"))
            seconds = int(rest.split(" = ")[0])
            jail["bans"][ip.strip()] = since + seconds if seconds >= 0 else -1
        found[name] = jail
    return found


def run(words):
    """Does what the words say; the exit status."""
    program, *arguments = words
    try:
        if program in PROGRAMS:
            sys.argv = ["/usr/bin/" + program, *arguments]
            runpy.run_path(sys.argv[0], run_name="__main__")
        else:
            print(json.dumps(state(*arguments)))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def serve(connection):
    """Reads one request, and answers when it is done; it is done in a process of its own, which may end as it likes."""
    words = json.loads(connection.makefile().readline())
    printed = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]
    child = os.fork()
    if child == 0:
        connection.close()
        for place, file in enumerate(printed, 1):
            os.dup2(file.fileno(), place)
        status = run(words)
        for stream in (sys.stdout, sys.stderr):
            if not stream.closed:
                stream.flush()
        os._exit(status & 0xff)
    ended = os.waitpid(child, 0)[1]
    texts = []
    for file in printed:
        file.seek(0)
        texts.append(file.read().decode("utf-8", "replace"))
    connection.sendall(json.dumps([ended, *texts]).encode())


def main():
    """Listens until standard input ends."""
    for program in PROGRAMS:
        importlib.import_module("fail2ban.client." + program.replace("-", ""))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind("\0" + sys.argv[1])
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    while True:
        readable, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in readable:
            return
        connection = listener.accept()[0]
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            serve(connection)
            os._exit(0)
        connection.close()


main()
