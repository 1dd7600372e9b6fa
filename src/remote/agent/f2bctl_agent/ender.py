"""Who ends temporary entries while nobody is logged in: a systemd timer for each end, else one small process.

Boundary: who is there to do it. `arming` brings someone, and what is done at an end is `ending`'s to say.
"""

import json
import os
import subprocess

TIMER = "f2bctl-temporary-%d"
SYSTEMD_SECONDS = 20


def state(host, present):
    """Who is there to bring the ends: "systemd", "process", or None for nobody."""
    if not present:
        return None
    if process(host) is not None:
        return "process"
    if has_systemd() and all(is_set(item["until"]) for item in present):
        return "systemd"
    return None


def has_systemd():
    """Whether a timer can be set: systemd runs this machine, and the login is root's."""
    return os.path.isdir("/run/systemd/system") and os.geteuid() == 0


def is_set(until):
    """Whether a timer for this end waits."""
    command = ["systemctl", "is-active", "--quiet", TIMER % until + ".timer"]
    try:
        return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, timeout=SYSTEMD_SECONDS) == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def pid_file(host):
    """What tells the process from others."""
    return os.path.join(host["state_dir"], "ender.pid")


def process(host):
    """The process that brings the ends, or None; its start time tells it from another that got its number."""
    try:
        with open(pid_file(host), "rb") as file:
            known = json.loads(file.read(4096).decode("ascii"))
        return known["pid"] if known["started"] is not None and started(known["pid"]) == known["started"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def started(pid):
    """When a process began, in the kernel's ticks since boot; None if there is none or it has ended already."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read(4096).rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])
