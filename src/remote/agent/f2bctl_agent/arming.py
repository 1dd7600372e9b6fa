"""Sees to it that temporary entries end by themselves.

    arm -> STATE/ender.json (this program and the host's paths)
        -> systemd-run: a transient timer for each end, gone with a reboot as the entries are
        -> or a detached process, known by STATE/ender.pid, that sleeps until the next end and is woken by SIGHUP

Boundary: it brings someone; who is there already `ender` knows, and what is done at an end `ending`.
"""

import json
import os
import signal
import subprocess
import sys
import time

from f2bctl_agent import configuration, ender, temporary
from f2bctl_agent.loop import AgentError, describe

# It gets the program's file as its argument. No data is in the command line but the path.
BOOT = ("import sys,json;p=json.load(open(sys.argv[1]));m=p['modules'];"
        "exec(compile(m['boot'],'f2bctl_agent/boot.py','exec'),"
        "{'modules':m,'connection':'','entrance':('ending','run',[p['host'],sys.argv[2]])})")


def arm(session, host, present):
    """Makes sure that every entry's end comes by itself; says who brings it: "systemd", "process", or None for none.

    The process is woken in any case, so that it learns of a new end, or that there is none left.
    """
    program = os.path.join(host["state_dir"], "ender.json")
    wanted = {"modules": session["sources"], "host": host}
    found = _program(program)
    if present:
        configuration.write_durably(program, json.dumps(wanted).encode("utf-8"))
    pid = ender.process(host)
    if pid is not None and found not in (None, wanted):
        # One of another version may wait for what this one does not wait for. It acts under the lock alone, which is
        # ours now.
        os.kill(pid, signal.SIGTERM)
        pid = None
    if pid is not None:
        os.kill(pid, signal.SIGHUP)
    if not present:
        return None
    if ender.has_systemd():
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
    """Wakes who brings the ends, or finds someone again where there is none: (who it is, why there is nobody).

    Every change does so at its end, and every undo: what an undo puts back in the register needs an end again.
    """
    try:
        return (arm(session, host, temporary.entries(host)), None) if os.path.exists(temporary.path(host)) else (None,
        None)
    except OSError as error:
        return None, describe(error)
    except AgentError as error:
        return None, error.message


def _set_timer(program, until):
    if ender.is_set(until):
        return
    moment = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(until))
    command = [
        "systemd-run", "--quiet", "--collect", "--unit=" + ender.TIMER % until, "--on-calendar=" + moment,
        "--timer-property=AccuracySec=1s", "--description=Ends temporary whitelist entries of fail2ban (f2bctl)",
        sys.executable, "-I", "-c", BOOT, program, "once",
    ]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=ender.SYSTEMD_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AgentError("precondition", "no timer for the end of a temporary entry: %s" % error)
    if done.returncode != 0:
        output = done.stdout.decode("utf-8", "replace").strip()
        raise AgentError("precondition", "no timer for the end of a temporary entry: systemd-run says %s" % output)


def _start(host, program):
    """Starts the process free of this session: its own process group, no descriptor of ours (the lock is one)."""
    command = [sys.executable, "-I", "-c", BOOT, program, "stay"]
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, cwd="/", close_fds=True, start_new_session=True,
                                 preexec_fn=hold_hangups)
    except OSError as error:
        raise AgentError("precondition", "no process for the end of a temporary entry: %s" % describe(error))
    text = json.dumps({"pid": child.pid, "started": ender.started(child.pid)})
    configuration.write_durably(ender.pid_file(host), text.encode("ascii"))


def hold_hangups():
    """The wake-up call may come before the process is ready for it; held back, it is not lost and kills nobody."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
