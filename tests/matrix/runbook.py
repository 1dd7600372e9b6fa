"""The runbook's procedures on every generation of Debian, and what they do to real phones.

Scenarios like those of scenarios.py, which runs them: each is a function of a freshly reset host and raises `Wrong`.
Phones are addresses of the outer namespace: whether one gets in is asked by packets over UDP and TCP.
"""

import json
import os
import re
import signal
import time

import host as hosts
from judging import expect

DATA = os.path.join(hosts.REPOSITORY, "tests", "data", "asterisk-22")
# What each filter counts in each file of real lines: the numbers stand in the split's own test.
NUMBERS = os.path.join(hosts.REPOSITORY, "tests", "split_and_back", "filters.rs")
JAIL_LOCAL = "etc/fail2ban/jail.local"
MESSAGES = "var/log/asterisk/messages.log"
ACTION_LOG = "var/log/fail2ban.log"
JAILS = ("asterisk-auth", "asterisk-scan")
PHONE = "198.51.100.140"
SINGLE = b"""[asterisk]
enabled  = true
logpath  = /var/log/asterisk/messages.log
maxretry = 10
"""


def changed(host, *words):
    """A change that has to be made: its document."""
    code, document = host.operator(*words, "--yes")
    expect(code == 0 and document["outcome"] == "changed", words, code, document.get("error") or document)
    return document


def unchanged(host, *words):
    """A change that has nothing to do."""
    code, document = host.operator(*words, "--yes")
    expect(code == 0 and document["outcome"] == "unchanged", words, code, document.get("error") or document)


def refused(host, *words):
    """A change that a guard-rail refuses, and that leaves the host as it is."""
    before = host.look()
    code, document = host.operator(*words, "--yes")
    expect(code == 3, words, code, document.get("outcome"))
    expect(host.look() == before, words, "something was changed")


def running(host):
    """The running jails as fail2ban's own library shows them."""
    return host.look()["server"]


def reachable(host, address):
    """(over TCP, over UDP): whether a phone gets an answer."""
    return host.connects(address), host.answers_udp(address)


def logged(host, name, address):
    """Writes the real lines of a file into Asterisk's log as if they came now, from an address."""
    with open(os.path.join(DATA, name)) as file:
        text = file.read()
    old = numbers()[name][0]
    stamp = time.strftime("[%Y-%m-%d %H:%M:%S]")
    text = re.sub(r"^\[[^\]]*\]", stamp, text.replace(old, address), flags=re.MULTILINE)
    with open(host.path(MESSAGES), "a") as out:
        out.write(text)


def numbers():
    """{file: (address, what the strict filter counts, what the lenient one counts)}."""
    with open(NUMBERS) as file:
        found = re.findall(r'\("([a-z-]+\.log)", "([0-9.]+)", \[(\d+), (\d+)\]', file.read())
    return {name: (address, int(auth), int(scan)) for name, address, auth, scan in found}


def filters(host):
    """The two filters count real lines of Asterisk 22 as they should, and `regex` says what fail2ban-regex says."""
    expect(len(numbers()) >= 6, "the numbers were not found", numbers())
    for name, (address, auth, scan) in sorted(numbers().items()):
        with open(os.path.join(DATA, name), "rb") as file:
            host.write("tmp/lines.log", file.read())
        for jail, wanted in zip(JAILS, (auth, scan)):
            text = host.chroot("fail2ban-regex", "/tmp/lines.log", "/etc/fail2ban/filter.d/%s.local" % jail)
            lines, matched = re.search(r"Lines: (\d+) lines, \d+ ignored, (\d+) matched", text).groups()
            expect(int(matched) == wanted, name, jail, "counts", matched, "not", wanted)
            code, document = host.operator("regex", jail, "--log", "/tmp/lines.log")
            trial = document.get("regex") or {}
            # A report that found nothing that matches ends with 8.
            expect(code == (0 if wanted else 8) and (trial["matched"], trial["lines"]) == (wanted, int(lines)), code, name, jail, document)
            expect({one["address"] for one in trial["addresses"]} == ({address} if wanted else set()), trial["addresses"])


def phones(host):
    """Real lines as they come: a storm of first REGISTERs keeps its phones; a scanner and a guesser are shut out."""
    scanner, guesser = "198.51.100.141", "198.51.100.142"
    for address in (PHONE, scanner, guesser):
        host.phone(address)
        expect(reachable(host, address) == (True, True), address, "gets no answer at first")
    logged(host, "legitimate-register-storm.log", PHONE)
    logged(host, "register-scan.log", scanner)
    logged(host, "wrong-password.log", guesser)
    host.until(lambda: scanner in host.client("get", "asterisk-scan", "banip"))
    host.until(lambda: guesser in host.client("get", "asterisk-auth", "banip"))
    host.until(lambda: reachable(host, scanner) == reachable(host, guesser) == (False, False))
    bans = {jail: set(running(host)[jail]["bans"]) for jail in JAILS}
    expect(PHONE not in bans["asterisk-auth"] | bans["asterisk-scan"], "the storm was banned", bans)
    expect(scanner not in bans["asterisk-auth"] and guesser not in bans["asterisk-scan"], bans)
    expect(reachable(host, PHONE) == (True, True), "the storm's phone is shut out")
    document = changed(host, "unban", scanner, guesser)
    expect({one["ip"] for one in document["unbanned"]} == {scanner, guesser}, document["unbanned"])
    expect(reachable(host, scanner) == reachable(host, guesser) == (True, True), "still shut out")


def single(host):
    """Makes the host one of before the split: the distribution's one jail, and no filters of its own."""
    text = host.read(JAIL_LOCAL)
    host.write(JAIL_LOCAL, text[:text.index(b"[asterisk-auth]")] + SINGLE)
    for jail in JAILS:
        os.unlink(host.path("etc/fail2ban/filter.d", jail + ".local"))
    host.stop_fail2ban()
    os.unlink(host.path("var/lib/fail2ban/fail2ban.sqlite3"))
    host.flush()
    host.client("-x", "start")
    host.until(lambda: host.client("status", "asterisk", check=False))


def split_and_rollback(host):
    """From the distribution's single jail and back: bans hold over UDP and TCP, and the old bytes come back."""
    single(host)
    before = host.look()
    with open(host.path(MESSAGES), "a") as out:
        out.write("[%s] NOTICE[1] x.c: nothing\n" % time.strftime("%Y-%m-%d %H:%M:%S"))
    document = changed(host, "split")
    expect(document["backup"].endswith("-pre-split"), document["backup"])
    now = running(host)
    expect(sorted(now) == ["asterisk-auth", "asterisk-scan", "sshd"], sorted(now))
    thresholds = {jail: tuple(now[jail][key] for key in ("maxretry", "findtime", "bantime")) for jail in JAILS}
    expect(thresholds == {"asterisk-auth": (3, 600, 86400), "asterisk-scan": (50, 3600, 3600)}, thresholds)
    unchanged(host, "split")
    host.phone(PHONE)
    for jail in JAILS:
        host.client("set", jail, "banip", PHONE)
        host.until(lambda: reachable(host, PHONE) == (False, False))
        changed(host, "unban", PHONE)
        expect(reachable(host, PHONE) == (True, True), jail, "does not let it in again")
    changed(host, "onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels")
    changed(host, "rollback", "--carry-whitelist")
    after = host.look()
    expect(sorted(after["server"]) == ["asterisk", "sshd"], sorted(after["server"]))
    expect("198.51.100.32/28" in after["server"]["asterisk"]["ignoreip"], "the customer was not carried over")
    changed(host, "offboard", "198.51.100.32/28")
    expect(host.look()["files"] == before["files"], "other files than before the split")
    changed(host, "split")
    changed(host, "rollback", "--drop-whitelist")
    expect(host.look()["files"] == before["files"], "other files than before the second split")


def restore_and_undo(host):
    """A backup that is restored and a change that is undone give the bytes, the whitelist and the rules of before."""
    before = host.look()
    code, document = host.operator("backup", "--label", "before-hotel", "--yes")
    expect(code == 0 and document["backup"].endswith("-before-hotel"), code, document)
    changed(host, "onboard", "198.51.100.48/28", "--customer", "Blue Lotus Hotels")
    changed(host, "restore", "before-hotel")
    expect(host.look()["files"] == before["files"], "the restore left other bytes")
    expect(host.look()["firewall"] == before["firewall"], "the restore left other rules")
    expect("198.51.100.48/28" not in running(host)["sshd"]["ignoreip"], "it is still whitelisted")
    unchanged(host, "restore", "before-hotel")
    changed(host, "tune", "asterisk-scan", "maxretry", "100")
    changed(host, "undo")
    expect(host.look()["files"] == before["files"], "the undo left other bytes")
    expect(running(host)["asterisk-scan"]["maxretry"] == 50, "the undo left another value in force")


def tune(host):
    """Thresholds within the runbook's limits, in force and in the file; beyond them nothing is touched."""
    before = host.look()
    changed(host, "tune", "asterisk-scan", "maxretry", "100")
    changed(host, "tune", "asterisk-scan", "findtime", "10m")
    now = running(host)["asterisk-scan"]
    expect((now["maxretry"], now["findtime"]) == (100, 600), now["maxretry"], now["findtime"])
    expect(now["bans"] == before["server"]["asterisk-scan"]["bans"], "the bans are others")
    unchanged(host, "tune", "asterisk-scan", "maxretry", "100")
    for words in (("asterisk-scan", "maxretry", "201"), ("asterisk-auth", "maxretry", "2")):
        refused(host, "tune", *words)
    changed(host, "tune", "asterisk-scan", "findtime", "1h")
    changed(host, "tune", "asterisk-scan", "maxretry", "50")
    expect(host.look()["files"] == before["files"], "other bytes than before")


def recidive(host):
    """The built-in jail: whom it bans is shut out, from sshd too; switched off, it leaves the old bytes."""
    before = host.look()
    changed(host, "recidive", "enable")
    unchanged(host, "recidive", "enable")
    expect("recidive" in running(host), sorted(running(host)))
    host.phone(PHONE)
    lines = ["%s,%03d fail2ban.actions        [9]: NOTICE  [asterisk-scan] Ban %s\n" % (
        time.strftime("%Y-%m-%d %H:%M:%S"), number, PHONE) for number in range(5)]
    with open(host.path(ACTION_LOG), "a") as out:
        out.write("".join(lines))
    host.until(lambda: PHONE in host.client("get", "recidive", "banip"))
    host.until(lambda: not host.connects(PHONE, port=22))
    expect(reachable(host, PHONE) == (False, False), "reached over (TCP, UDP):", reachable(host, PHONE))
    code, document = host.operator("recidive", "status")
    expect(code in (0, 8), code, document)
    changed(host, "unban", PHONE)
    expect(reachable(host, PHONE) == (True, True) and host.connects(PHONE, port=22), "still shut out")
    changed(host, "recidive", "disable")
    after = host.look()
    expect(after["files"] == before["files"], "other bytes than before")
    expect("recidive" not in after["server"], sorted(after["server"]))


def temp(host):
    """A temporary entry keeps a phone in, outlives a reload, and is ended by the host with nobody logged in."""
    changed(host, "unban", hosts.STRANGER)
    document = changed(host, "temp", "add", hosts.STRANGER, "--for", "45s")
    began = time.monotonic()
    listed = running(host)
    expect(all(hosts.STRANGER in listed[jail]["ignoreip"] for jail in JAILS), "not in the jails", document)
    expect(hosts.STRANGER not in listed["sshd"]["ignoreip"], "sshd's jail has it too")
    logged(host, "wrong-password.log", hosts.STRANGER)
    expect(reachable(host, hosts.STRANGER) == (True, True), "the phone does not get in")
    changed(host, "tune", "asterisk-scan", "maxretry", "100")
    expect(hosts.STRANGER in running(host)["asterisk-auth"]["ignoreip"], "the change's reload lost it")
    host.until(lambda: all(hosts.STRANGER not in running(host)[jail]["ignoreip"] for jail in JAILS), 90)
    took = time.monotonic() - began
    expect(35 < took < 80, "it ended after", took)
    expect(reachable(host, hosts.STRANGER) == (True, True), "what it did while it was whitelisted counted")
    logged(host, "wrong-password.log", hosts.STRANGER)
    host.until(lambda: reachable(host, hosts.STRANGER) == (False, False))


def watch(host):
    """What fail2ban does is told as it happens, with the customer's name where an address is a customer's."""
    process = host.operator("watch", start=True)
    time.sleep(3)
    host.client("set", "asterisk-scan", "banip", "203.0.113.9")
    host.client("unban", "203.0.113.9")
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=30)
    events = [json.loads(line) for line in out.decode().splitlines()]
    told = [(event.get("event"), event.get("jail"), event.get("ip"), event.get("customer")) for event in events]
    for name in ("ban", "unban"):
        expect((name, "asterisk-scan", "203.0.113.9", "Vista Seven Hotels") in told, told, error.decode()[-300:])


def doctor(host):
    """A finding appears with its cause and goes with it, and the report changes nothing."""
    def found():
        before = host.look()
        code, document = host.operator("doctor")
        expect(code in (0, 8), code, document.get("error"))
        expect(host.look() == before, "the report changed something")
        codes = {finding["code"] for finding in document["findings"]}
        grave = any(finding["severity"] != "notice" for finding in document["findings"])
        expect(code == (8 if grave else 0), code, document["findings"])
        return codes
    healthy = found()
    expect(not healthy & {"jail_missing", "threshold_differs", "disk_differs", "disk_unusable", "filter_missing",
                          "fail2ban_down", "not_enforced"}, healthy)
    text = host.read(JAIL_LOCAL)
    host.write(JAIL_LOCAL, text.replace(b"maxretry = 50", b"maxretry = 60"))
    expect(found() - healthy == {"disk_differs"}, found(), healthy)
    host.client("reload")
    host.client("set", "asterisk-scan", "addignoreip", hosts.RUNTIME_ENTRY)
    expect(found() - healthy == {"threshold_differs"}, found(), healthy)
    changed(host, "tune", "asterisk-scan", "maxretry", "50")
    expect(found() == healthy, found(), healthy)


def audit_log(host):
    """What was done is in the history and in both audit logs, which hold together."""
    # The operator's own audit log remembers hosts for good, and this host's is new with each scenario.
    state = "state-audit-log"
    code, document = host.operator("onboard", "198.51.100.48/28", "--customer", "Blue Lotus Hotels", "--yes",
                                   "-m", "new line", "--ticket", "OPS-412", state=state)
    expect(code == 0 and document["outcome"] == "changed", code, document.get("error"))
    code, document = host.operator("history")
    entry = document["entries"][0]
    expect(code == 0 and (entry["reason"], entry["ticket"]) == ("new line", "OPS-412"), code, entry)
    code, document = host.operator("audit", "verify", state=state)
    expect(code == 0, code, document)
    code, document = host.operator("whitelist", "check", "198.51.100.50")
    expect(code == 0 and "Blue Lotus Hotels" in json.dumps(document), code, document)


ALL = [filters, phones, split_and_rollback, restore_and_undo, tune, recidive, temp, watch, doctor, audit_log]
