"""Procedures on a host with thousands of bans: they end as promised, and the firewall holds what fail2ban says, no more.

A step is a change and what it has to come to. Each one is timed, with the most memory that the agent took, and judged by
fail2ban's own library and the packet filter's own tools. Boundary: how long is too long is not decided here; the numbers
go to docs/benchmark.md by hand.
"""

import ipaddress
import json
import os
import re
import subprocess
import threading
import time

import procedures

JAIL = "asterisk-auth"
FIRST = "100.64.0.1"  # not a customer's: shared address space, banned one after the other
CUSTOMER = "100.64.1.0/28"
ALL = ["100.64.%d.0/20" % third for third in range(0, 64, 16)]
# Edits of jail.local that no plain reload would put into force; by whether the host has nftables.
OTHER_ACTION = {False: (b"banaction = iptables-multiport", b"banaction = iptables-allports"),
                True: (b"banaction = nftables\n", b"banaction = nftables-multiport\n")}
ACTIONS = re.compile(rb"^action +=.*\n( +.*\n)*", re.M)
# A change that takes longer than this must not keep a report waiting.
REPORT_SECONDS = 8
DATABASE = "var/lib/fail2ban/fail2ban.sqlite3"
# Fills fail2ban's database while fail2ban is down: the jail's bans, each with an end of its own.
FILL = """
import json, sqlite3, sys, time
path, jail, addresses = sys.argv[1], sys.argv[2], json.load(sys.stdin)
now = int(time.time())
with sqlite3.connect(path) as connection:
    connection.execute("DELETE FROM bips")
    connection.executemany(
        "INSERT INTO bips(ip, jail, timeofban, bantime, bancount, data) VALUES(?, ?, ?, 86400, 1, ?)",
        [(ip, jail, now - number % 3600, b'{"matches": [], "failures": 3}') for number, ip in enumerate(addresses)])
"""


def addresses(count):
    """Who is banned."""
    first = int(ipaddress.ip_address(FIRST))
    return [str(ipaddress.ip_address(first + number)) for number in range(count)]


def prepare(host, count):
    """The host with so many bans, in jails that are about TCP alone: the split has something to add to them."""
    host.reset()
    host.stop_fail2ban()
    data = host.read(procedures.JAIL_LOCAL)
    host.write(procedures.JAIL_LOCAL, ACTIONS.sub(b"", data))
    host.write(procedures.JAIL_LOCAL + ".bak-2026-05-11-090000-pre-split", procedures.single(data))
    fill(host, count)
    host.flush()
    began = time.monotonic()
    host.start_fail2ban()
    restored(host, count)
    return time.monotonic() - began


def fill(host, count):
    """Writes the bans into the database of a fail2ban that is down."""
    done = subprocess.run(["python3", "-I", "-c", FILL, host.path(DATABASE), JAIL], check=False,
                          input=json.dumps(addresses(count)).encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise RuntimeError(done.stdout.decode())


def restored(host, count):
    """Waits until fail2ban has brought all bans back, with their rules."""
    def all_there():
        found = re.search(r"Currently banned:\s+(\d+)", host.client("status", JAIL, check=False) or "")
        return found and int(found.group(1)) >= count and not problems(host)
    host.until(all_there, 60 + count)


def problems(host):
    """Where the firewall holds something else than what fail2ban says, in sentences."""
    seen = host.look()["server"]
    meant = {}
    for name, jail in seen.items():
        for action, properties in jail["properties"].items():
            meant.setdefault(properties.get("name", name), set()).update(jail["bans"])
    chains, jumps = held(host)
    found = []
    for name in sorted(set(meant) | set(chains)):
        banned, blocked = meant.get(name, set()), chains.get(name, [])
        if name not in meant:
            found.append("%s belongs to no action, and blocks %d" % (name, len(blocked)))
        if banned - set(blocked):
            found.append("%s lacks %d of %d bans" % (name, len(banned - set(blocked)), len(banned)))
        if set(blocked) - banned:
            found.append("%s blocks %d that are not banned" % (name, len(set(blocked) - banned)))
        if len(blocked) != len(set(blocked)):
            found.append("%s has %d rules for %d addresses" % (name, len(blocked), len(set(blocked))))
        if banned and not jumps.get(name):
            found.append("no packet reaches %s" % name)
        if jumps.get(name, 0) > 1:
            found.append("%d rules lead to %s" % (jumps[name], name))
    return found


def held(host):
    """({action's name: [address of each rule or element]}, {action's name: rules that lead there})."""
    chains, jumps = {}, {}
    if host.nft:
        items = json.loads(host.chroot("nft", "-j", "list", "ruleset")).get("nftables", [])
        for item in items:
            kept = item.get("set")
            if kept and kept["name"].startswith("addr-set-"):
                elements = [one["elem"]["val"] if isinstance(one, dict) and "elem" in one else one
                            for one in kept.get("elem", [])]
                chains.setdefault(kept["name"][len("addr-set-"):], []).extend(elements)
            for name in re.findall(r'"@addr-set-([^"]+)"', json.dumps(item.get("rule", {}))):
                jumps[name] = jumps.get(name, 0) + 1
        return chains, jumps
    for line in host.chroot("iptables", "-S").splitlines():
        words = line.split()
        if words[0] == "-N" and words[1].startswith("f2b-"):
            chains.setdefault(words[1][4:], [])
        elif words[0] == "-A" and words[1].startswith("f2b-") and "-s" in words:
            chains[words[1][4:]].append(words[words.index("-s") + 1].replace("/32", ""))
        elif words[0] == "-A" and words[-1].startswith("f2b-"):
            jumps[words[-1][4:]] = jumps.get(words[-1][4:], 0) + 1
    return chains, jumps


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
        wrong += problems(self.host) + ["status ended with %d meanwhile" % code for code in reports if code != 0]
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
    bench.step("unban of one", "unban", addresses(1)[0], banned=count - 17)
    bench.step("unban of all", "unban", *ALL, "--allow-wide", "--reason", "all of them", banned=0)
    return sum(1 for row in bench.rows if row[3])
