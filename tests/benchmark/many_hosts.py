"""Processor time, memory and wall time of one f2bctl over many hosts beside OpenSSH's client once a host; see `many_hosts`.

One sshd answers on as many addresses of 127.0.0.0/8 as there are hosts, in a network namespace of its own; behind it is one
fail2ban. Counted is the operator's side alone: the process and the children that it waited for.
"""

import argparse
import os
import pathlib
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PORT = 2222
# The runbook, "Check status".
RUNBOOK = "fail2ban-client status; fail2ban-client status asterisk-auth; fail2ban-client status asterisk-scan; " \
          "fail2ban-client get asterisk-auth ignoreip"


class Measured:
    """One run of one way."""

    def __init__(self, wall, processor, memory):
        self.wall = wall
        self.processor = processor
        self.memory = memory


def run(commands, at_once, environment):
    """Runs commands, so many at once, to their ends, which have to be good."""
    began = time.monotonic()
    waiting = list(commands)
    running = {}
    processor = 0.0
    memory = 0
    answers = tempfile.TemporaryFile()
    while waiting or running:
        while waiting and len(running) < at_once:
            process = subprocess.Popen(waiting.pop(), stdin=subprocess.DEVNULL, stdout=answers,
                                       stderr=subprocess.PIPE, env=environment)
            running[process.pid] = process
        pid, status, used = os.wait4(-1, 0)
        process = running.pop(pid, None)
        if process is None:
            continue
        if status != 0:
            answers.seek(0)
            said = process.stderr.read().decode() + answers.read().decode()
            errors = re.findall(r'"message":"[^"]*"', said) or [said[-2000:]]
            raise SystemExit("%s ended with %d: %s" % (process.args[:4], os.WEXITSTATUS(status), set(errors)))
        process.stderr.close()
        processor += used.ru_utime + used.ru_stime
        memory = max(memory, used.ru_maxrss)
    return Measured(time.monotonic() - began, processor, memory)


def address(number):
    """The address of a host, the first being 127.0.1.1."""
    return "127.0.%d.%d" % (1 + number // 200, 1 + number % 200)


def prepare(folder, lab, hosts):
    """The operator's files: known_hosts, ssh's options, f2bctl's configuration."""
    key = " ".join((lab / "ssh" / "host_key.pub").read_text().split()[:2])
    identity = lab / "ssh" / "user_key"
    known = folder / "known_hosts"
    known.write_text("".join("[%s]:%d %s\n" % (address(number), PORT, key) for number in range(hosts)))
    tables = ['[hosts.h%d]\naddress = "root@%s:%d"\nidentity = "%s"\nknown_hosts = "%s"\ngroups = ["many"]\n'
              % (number, address(number), PORT, identity, known) for number in range(hosts)]
    (folder / "config.toml").write_text("\n".join(tables))
    return ["-F", "/dev/null", "-o", "UserKnownHostsFile=%s" % known, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
            "-i", str(identity), "-p", str(PORT)]


def measure(wanted, folder):
    """Inside of the namespaces: every way in turn, round after round."""
    lab = folder / "s" / "f2bctl" / "lab"
    options = prepare(folder, lab, wanted.hosts)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "USER": "root", "XDG_CONFIG_HOME": str(folder / "c"),
                   "XDG_STATE_HOME": str(folder / "s")}
    server = subprocess.Popen(["unshare", "-m", "sh", str(HERE / "far_host.sh"), str(lab), str(PORT), "0.0.0.0"],
                              start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for("127.0.0.1", PORT)

    def ssh(command):
        return [["ssh"] + options + ["root@" + address(number), command] for number in range(wanted.hosts)]

    def f2bctl(count):
        chosen = ",".join("h%d" % number for number in range(count))
        return [[wanted.f2bctl, "--config", str(folder / "config.toml"), "--json", "-H", chosen, "status"]]

    ways = [("`ssh HOST true`, once a host", ssh("true"), wanted.hosts),
            ("`ssh HOST` with the runbook's four commands, once a host", ssh(RUNBOOK), wanted.hosts),
            ("`f2bctl status` of all hosts", f2bctl(wanted.hosts), wanted.hosts),
            ("`f2bctl status` of a tenth of them", f2bctl(wanted.hosts // 10), wanted.hosts // 10)]
    rows = {}
    try:
        for _ in range(wanted.runs):
            for name, commands, count in ways:
                rows.setdefault(name, (count, []))[1].append(run(commands, wanted.at_once, environment))
                # The hosts' side ends a moment later, and must not run into the next measurement.
                time.sleep(1)
    finally:
        server.terminate()
        server.wait()
    return rows


def wait_for(host, port):
    """Returns when something greets there."""
    for _ in range(200):
        try:
            with socket.create_connection((host, port), 1) as probe:
                if probe.recv(4):
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("nothing listens on port %d" % port)


def table(rows):
    """The measurements as a Markdown table of medians."""
    lines = ["| way | hosts | processor ms a host, operator's side | memory MB | wall s |", "|---|---|---|---|---|"]
    for name, (count, runs) in rows.items():
        median = lambda pick: statistics.median(pick(found) for found in runs)
        lines.append("| %s | %d | %.1f | %.0f | %.2f |" % (
            name, count, median(lambda found: found.processor) * 1000 / count,
            median(lambda found: found.memory) / 1024, median(lambda found: found.wall)))
    return "\n".join(lines)


def main():
    """Brings the lab up, measures in namespaces of its own, takes the lab down."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--f2bctl", default=str(HERE.parent.parent / "target" / "release" / "f2bctl"))
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.inside:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        print(table(measure(wanted, pathlib.Path(wanted.inside))))
        return
    folder = pathlib.Path(tempfile.mkdtemp(prefix="f2bctl-many-"))
    environment = dict(os.environ, XDG_CONFIG_HOME=str(folder / "c"), XDG_STATE_HOME=str(folder / "s"))
    for name in ("F2BCTL_CONFIG", "F2BCTL_HOST", "SSH_AUTH_SOCK"):
        environment.pop(name, None)
    try:
        subprocess.run([wanted.f2bctl, "-q", "lab", "up"], env=environment, check=True, stdout=subprocess.DEVNULL)
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        subprocess.run(["unshare", "-n", sys.executable, __file__, "--inside", str(folder)] + sys.argv[1:], check=True)
    finally:
        subprocess.run([wanted.f2bctl, "-q", "lab", "down"], env=environment, check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
