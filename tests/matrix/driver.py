"""Runs the agent with a fault at a chosen point; it lies on a host of the matrix and not in the product.

It is called in python3's place, as `driver.py -I -c PROGRAM CONNECTION`. A point is a call that changes something:
a file below the configuration or the state directory, a command to fail2ban-client, a `set` on fail2ban's socket.
The points are numbered from the moment at which the change's folder is made. `plan.json` holds {do, at, ...}; the
first agent takes it, so that later logins find a sound host.
"""

import builtins
import errno
import io
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time

PLACE = "/run/f2bm/"
WATCHED = ("/etc/fail2ban", "/var/lib/f2bctl")
real = {"open": os.open, "write": os.write, "rename": os.rename, "unlink": os.unlink, "mkdir": os.mkdir,
        "fsync": os.fsync, "ftruncate": os.ftruncate, "file": builtins.open,
        "link": os.link, "sendall": socket.socket.sendall}
os.rename(PLACE + "plan.json", PLACE + "plan.taken")
with open(PLACE + "plan.taken") as file:
    plan = json.load(file)
state = {"count": None, "failing": None, "reloads": 0, "busy": False, "last": None}


def watched(path):
    """Whether a path is a place that changes write to."""
    return str(path).startswith(WATCHED)


def point(label, allocates=False):
    """One numbered place; the planned fault happens before the call that it stands for."""
    if state["busy"]:
        return
    if state["count"] is None:
        if not label.startswith("mkdir /var/lib/f2bctl/changes/"):
            return
        state["count"] = 0
        early = sys.modules["f2bctl_agent.early"]
        early.client = watch_client(early.client)
    state["count"] += 1
    log("%d %s" % (state["count"], label))
    if state["count"] == plan.get("at") or (plan.get("after") and state["last"] == plan["after"]):
        state["busy"] = True
        strike(plan["do"], label)
        state["busy"] = False
    state["last"] = label
    if state["failing"] == errno.EROFS or (state["failing"] == errno.ENOSPC and allocates):
        raise OSError(state["failing"], os.strerror(state["failing"]), label.split()[-1])


def log(line):
    """Says which points were passed."""
    descriptor = real["open"](PLACE + "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    real["write"](descriptor, (line + "\n").encode())
    os.close(descriptor)


def strike(what, label):
    """Brings the fault about."""
    log("! " + what)
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "outside":  # the harness does it, and says when it is done
        with real["file"](PLACE + "reached.new", "w") as out:
            out.write(str(os.getpid()))
        real["rename"](PLACE + "reached.new", PLACE + "reached")
        while os.path.exists(PLACE + "reached"):
            time.sleep(0.01)
    elif what == "fill":
        fill()
    elif what == "read_only":
        state["failing"] = errno.EROFS
    elif what == "server":
        kill_server()
    elif what == "another_hand":
        edit()


def fill():
    """Fills the disk that holds configuration and state, to the last byte."""
    descriptor = real["open"]("/var/lib/filler", os.O_WRONLY | os.O_CREAT, 0o600)
    size = 1 << 20
    while size:
        try:
            real["write"](descriptor, b"x" * size)
        except OSError:
            size //= 2
    os.close(descriptor)


def kill_server():
    """SIGKILL for fail2ban-server."""
    try:
        with real["file"]("/run/fail2ban/fail2ban.pid") as file:
            os.kill(int(file.read()), signal.SIGKILL)
    except (OSError, ValueError):
        pass


def kill_server_meanwhile():
    """The same a moment from now, and of a server that is only starting when it has its pid file."""
    time.sleep(0.03)
    until = time.monotonic() + 5
    while not os.path.exists("/run/fail2ban/fail2ban.pid") and time.monotonic() < until:
        time.sleep(0.005)
    kill_server()


def edit():
    """Another hand saves jail.local with a comment more, as an editor does."""
    with real["file"]("/etc/fail2ban/jail.local", "rb") as file:
        data = file.read()
    with real["file"]("/etc/fail2ban/.other", "wb") as out:
        out.write(data + b"# another hand was here\n")
    os.chmod("/etc/fail2ban/.other", 0o644)
    real["rename"]("/etc/fail2ban/.other", "/etc/fail2ban/jail.local")


def watch_open(path, flags, mode=0o777, **rest):
    if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and watched(path):
        point("open %s" % path, allocates=bool(flags & os.O_CREAT) and not os.path.exists(path))
    return real["open"](path, flags, mode, **rest)


def watch_file(path, mode="r", *more, **rest):
    if set(mode) & set("wax+") and watched(path):
        point("open %s" % path)
    return real["file"](path, mode, *more, **rest)


def watch_write(descriptor, data):
    if watched(of(descriptor)):
        point("write %s" % of(descriptor), allocates=True)
    return real["write"](descriptor, data)


def watch_fsync(descriptor):
    if watched(of(descriptor)):
        point("fsync %s" % of(descriptor))
    return real["fsync"](descriptor)


def watch_ftruncate(descriptor, size):
    if watched(of(descriptor)):
        point("ftruncate %s" % of(descriptor))
    return real["ftruncate"](descriptor, size)


def watch_path(name):
    def call(path, *more, **rest):
        if watched(path):
            point("%s %s" % (name, " ".join(str(word) for word in (path,) + more[:1] if isinstance(word, str))))
        return real[name](path, *more, **rest)
    return call


def of(descriptor):
    return os.readlink("/proc/self/fd/%d" % descriptor)


def watch_client(usual):
    """The agent's `early.client`, which runs fail2ban-client: one that moves the server is a point."""
    def client(host, words, *more, **rest):
        if not any(word in ("reload", "start", "stop") for word in words):
            return usual(host, words, *more, **rest)
        point("client " + " ".join(words[2:]))
        state["reloads"] += 1
        return moved(lambda: usual(host, words, *more, **rest))
    return client


class Ended:
    """A fail2ban-client that has ended, as its caller sees it."""

    def __init__(self, process):
        output = process.communicate()[0]
        self.args, self.returncode = process.args, process.returncode
        descriptor = os.memfd_create("output")
        os.pwrite(descriptor, output, 0)
        self.stdout = io.FileIO(descriptor)

    def wait(self, timeout=None):
        return self.returncode


def moved(begin):
    """A reload or start, with what the plan has for it: {"moves": [what, ...]}, the last one for all that follow."""
    moves = plan.get("moves", ["sound"])
    what = moves[min(state["reloads"], len(moves)) - 1]
    state["busy"] = True
    try:
        if what == "broken":
            return broken(begin)
        if what == "server":
            # Some way into the reload, and at the latest when it would be over: behind that it were another fault.
            killer = threading.Thread(target=kill_server_meanwhile)
            killer.start()
            begun = begin()
            killer.join()
            return Ended(begun)
        done = Ended(begin())
        if what == "otherwise":
            subprocess.run(["fail2ban-client", "set", "asterisk-scan", "findtime", "77"], stdout=subprocess.DEVNULL)
        return done
    finally:
        state["busy"] = False


def broken(begin):
    """A reload that really fails: fail2ban drops every jail over a value that `-t` does not see."""
    path = "/etc/fail2ban/jail.d/zz-broken.local"
    with real["file"](path, "w") as out:
        out.write("[asterisk-scan]\nmaxretry = abc\n")
    try:
        return Ended(begin())
    finally:
        real["unlink"](path)


def watch_sendall(self, data, *flags):
    if self.family == socket.AF_UNIX and data.startswith(b"\x80"):
        words = pickle.loads(data[:data.rindex(b"<F2B_END_COMMAND>")])
        if words[0] == "set":
            point("socket " + " ".join(map(str, words)))
    return real["sendall"](self, data, *flags)


class Socket(socket.socket):
    """A socket whose `set` commands are points."""

    sendall = watch_sendall


os.open, os.write, os.fsync, os.ftruncate = watch_open, watch_write, watch_fsync, watch_ftruncate
os.rename, os.unlink, os.mkdir = watch_path("rename"), watch_path("unlink"), watch_path("mkdir")
os.link = watch_path("link")
builtins.open, socket.socket = watch_file, Socket
if plan.get("before"):
    before = json.loads  # the first request of all: what another hand does between the plan and the change

    def loads(text, *more, **rest):
        value = before(text, *more, **rest)
        if isinstance(value, dict) and value.get("verb") == "apply" and plan["before"]:
            what, plan["before"] = plan["before"], None
            strike(what, "apply")
        return value
    json.loads = loads
position = sys.argv.index("-c")
program, sys.argv = sys.argv[position + 1], ["-c"] + sys.argv[position + 2:]
exec(compile(program, "bootstrap", "exec"), {"__name__": "__main__"})
