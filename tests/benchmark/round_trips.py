"""Measures f2bctl beside OpenSSH's client and Ansible over a relay that delays each packet; see `round_trips`.

It prints one table: wall time (median, and the span of all runs), round trips as the relay counts them, connections.
All ways are run in turn within each round, so that a machine that is busy for a while is busy for all of them.
"""

import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
# Of the real-time priorities 1 to 99; the operator's side and the relay come before the host's.
HOST_PRIORITY = 5
CUSTOMER = "Sea View Rooms"
EDIT = "sed -i 's|^ignoreip = .*|& 192.0.2.128/28|; s|^ignoreip = |# 192.0.2.128/28 Sea View Rooms\\n&|' " \
       "/etc/fail2ban/jail.local"
# The runbook, "Adding a new customer": steps 2 to 4, and the check in both jails.
RUNBOOK = [
    "cp /etc/fail2ban/jail.local /etc/fail2ban/jail.local.bak-$(date +%F)",
    EDIT,
    "fail2ban-client reload",
    "fail2ban-client get asterisk-auth ignoreip",
    "fail2ban-client get asterisk-scan ignoreip",
]
PLAYBOOK = """
- hosts: far
  gather_facts: false
  tasks:
    - copy: {src: /etc/fail2ban/jail.local, dest: /etc/fail2ban/jail.local.bak-ansible, remote_src: true}
    - command: "sh -c '%s'"
    - command: fail2ban-client reload
    - command: fail2ban-client get asterisk-auth ignoreip
    - command: fail2ban-client get asterisk-scan ignoreip
"""


class Bench:
    """The lab, a host at the usual paths over it, the relay in front, and what was measured."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="f2bctl-trips-"))
        self.processes = []
        self.environment = dict(os.environ, XDG_CONFIG_HOME=str(self.folder / "c"), XDG_STATE_HOME=str(self.folder / "s"),
                                F2BCTL_CONFIG="", F2BCTL_HOST="")
        for name in ("F2BCTL_CONFIG", "F2BCTL_HOST", "SSH_AUTH_SOCK"):
            self.environment.pop(name, None)
        self.lab = self.folder / "s" / "f2bctl" / "lab"
        self.log = self.folder / "relay.log"
        self.rows = {}

    def start(self):
        """Brings everything up."""
        subprocess.run([self.wanted.f2bctl, "-q", "lab", "up"], env=self.environment, check=True,
                       stdout=subprocess.DEVNULL)
        inner = free_port()
        self.spawn(["unshare", "-m", "sh", str(HERE / "far_host.sh"), str(self.lab), str(inner)])
        relay = self.spawn([sys.executable, str(HERE / "relay.py"), "--to", "127.0.0.1:%d" % inner,
                            "--one-way", str(self.wanted.one_way), "--log", str(self.log)], stdout=subprocess.PIPE, preexec_fn=self.ahead_of(2))
        self.port = int(relay.stdout.readline())
        wait_for(inner)
        key = (self.lab / "ssh" / "host_key.pub").read_text().split()[:2]
        known = self.folder / "known_hosts"
        known.write_text("[127.0.0.1]:%d %s\n" % (self.port, " ".join(key)))
        (self.folder / "config.toml").write_text(
            'default_host = "far"\n[hosts.far]\naddress = "root@127.0.0.1:%d"\nidentity = "%s"\nknown_hosts = "%s"\n'
            'allow_special = true\n' % (self.port, self.lab / "ssh" / "user_key", known))
        self.ssh_options = ["-F", "/dev/null", "-o", "UserKnownHostsFile=%s" % known, "-o", "IdentitiesOnly=yes",
                            "-o", "BatchMode=yes", "-i", str(self.lab / "ssh" / "user_key"), "-p", str(self.port)]
        self.pristine = (self.lab / "etc" / "fail2ban" / "jail.local").read_bytes()
        self.ansible = shutil.which("ansible-playbook")
        (self.folder / "playbook.yml").write_text(PLAYBOOK % EDIT.replace("'", '"').replace("\\", "\\\\").replace('"', '\\"'))
        (self.folder / "hosts.ini").write_text(
            "far ansible_host=127.0.0.1 ansible_port=%d ansible_user=root ansible_ssh_private_key_file=%s "
            "ansible_python_interpreter=/usr/bin/python3 ansible_ssh_common_args='-F /dev/null -o UserKnownHostsFile=%s'\n"
            % (self.port, self.lab / "ssh" / "user_key", known))

    def stop(self):
        """Ends what was started, and removes its files."""
        for process in reversed(self.processes):
            process.terminate()
            process.wait()
        subprocess.run([self.wanted.f2bctl, "-q", "lab", "down"], env=self.environment, check=False,
                       stdout=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ahead_of(self, steps):
        """With --real-time: a process before those of the host, which would be another machine's; else nothing."""
        if not self.wanted.real_time:
            return None
        return lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(HOST_PRIORITY + steps))

    def spawn(self, command, **more):
        """Starts a process that `stop` ends."""
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=open(self.folder / "err.log", "ab"), **more)
        self.processes.append(process)
        return process

    def run(self, command, text=None):
        """Runs a command to its end and returns its stdout."""
        done = subprocess.run(command, env=self.environment, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              preexec_fn=self.ahead_of(1), stdin=None if text is not None else subprocess.DEVNULL, universal_newlines=True)
        if done.returncode != 0:
            raise SystemExit("%s ended with %d: %s%s" % (command, done.returncode, done.stdout, done.stderr))
        return done.stdout

    def ssh(self, command):
        """One call of OpenSSH's client."""
        return self.run(["ssh"] + self.ssh_options + ["root@127.0.0.1", command])

    def ssh_true(self):
        """`ssh HOST true`."""
        self.ssh("true")

    def five_calls(self):
        """The runbook, a call a line."""
        for command in RUNBOOK:
            self.ssh(command)
        self.check()

    def one_script(self):
        """The runbook as one script on stdin."""
        self.run(["ssh"] + self.ssh_options + ["root@127.0.0.1", "sh -s"], "set -e\n" + "\n".join(RUNBOOK) + "\n")
        self.check()

    def playbook(self):
        """The runbook as a playbook."""
        self.environment["ANSIBLE_HOME"] = str(self.folder / "ansible")
        self.environment["ANSIBLE_HOST_KEY_CHECKING"] = "True"
        self.environment["ANSIBLE_PIPELINING"] = "True"
        self.environment["ANSIBLE_SSH_ARGS"] = "-C -o ControlMaster=no" if self.wanted.plain_ansible else \
            "-C -o ControlMaster=auto -o ControlPersist=2s -o ControlPath=%s/cm" % self.folder
        self.run([self.ansible, "-i", str(self.folder / "hosts.ini"), str(self.folder / "playbook.yml")])
        self.check()

    def f2bctl(self, *arguments):
        """One run of f2bctl; its answer is looked at."""
        answer = self.run([self.wanted.f2bctl, "--config", str(self.folder / "config.toml"), "--json"] + list(arguments))
        return json.loads(answer)

    def status(self):
        """`f2bctl status`."""
        assert self.f2bctl("status")["fail2ban"]["running"] is True

    def onboard(self):
        """`f2bctl onboard`, approved beforehand."""
        answer = self.f2bctl("--yes", "onboard", "192.0.2.128/28", "--customer", CUSTOMER)
        assert answer["outcome"] == "changed" and all(row["ok"] for row in answer["proof"]), answer
        self.check()

    def check(self):
        """The change is in force."""
        answer = subprocess.run(["fail2ban-client", "-c", str(self.lab / "etc" / "fail2ban"), "get", "asterisk-scan",
                                 "ignoreip"], stdout=subprocess.PIPE, universal_newlines=True).stdout
        assert "192.0.2.128/28" in answer, answer

    def reset(self):
        """The host as it was, outside of the clock."""
        folder = self.lab / "etc" / "fail2ban"
        if (folder / "jail.local").read_bytes() == self.pristine:
            return
        (folder / "jail.local").write_bytes(self.pristine)
        for backup in folder.glob("jail.local.bak-*"):
            backup.unlink()
        subprocess.run(["fail2ban-client", "-c", str(folder), "reload"], stdout=subprocess.DEVNULL, check=True)

    def measure(self, name, act):
        """One run of one way."""
        self.log.write_text("")
        began = time.monotonic()
        act()
        wall = time.monotonic() - began
        self.reset()
        time.sleep(4 * self.wanted.one_way / 1000 + 0.1)
        if name.startswith("Ansible"):
            time.sleep(2.5)
        exchanges = [json.loads(line) for line in self.log.read_text().splitlines()]
        self.rows.setdefault(name, []).append((wall, sum(row["round_trips"] for row in exchanges), len(exchanges)))

    def table(self):
        """The measurements as a Markdown table."""
        lines = ["| way | median s | fastest to slowest s | round trips | connections |", "|---|---|---|---|---|"]
        for name, runs in self.rows.items():
            walls = [run[0] for run in runs]
            lines.append("| %s | %.2f | %.2f to %.2f | %d | %d |" % (
                name, statistics.median(walls), min(walls), max(walls), statistics.median(run[1] for run in runs),
                statistics.median(run[2] for run in runs)))
        return "\n".join(lines)


def free_port():
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    """Returns when something greets on the port."""
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as probe:
                if probe.recv(4):
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("nothing listens on port %d" % port)


def main():
    """Runs the rounds and prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--f2bctl", default=str(HERE.parent.parent / "target" / "release" / "f2bctl"))
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--one-way", type=float, default=50, help="milliseconds")
    parser.add_argument("--only", help="ways whose name holds this text")
    parser.add_argument("--real-time", action="store_true", help="keep a busy machine's other work out of the way")
    parser.add_argument("--plain-ansible", action="store_true", help="without Ansible's shared connection")
    wanted = parser.parse_args()
    if wanted.real_time:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(HOST_PRIORITY))
    bench = Bench(wanted)
    try:
        bench.start()
        ways = [("`ssh host true`", bench.ssh_true), ("`f2bctl status`", bench.status),
                ("runbook, five `ssh` calls", bench.five_calls), ("runbook, one `ssh host sh -s`", bench.one_script),
                ("`f2bctl onboard --yes`", bench.onboard)]
        if bench.ansible:
            ways.append(("Ansible, a playbook of the runbook", bench.playbook))
        else:
            print("ansible-playbook is not installed here; its row is left out.", file=sys.stderr)
        for _ in range(wanted.runs):
            for name, act in ways:
                if not wanted.only or wanted.only in name:
                    bench.measure(name, act)
        print(bench.table())
    finally:
        bench.stop()


if __name__ == "__main__":
    main()
