"""The order of writes and fsyncs of a change, as the kernel saw it: what a power cut at any moment would leave.

Boundary: it judges a trace of strace; the model is the hard one, in which data is on the disk only after an fsync of the
file, and a name only after an fsync of its folder.
"""

import os
import re
import subprocess
import time

CALLS = "openat,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,ftruncate"
STATE = "/var/lib/f2bctl"
CONFIG = "/etc/fail2ban"


def attach(agent, path):
    """Traces an agent from now on: the tracer, once it is attached."""
    tracer = subprocess.Popen(["strace", "-y", "-s", "32", "-e", "trace=" + CALLS, "-o", path, "-p", str(agent)],
                              stderr=subprocess.PIPE)
    line = tracer.stderr.readline()
    if b"attached" not in line:
        raise RuntimeError("strace: %s" % line.decode())
    time.sleep(0.1)
    return tracer


def events(path, root):
    """[(call, path, other path)] of the calls that succeeded below the configuration and the state directory."""
    found = []
    with open(path) as file:
        for line in file:
            match = re.match(r"(\w+)\((.*)\)\s+= (\d+)", line)
            if not match:
                continue
            call, arguments = match.group(1), match.group(2).replace(root, "")
            places = re.findall(r'<(/[^>]*)>', arguments) if call in ("write", "pwrite64", "fsync", "fdatasync", "ftruncate") \
                else re.findall(r'"(/[^"]*)"', arguments)
            if call == "openat" and "O_CREAT" not in arguments:
                continue
            if places and places[0].startswith((STATE, CONFIG)):
                found.append((call, places[0], places[1] if len(places) > 1 else None))
    return found


def judge(seen):
    """What a power cut could break, in sentences; nothing if the order is right."""
    problems, unsynced, names, phases = [], set(), set(), 0
    for call, path, other in seen:
        if call in ("write", "pwrite64", "ftruncate"):
            unsynced.add(path)
        elif call in ("fsync", "fdatasync"):
            unsynced.discard(path)
            names = {name for name in names if os.path.dirname(name) != path}
        elif call in ("openat", "mkdir", "mkdirat"):
            names.add(path)
        elif call in ("unlink", "unlinkat"):
            names.discard(path)
            names.add(path)
        elif call.startswith(("rename", "link")):
            if path in unsynced:
                problems.append("%s was renamed to %s before its content was durable" % (path, other))
            if other == CONFIG + "/jail.local":
                left = sorted(name for name in unsynced | names if name.startswith(STATE + "/changes/")
                              and not name.endswith("/phase.new"))
                left = [name for name in left if ".new-" not in name]
                if left or phases < 2:
                    problems.append("jail.local was replaced before the journal was durable: %s" % left)
            if other and other.endswith("/phase"):
                phases += 1
                left = sorted(name for name in names if name == CONFIG + "/jail.local")
                if left:
                    problems.append("a phase was written before the name of jail.local was durable")
            names.discard(path)
            names.add(other)
    return problems
