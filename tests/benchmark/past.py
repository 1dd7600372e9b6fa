"""Times `why` and `tune --since` on a host with a long past, beside its own fail2ban-regex on the same lines.

`python3 tests/benchmark/past.py PROGRAM MEGABYTES ROUNDS` needs a running rehearsal host; tests/benchmark/past makes one. It
only measures. The agent's memory is the most that its process held in any of the runs.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import filters
import past_logs


class Watch(threading.Thread):
    """Looks for agents while something runs, and keeps the most memory that one held, kB."""

    def __init__(self):
        super().__init__(daemon=True)
        self.most, self.ended = 0, False

    def run(self):
        while not self.ended:
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open("/proc/%s/cmdline" % pid, "rb") as file:
                        if not file.read().startswith(b"python3\0-I\0-c"):
                            continue
                    with open("/proc/%s/status" % pid) as file:
                        found = re.search(r"VmHWM:\s+(\d+)", file.read())
                    self.most = max(self.most, int(found.group(1)) if found else 0)
                except (OSError, ValueError):
                    pass  # it has ended meanwhile
            time.sleep(0.02)


def timed(command, codes=(0,)):
    """The seconds that a command took; an unexpected exit code ends the measurement."""
    began = time.perf_counter()
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    took = time.perf_counter() - began
    if ended.returncode not in codes:
        sys.exit("%s ended with %d: %s" % (" ".join(command), ended.returncode, ended.stderr.decode()))
    return took


def point_to_logs(program, place):
    """Points the settings of the rehearsal host to logs of this folder; its fail2ban goes on with its own."""
    file = json.loads(subprocess.check_output([program, "hosts", "--json"]).decode())
    path = os.path.join(os.environ["XDG_CONFIG_HOME"], "f2bctl", "config.toml")
    assert any(host["name"] == "lab" for host in file["hosts"])
    with open(path) as settings:
        text = settings.read()
    for key, name in (("log", "fail2ban.log"), ("asterisk_log", "messages.log")):
        text = re.sub(r'(?m)^%s = .*$' % key, '%s = "%s"' % (key, os.path.join(place, name)), text)
    with open(path, "w") as settings:
        settings.write(text)


def of_fail2ban(place, log):
    """fail2ban-regex over all of the log, plain: (filter, CPU seconds) of each filter."""
    whole = os.path.join(place, "whole")
    with open(whole, "wb") as out:
        for ago in range(past_logs.DAYS, -1, -1):
            with open(log if ago == 0 else "%s.%d" % (log, ago), "rb") as part:
                shutil.copyfileobj(part, out)
    folder = os.path.join(place, "configuration")
    filters.configuration(folder, "notice")
    found = [(name, filters.seconds(folder, whole, name)) for name in ("asterisk", "asterisk-auth", "asterisk-scan")]
    os.remove(whole)
    return found


def rows(program, rounds, packed):
    """(what, median seconds) of each command; the first round warms caches and is not counted."""
    lab = [program, "-H", "lab"]
    tune = lab + ["tune", "asterisk-scan", "maxretry", "60", "--since", "15d", "--dry-run"]
    # A forecast may refuse; what it costs is the same.
    subjects = [("status", lab + ["status"], (0,)), ("why ADDRESS", lab + ["why", past_logs.PHONE], (0,))]
    if packed:
        subjects += [("tune --since, nothing kept", tune + ["--no-cache"], (0, 3)), ("tune --since", tune, (0, 3))]
    times = {name: [] for name, _, _ in subjects}
    for turn in range(rounds + 1):
        for name, command, codes in subjects:
            took = timed(command, codes)
            if turn > 0:
                times[name].append(took)
    return [(name, statistics.median(found)) for name, found in times.items()]


def main(program, megabytes, rounds):
    """Measures and prints."""
    with tempfile.TemporaryDirectory(prefix="f2b.past.") as place:
        os.chmod(place, 0o755)
        log, _ = past_logs.make(place, megabytes)
        point_to_logs(program, place)
        watch = Watch()
        watch.start()
        own = of_fail2ban(place, log)
        plain = rows(program, rounds, False)
        past_logs.pack(log)
        packed = rows(program, rounds, True)
        watch.ended = True
    print("%d MB of Asterisk's log, median of %d rounds, %d processors, load %.1f; fail2ban-regex %s\n" % (
        megabytes, rounds, os.cpu_count(), os.getloadavg()[0],
        subprocess.check_output(["fail2ban-regex", "--version"]).decode().split()[-1]))
    print("| what | seconds |\n|---|---|")
    for name, took in own:
        print("| fail2ban-regex, %s, plain (CPU) | %.1f |" % (name, took))
    for kind, found in (("plain", plain), ("13 of 15 files packed", packed)):
        for name, took in found:
            print("| f2bctl %s, %s | %.2f |" % (name, kind, took))
    slowest, least = sum(took for _, took in own[1:]), min(took for _, took in own)
    print("\n`why` against both jails' filters, packed: %.0f times; against the fastest filter, plain: %.0f times; `tune --since`: "
          "%.0f times. Most memory of the agent: %.0f MB." % (
              slowest / dict(packed)["why ADDRESS"], least / dict(plain)["why ADDRESS"],
              slowest / dict(packed)["tune --since, nothing kept"], watch.most / 1024))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
