"""fail2ban-clients that start before their words are known, so that Python and fail2ban are loaded when these come.

Boundary: what runs is the host's own client script under its own interpreter, given its arguments over stdin; where
that interpreter cannot be given them (a wrapper, another language), or the early one has gone, a client starts as it
always did. One that never gets any ends with the agent, because its stdin does; whether one that got them ends with it
too is the caller's to say: what only reads a copy does, a reload goes on to its end.
"""

import json
import os
import shutil
import subprocess

from f2bctl_agent.loop import die_with_parent

WAITING = []
# In the client: load, wait for the words, then be the script. Its modules are loaded by name, whichever version it is.
GATE = """
import os, runpy, sys
program = sys.argv[1]
sys.path[0] = os.path.dirname(os.path.realpath(program))
for name in ("fail2banclient", "configurator", "fail2bancmdline"):
    try:
        __import__("fail2ban.client." + name)
    except Exception:
        break
import json
line = sys.stdin.readline()
if not line.endswith("\\n"):
    os._exit(0)
given = json.loads(line)
if given["dies"]:
    import ctypes
    ctypes.CDLL(None).prctl(1, 9)
    if os.getppid() != given["agent"]:
        os._exit(0)
sys.argv = [program] + given["words"]
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
runpy.run_path(program, run_name="__main__")
"""


def expect(host, count):
    """Starts clients until so many wait; what goes wrong with that is left to the time when one is needed."""
    interpreter = python_of(host["client"])
    while interpreter is not None and len(WAITING) < count:
        program = shutil.which(host["client"])
        try:
            process = subprocess.Popen(interpreter + ["-c", GATE, program], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/")
        except OSError:
            return
        WAITING.append((host["client"], process))


def client(host, words, dies=False):
    """A running `client words...` with its output in a pipe, which dies with the agent if that is wanted;
    FileNotFoundError where the host has no such program."""
    for number, (program, process) in enumerate(WAITING):
        if program != host["client"]:
            continue
        del WAITING[number]
        try:
            given = {"words": words, "dies": dies, "agent": os.getpid()}
            process.stdin.write(json.dumps(given).encode("ascii") + b"\n")
            process.stdin.close()
        except OSError:
            process.kill()
            process.communicate()
            break
        process.stdin = None
        return process
    return subprocess.Popen([host["client"]] + words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, preexec_fn=die_with_parent if dies else None, cwd="/")


def python_of(program):
    """The interpreter of a Python script as its first line names it, with its options; None for anything else."""
    path = shutil.which(program)
    try:
        with open(path or program, "rb") as file:
            first = file.readline(256).decode("ascii", "replace")
    except OSError:
        return None
    words = first[2:].split() if first.startswith("#!") else []
    if not words or not os.path.basename(words[0]).startswith("python") or not os.path.isabs(words[0]):
        return None
    return words
