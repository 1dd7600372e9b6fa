"""Times commands on a running rehearsal host, interleaved so that a busy moment hits all of them, and prints a table.

It only measures: what a figure should be stands beside it, and nothing fails for missing it.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time

NETWORK = "192.0.2.64/28"


def timed(command):
    """The seconds that a command took; anything but success ends the measurement."""
    began = time.perf_counter()
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    took = time.perf_counter() - began
    if ended.returncode != 0:
        sys.exit("%s ended with %d: %s" % (" ".join(command), ended.returncode, ended.stderr.decode()))
    return took


def rehearsal_host(program):
    """The settings of the host `lab`."""
    document = json.loads(subprocess.check_output([program, "hosts", "--json"]).decode())
    return next(host for host in document["hosts"] if host["name"] == "lab")


def plain_ssh(host, remote):
    """OpenSSH's own client, with the key and the known host of the rehearsal host and nobody's configuration."""
    login, port = host["address"].rsplit(":", 1)
    return ["ssh", "-F", "none", "-i", host["identity"], "-p", port, "-o", "UserKnownHostsFile=" + host["known_hosts"],
            "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", login, remote]


def subjects(program, host):
    """(name, what it is for, command) in the order in which they run in each round."""
    lab = [program, "-H", "lab"]
    client = "fail2ban-client -c " + host["config_dir"]
    by_hand = "; ".join("%s %s" % (client, words) for words in (
        "status", "status asterisk-auth", "status asterisk-scan", "get asterisk-auth ignoreip"))
    onboard = lab + ["onboard", NETWORK, "--customer", "Benchmark", "--yes"]
    return [
        ("f2bctl --version", [program, "--version"]),
        ("ssh HOST true", plain_ssh(host, "true")),
        ("f2bctl status", lab + ["status"]),
        ("ssh HOST, the runbook's four commands", plain_ssh(host, by_hand)),
        ("f2bctl onboard --dry-run", onboard[:-1] + ["--dry-run"]),
        ("f2bctl onboard --yes", onboard),
        ("f2bctl onboard --yes, again", onboard),
        ("f2bctl offboard --yes", lab + ["offboard", NETWORK, "--yes"]),
    ]


def judged(name, median, medians):
    """The goal beside a figure, and whether it is met."""
    if name == "f2bctl --version":
        return "< 10 ms: " + ("met" if median < 0.010 else "missed")
    if name == "f2bctl status":
        ratio = median / medians["ssh HOST true"]
        return "<= 1.5 x `ssh HOST true`: %.2f x, %s" % (ratio, "met" if ratio <= 1.5 else "missed")
    return ""


def main():
    """Measures and prints."""
    program, rounds = sys.argv[1], int(sys.argv[2])
    measured = subjects(program, rehearsal_host(program))
    times = {name: [] for name, _ in measured}
    for turn in range(rounds + 1):
        for name, command in measured:
            took = timed(command)
            if turn > 0:  # the first round warms caches and is not counted
                times[name].append(took)
    medians = {name: statistics.median(found) for name, found in times.items()}
    print("%d rounds, %d processors, load %.1f, %s %s" % (
        rounds, os.cpu_count() or 0, os.getloadavg()[0], platform.system(), platform.release()))
    print()
    print("| command | median | fastest | slowest | goal |")
    print("|---|---|---|---|---|")
    for name, _ in measured:
        found = times[name]
        print("| `%s` | %.1f ms | %.1f ms | %.1f ms | %s |" % (
            name, medians[name] * 1000, min(found) * 1000, max(found) * 1000, judged(name, medians[name], medians)))


main()
