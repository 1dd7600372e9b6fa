"""Procedures on a host with thousands of bans: they end as promised, and the firewall holds what fail2ban says, no more.

A step is a change and what it has to come to. Each one is timed, with the most memory that the agent took, and judged by
fail2ban's own library and the packet filter's own tools. Boundary: how long is too long is not decided here; the numbers
go to docs/benchmark.md by hand.
"""

import json
import os
import re
import threading
import time

import crowd
import procedures

CUSTOMER = "100.64.1.0/28"
# Edits of jail.local that no plain reload would put into force; by whether the host has nftables.
OTHER_ACTION = {False: (b"banaction = iptables-multiport", b"banaction = iptables-allports"),
                True: (b"banaction = nftables\n", b"banaction = nftables-multiport\n")}
# A change that takes longer than this must not keep a report waiting.
REPORT_SECONDS = 8


def prepare(host, count):
    """The host with so many bans, for which the split has something to add."""
    host.reset()
    data = host.read(procedures.JAIL_LOCAL)
    host.write(procedures.JAIL_LOCAL + ".bak-2026-05-11-090000-pre-split", procedures.single(data))
    return crowd.crowd(host, count)


class Bench:
    """The steps on one host."""

    def __init__(self, host, count, talk):
        self.host = host
        self.count = count
        self.talk = talk
        self.rows = []

    def step(self, name, *words, code=0, banned=None):
        """One change: it ends with this code, and the firewall holds what fail2ban says."""
        began = time.monotonic()
        process = self.host.operator(*words, "--yes", start=True)
        memory, ended, reports = [0], threading.Event(), []
        watcher = threading.Thread(target=self.watch, args=(memory, ended, reports))
        watcher.start()
        try:
            got, document = self.host.finish(process, timeout=600 + 2 * self.count)
        finally:
            ended.set()
            watcher.join()
        took = time.monotonic() - began
        wrong = [] if got == code else ["exit %d: %s" % (got, str(document.get("error"))[:600])]
        wrong += crowd.problems(self.host) + ["status ended with %d meanwhile" % code for code in reports if code != 0]
        now = self.host.look()["server"]
        banned = self.count if banned is None else banned
        found = max((len(jail["bans"]) for jail in now.values()), default=0)
        if found != banned:
            wrong.append("%d bans, not %d" % (found, banned))
        if len(json.dumps((document.get("error") or {}).get("message", ""))) > 4000:
            wrong.append("the message is too long")
        self.talk("%-32s exit %d  %6.1f s  %4d MB  %s" % (name, got, took, memory[0] // 1024, " | ".join(wrong) or "ok"))
        self.rows.append((name, took, memory[0], wrong))
        return document

    def watch(self, memory, ended, reports):
        """The most memory that the agent takes, kB; and how a report ends that is asked for in the midst of it."""
        began = time.monotonic()
        while not ended.wait(0.2):
            if time.monotonic() - began > REPORT_SECONDS and not reports:
                reports.append(self.host.operator("status")[0])
            for pid in agents(self.host):
                try:
                    with open("/proc/%d/status" % pid) as file:
                        memory[0] = max([memory[0]] + [int(word) for word in re.findall(r"VmHWM:\s+(\d+)", file.read())])
                except OSError:
                    continue


def agents(host):
    """The agents that run on the host."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.readlink("/proc/%s/root" % name) == host.root:
                with open("/proc/%s/cmdline" % name, "rb") as file:
                    words = file.read(4096).split(b"\0")
                if b"python3" in words[0] and b"-I" in words[1:3]:
                    found.append(int(name))
        except OSError:
            continue
    return found


def run(host, count, talk):
    """All steps: how many went wrong."""
    talk("%d bans: fail2ban itself restores them in %.1f s" % (count, prepare(host, count)))
    bench = Bench(host, count, talk)
    split = bench.step("split", "split")
    bench.step("undo of the split", "undo", split["change_id"])
    bench.step("rollback", "rollback", "--carry-whitelist", banned=0)
    talk("again: restored in %.1f s" % prepare(host, count))
    procedures.edit(host, *OTHER_ACTION[host.nft])
    bench.step("reload that restarts the jails", "reload", "--with-drift")
    bench.step("onboard, 16 members banned", "onboard", CUSTOMER, *procedures.CUSTOMER, banned=count - 16)
    bench.step("unban of one", "unban", crowd.addresses(1)[0], banned=count - 17)
    bench.step("unban of all", "unban", *crowd.NETWORKS, "--allow-wide", "--reason", "all of them", banned=0)
    return sum(1 for row in bench.rows if row[3])
