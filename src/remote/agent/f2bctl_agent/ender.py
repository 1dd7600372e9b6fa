"""Who ends temporary entries while nobody is logged in: a systemd timer for each end, else one small process.

    arm -> STATE/ender.json (this program and the host's paths)
        -> systemd-run: a transient timer for each end, gone with a reboot as the entries are
        -> or a detached process, known by STATE/ender.pid, that sleeps until the next end and is woken by SIGHUP

Boundary: who is there to do it; what is done at an end is `ending`'s to say.
"""

import json
import os
import signal
import subprocess
import sys
import time

from f2bctl_agent import configuration, temporary
from f2bctl_agent.loop import AgentError, describe

# It gets the program's file as its argument. No data is in the command line but the path.
BOOT = ("import sys,json;p=json.load(open(sys.argv[1]));m=p['modules'];"
        "exec(compile(m['boot'],'f2bctl_agent/boot.py','exec'),"
        "{'modules':m,'connection':'','entrance':('ending','run',[p['host'],sys.argv[2]])})")
TIMER = "f2bctl-temporary-%d"
SYSTEMD_SECONDS = 20


def arm(session, host, present):
    """Makes sure that every entry's end comes by itself; says who brings it: "systemd", "process", or None for none.

    The process is woken in any case, so that it learns of a new end, or that there is none left.
    """
    program = os.path.join(host["state_dir"], "ender.json")
    wanted = {"modules": session["sources"], "host": host}
    found = _program(program)
    if present:
        configuration.write_durably(program, json.dumps(wanted).encode("utf-8"))
    pid = process(host)
    if pid is not None and found not in (None, wanted):
        # One of another version may wait for what this one does not wait for. It acts under the lock alone, which is ours now.
        os.kill(pid, signal.SIGTERM)
        pid = None
    if pid is not None:
        os.kill(pid, signal.SIGHUP)
    if not present:
        return None
    if has_systemd():
        for until in sorted({item["until"] for item in present}):
            _set_timer(program, until)
        return "systemd"
    if pid is None:
        _start(host, program)
    return "process"


def _program(path):
    """The program that the process runs, or None where it cannot be read."""
    try:
        return json.loads(configuration.read_bytes(path).decode("utf-8"))
    except (OSError, ValueError, AgentError):
        return None


def look_after(session, host):
    """Wakes who brings the ends, or finds somebody anew where there is none: (who it is, why there is nobody).

    Every change does so at its end, and every undo: what an undo puts back in the register needs an end again.
    """
    try:
        return (arm(session, host, temporary.entries(host)), None) if os.path.exists(temporary.path(host)) else (None, None)
    except OSError as error:
        return None, describe(error)
    except AgentError as error:
        return None, error.message


def state(host, present):
    """Who is there to bring the ends: "systemd", "process", or None for nobody."""
    if not present:
        return None
    if process(host) is not None:
        return "process"
    if has_systemd() and all(_is_set(item["until"]) for item in present):
        return "systemd"
    return None


def has_systemd():
    """Whether a timer can be set: systemd runs this machine, and the login is root's."""
    return os.path.isdir("/run/systemd/system") and os.geteuid() == 0


def _set_timer(program, until):
    if _is_set(until):
        return
    moment = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(until))
    command = [
        "systemd-run", "--quiet", "--collect", "--unit=" + TIMER % until, "--on-calendar=" + moment,
        "--timer-property=AccuracySec=1s", "--description=Ends temporary whitelist entries of fail2ban (f2bctl)",
        sys.executable, "-I", "-c", BOOT, program, "once",
    ]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SYSTEMD_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AgentError("precondition", "no timer for the end of a temporary entry: %s" % error)
    if done.returncode != 0:
        said = done.stdout.decode("utf-8", "replace").strip()
        raise AgentError("precondition", "no timer for the end of a temporary entry: systemd-run says %s" % said)


def _is_set(until):
    command = ["systemctl", "is-active", "--quiet", TIMER % until + ".timer"]
    try:
        return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, timeout=SYSTEMD_SECONDS) == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def pid_file(host):
    return os.path.join(host["state_dir"], "ender.pid")


def process(host):
    """The process that brings the ends, or None; its start time tells it from another that got its number."""
    try:
        with open(pid_file(host), "rb") as file:
            known = json.loads(file.read(4096).decode("ascii"))
        return known["pid"] if known["started"] is not None and _started(known["pid"]) == known["started"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _started(pid):
    """When a process began, in the kernel's ticks since boot; None if there is none or it has ended already."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read(4096).rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def _start(host, program):
    """Starts the process free of this session: its own process group, no descriptor of ours (the lock is one)."""
    command = [sys.executable, "-I", "-c", BOOT, program, "stay"]
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, cwd="/", close_fds=True, start_new_session=True,
                                 preexec_fn=hold_hangups)
    except OSError as error:
        raise AgentError("precondition", "no process for the end of a temporary entry: %s" % describe(error))
    text = json.dumps({"pid": child.pid, "started": _started(child.pid)})
    configuration.write_durably(pid_file(host), text.encode("ascii"))


def hold_hangups():
    """The wake-up call may come before the process is ready for it; held back, it is not lost and kills nobody."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
