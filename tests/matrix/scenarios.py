"""What has to be true on every generation of Debian, with its own fail2ban, Python, sshd and packet filter.

Each scenario is a function of a freshly reset host; it raises `Wrong` with what it saw. Expectations that differ by
version are written where they differ (the facts behind them were measured on these very versions).
"""

import glob
import json
import os
import re
import shutil
import subprocess
import time

import host as hosts
import judge
import order
import runbook
from judging import Wrong, expect


def version(host):
    """fail2ban's version as numbers."""
    return tuple(int(part) for part in re.findall(r"\d+", host.client("-V"))[:3])


def status(host):
    """`status` shows what fail2ban's own library shows."""
    for login in ("host", "sudo"):
        code, document = host.operator("status", name=login)
        expect(code == 0, login, code, document)
        seen = host.look()["server"]
        expect([jail["name"] for jail in document["jails"]] == sorted(seen), document["jails"])
        for jail in document["jails"]:
            own = seen[jail["name"]]
            expect(jail["maxretry"] == own["maxretry"] and jail["bantime"] == own["bantime"], jail, own)
            expect({ban["ip"] for ban in jail["banned"]} == set(own["bans"]), jail["banned"], own["bans"])
            expect(jail["enforced"] is True, jail["name"], "enforced", jail["enforced"], jail.get("enforced_reason"))


def blocked(host):
    """A banned address is really shut out, over TCP and UDP, and everybody else gets in."""
    expect(not host.connects(hosts.STRANGER) and not host.answers_udp(hosts.STRANGER), "the stranger gets in")
    expect(host.connects(hosts.OPERATOR) and host.answers_udp(hosts.OPERATOR), "the operator does not get in")


def onboard(host):
    """A customer whose phone is banned is whitelisted in every jail, and the phone gets in; then offboard: same bytes."""
    before = host.look()
    expect(not host.connects(hosts.MEMBER), "the member was not shut out")
    code, document = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes")
    expect(code == 0 and document["outcome"] == "changed", code, document.get("error"))
    expect(document["unbanned"] == [{"ip": hosts.MEMBER, "jails": ["asterisk-auth"]}], document["unbanned"])
    now = host.look()["server"]
    expect(all("198.51.100.32/28" in jail["ignoreip"] for jail in now.values()), "not in every jail")
    expect(hosts.RUNTIME_ENTRY in now["asterisk-scan"]["ignoreip"], "the runtime entry is gone")
    expect(host.connects(hosts.MEMBER) and host.answers_udp(hosts.MEMBER), "the member is still shut out")
    expect(not host.connects(hosts.STRANGER), "the stranger got in")
    code, document = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes")
    expect(code == 0 and document["outcome"] == "unchanged", code, document.get("error"))
    code, document = host.operator("offboard", "198.51.100.32/28", "--yes")
    expect(code == 0 and document["outcome"] == "changed", code, document.get("error"))
    after = host.look()
    expect(after["files"] == before["files"], "offboard left other bytes")
    code, document = host.operator("offboard", "198.51.100.32/28", "--yes")
    expect(code == 0 and document["outcome"] == "unchanged", code, document.get("error"))


def unban(host):
    """An unban lets the address in, over both protocols; a second one says that it was not banned."""
    code, document = host.operator("unban", hosts.STRANGER, "--yes")
    expect(code == 0 and document["unbanned"] == [{"ip": hosts.STRANGER, "jails": ["asterisk-auth", "asterisk-scan"]}],
           code, document)
    expect(host.connects(hosts.STRANGER) and host.answers_udp(hosts.STRANGER), "still shut out")
    code, document = host.operator("unban", hosts.STRANGER, "--yes")
    expect(code == 0 and document["not_banned"] == [hosts.STRANGER], code, document)


def drift(host):
    """Another hand's unreloaded edit is not put into force by the way (5); with the flag it is."""
    name = "etc/fail2ban/jail.local"
    host.write(name, host.read(name).replace(b"maxretry = 50", b"maxretry = 100"))
    before = host.look()
    words = ("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes")
    code, document = host.operator(*words)
    expect(code == 5, code, document)
    expect(not judge.differences(host.look(), before, before), "something was changed")
    code, document = host.operator(*words, "--with-drift")
    expect(code == 0, code, document.get("error"))
    expect(host.look()["server"]["asterisk-scan"]["maxretry"] == 100, "the drift is not in force")


def refused(host, old, new, code=3):
    """A file that fail2ban reads otherwise than it looks is refused, and nothing is touched."""
    name = "etc/fail2ban/jail.local"
    text = host.read(name)
    expect(old in text, "the fixture has no", old)
    host.write(name, text.replace(old, new))
    before = host.look()
    got, document = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes")
    expect(got == code, got, document.get("error") or document.get("outcome"))
    expect(not judge.differences(host.look(), before, before), "something was changed")
    return document["error"]


def no_number(host):
    """`maxretry = abc`: -t says OK on every version, and the reload drops every jail."""
    expect(host.client("-t", check=False) is not None, "-t")
    error = refused(host, b"maxretry = 3\n", b"maxretry = abc\n")
    expect("jail.local:" in error["message"], error)


def tabs(host):
    """Entries separated by tabs whitelist everybody up to 1.0.2; later versions read them as they look."""
    old, new = b"ignoreip = 127.0.0.1/8 ::1 192.0.2.20", b"ignoreip = 127.0.0.1/8\t::1\t192.0.2.20"
    error = refused(host, old, new) if version(host) < (1, 1) else None
    if error is None:
        name = "etc/fail2ban/jail.local"
        host.write(name, host.read(name).replace(old, new))
        got, document = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes")
        expect(got in (0, 3), got, document.get("error"))
        lists = [jail["ignoreip"] for jail in host.look()["server"].values()]
        expect(not any("0.0.0.0" in entries for entries in lists), "everybody is whitelisted", lists)


def not_utf8(host):
    """One byte that is not UTF-8: the whole file is ignored up to 1.1.0, without a word."""
    error = refused(host, b"# Jail definitions of this host.", b"# Jail d\xe9finitions of this host.")
    expect("UTF-8" in error["message"] or "utf-8" in error["message"], error)


def missing_filter(host):
    """A filter that is missing: the reload says OK and that jail is silently gone; the rehearsal refuses."""
    os.unlink(host.path("etc/fail2ban/filter.d/asterisk-scan.local"))
    before = host.look()
    code, document = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes")
    expect(code == 3, code, document.get("error") or document)
    expect(not judge.differences(host.look(), before, before), "something was changed")


def reload_failure(host):
    """A reload that drops every jail and every ban is undone: jails, values, bans with their ends, rules."""
    before = host.look()
    host.write("run/f2bm/log", b"")
    host.write("run/f2bm/plan.json", json.dumps({"do": "none", "moves": ["broken", "sound"]}).encode())
    code, document = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes")
    expect(code == 6, code, document)
    state, why = judge.state(host.look(), before, before)
    expect(state == "before", why)
    expect(not host.connects(hosts.STRANGER) and not host.connects(hosts.MEMBER), "the banned get in")


def server_killed(host):
    """fail2ban-server is killed during the reload: it is started again, with its bans."""
    before = host.look()
    host.write("run/f2bm/log", b"")
    host.write("run/f2bm/plan.json", json.dumps({"do": "none", "moves": ["server", "sound"]}).encode())
    code, document = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes")
    expect(code in (0, 6), code, document.get("error"))
    if code == 6:
        wrong = judge.differences(host.look(), before, before)
        expect(not wrong, wrong)


def agent_killed_after_unban(host):
    """The agent dies when bans were lifted: they are there again, with their ends to within 2 s."""
    before = host.look()
    host.write("run/f2bm/log", b"")
    host.write("run/f2bm/plan.json", b'{"do": "none"}')
    host.operator("unban", hosts.STRANGER, "--dry-run")
    points = host.read("run/f2bm/log")
    expect(points == b"", "a dry run wrote", points)
    time.sleep(4)  # long enough that a ban begun anew would end at another time
    host.write("run/f2bm/plan.json", b'{"do": "kill", "after": "socket set asterisk-scan unbanip 203.0.113.200"}')
    code, document = host.operator("unban", hosts.STRANGER, "--yes")
    passed = host.read("run/f2bm/log").decode()
    expect("unbanip" in passed, "the point came too early", passed[-300:])
    expect(code == 6, code, document)
    wrong = judge.differences(host.look(), before, before)
    expect(not wrong, wrong)


def rehearsal_matches(host):
    """A rehearsal of what runs shows no effect: its snapshot is the live one on this version."""
    code, document = host.operator("reload", "--yes")
    expect(code == 0 and document["outcome"] == "unchanged", code, document.get("plan", {}).get("effect_text"), document.get("error"))
    host.write("etc/fail2ban/jail.d/zz-more.local", b"""[DEFAULT]
bantime.increment = true
bantime.factor = 2
[asterisk-scan]
usedns = no
maxlines = 2
logencoding = utf-8
datepattern = {^LN-BEG}%%Y-%%m-%%d %%H:%%M:%%S
ignoreregex = ^nothing <HOST>$
""")
    code, document = host.operator("reload", "--yes")
    expect(code == 0 and document["outcome"] == "changed", code, document.get("error"))
    code, document = host.operator("reload", "--yes")
    expect(code == 0 and document["outcome"] == "unchanged", code, document["plan"]["effect_text"])


def denied(host):
    """Four requests that an endpoint's ACL denies: four counts in each jail, by the server as by this version's regex."""
    with open(os.path.join(hosts.REPOSITORY, "tests/data/asterisk-22/endpoint-acl.log"), "rb") as file:
        stamp = time.strftime("[%Y-%m-%d %H:%M:%S]").encode()
        lines = b"".join(stamp + line.partition(b"]")[2] for line in file)
    with open(host.path("var/log/asterisk/messages.log"), "ab") as log:
        log.write(lines)
    found = {}

    def counted():
        text = host.read("var/log/fail2ban.log").decode()
        for jail in ("asterisk-auth", "asterisk-scan"):
            found[jail] = text.count("[%s] Found 192.0.2.5 " % jail)
        return min(found.values()) >= 4

    host.until(counted)
    time.sleep(2)
    counted()
    expect(found == {"asterisk-auth": 4, "asterisk-scan": 4}, found)
    for jail in found:
        code, document = host.operator("regex", jail, "--log", "/var/log/asterisk/messages.log")
        expect(code == 0 and document["regex"]["matched"] == 4, jail, code, document.get("regex"), document.get("error"))


def samples(host):
    """fail2ban's own sample lines of this version: each NOTICE or WARNING is taken by exactly one filter, with its address."""
    text = host.read("usr/lib/python3/dist-packages/fail2ban/tests/files/logs/asterisk").decode()
    wanted, address, journal = {False: [], True: []}, None, False
    for line in text.splitlines():
        if line.startswith("# filterOptions"):
            journal = "journal" in line
        elif line.startswith("# failJSON: "):
            address = json.loads(line.partition(": ")[2]).get("host")
        elif line.strip() and not line.startswith("#"):
            if address and " SECURITY[" not in line:
                # fail2ban 0.11.2 takes no other decade than its own for a date.
                wanted[journal].append((address, re.sub(r"^\[20\d\d-", time.strftime("[%Y-"), line)))
            address = None
    expect(len(wanted[False]) > 20, "only", len(wanted[False]), "samples")
    for journal, pairs in wanted.items():
        prefix, option = ("server asterisk[123]: ", "[logtype=journal]") if journal else ("", "")
        host.write("run/f2bm/samples", "".join(prefix + line + "\n" for _, line in pairs).encode())
        taken = []
        for jail in ("asterisk-auth", "asterisk-scan"):
            ask = ["fail2ban-regex", "--usedns", "no", "-o"]
            addresses, rows = [host.chroot(*ask, what, "/run/f2bm/samples", jail + option).splitlines()
                               for what in ("ip", "msg")]
            taken += zip(addresses, rows)
        # Each sample is a line of its own shape, so the same multiset is the same lines.
        expect(sorted(taken) == sorted((ip, (prefix + line).rstrip()) for ip, line in pairs), journal, len(taken), len(pairs),
               sorted(set(taken) ^ {(ip, (prefix + line).rstrip()) for ip, line in pairs}))


def findings(host):
    """The codes of doctor's findings."""
    code, document = host.operator("doctor")
    expect(code in (0, 8), code, document.get("error"))
    return {finding["code"] for finding in document["findings"]}


def appears(host, code, make, heal):
    """A finding appears, and goes after its fix."""
    make()
    found = findings(host)
    expect(code in found, code, "does not appear", found)
    heal()
    found = findings(host)
    expect(code not in found, code, "is still there", found)


def entries_in_a_file(host):
    """`file:PATH` in the whitelist: since 1.1.1 fail2ban reads that file, before it is a word that means nothing."""
    name = "etc/fail2ban/jail.local"
    before = host.read(name)
    host.write("etc/fail2ban/customers", b"203.0.113.0/28\n")
    # No reload: with this word in the file one was seen to fail on 1.0.2, and one on 1.1.1.
    text = before.replace(b"::1 192.0.2.20", b"::1 file:/etc/fail2ban/customers 192.0.2.20")
    make, heal = lambda: host.write(name, text), lambda: host.write(name, before)
    if version(host) >= (1, 1, 1):
        appears(host, "entry_file", make, heal)
    else:
        appears(host, "junk_word", make, heal)


CUSTOMERS = "etc/fail2ban/customers.txt"


def listed_in_a_file(host):
    """Beside `file:` (1.1.1) entries come and go in the order that fail2ban reads, and the file's members are shown."""
    if version(host) < (1, 1, 1):
        return
    host.write(CUSTOMERS, b"192.0.2.128/28 # Blue Lotus\n192.0.2.200 ; trunk\n")
    name = "etc/fail2ban/jail.local"
    text = host.read(name).replace(b"::1 192.0.2.20 203.0.113.0/28", b"::1 192.0.2.20 203.0.113.0/28 file:/" + CUSTOMERS.encode())
    expect(b"file:" in text, text)
    host.write(name, text)
    host.client("reload")
    for address, inside in (("192.0.2.130", True), ("192.0.2.200", True), ("192.0.2.201", False)):
        code, document = host.operator("whitelist", "check", address)
        expect(code == 0 and document["whitelisted"] is inside, address, code, document)
        places = {because.get("source") for jail in document["jails"] for because in jail["because"]}
        expect(not inside or places == {"customers.txt:%d" % (1 if address.endswith("130") else 2)}, address, places)
    code, document = host.operator("whitelist", "list")
    rows = {row["network"]: row for row in document["whitelist"]}
    expect(code == 0 and rows["192.0.2.128/28"]["place"] == "customers.txt:1", rows)
    code, document = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes")
    expect(code == 0, code, document.get("error"))
    expect(b" 198.51.100.32/28 file:/" in host.read(name), host.read(name))
    for jail in runtime_lists(host).values():
        expect({"198.51.100.32/28", "file:/" + CUSTOMERS} <= jail, jail)
    code, document = host.operator("offboard", "198.51.100.32/28", "--yes")
    expect(code == 0 and host.read(name) == text, code, document.get("error"), host.read(name))


def listed_in_a_file_at_run_time(host):
    """A `file:` entry that was set at run time is kept by every change, as it was set."""
    if version(host) < (1, 1, 1):
        return
    host.write(CUSTOMERS, b"192.0.2.128/28\n")
    time.sleep(6)
    host.client("reload")
    for jail in runtime_lists(host):
        host.client("set", jail, "addignoreip", "file:/" + CUSTOMERS)
    code, document = host.operator("whitelist", "check", "192.0.2.130")
    expect(code == 0 and document["whitelisted"] is True, code, document)
    code, document = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes")
    expect(code == 0, code, document.get("error"))
    for jail in runtime_lists(host).values():
        expect({"198.51.100.32/28", "file:/" + CUSTOMERS} <= jail, jail)


def runtime_lists(host):
    """{jail: the entries of its running whitelist}, by fail2ban's own classes."""
    return {name: set(json.loads(host.chroot("/usr/bin/python3", "-I", "-c", LIST, name)))
            for name in host.look()["server"]}


LIST = """
import json, sys
sys.path.insert(0, "/usr/lib/python3/dist-packages")
from fail2ban.client.csocket import CSocket
found = CSocket("/var/run/fail2ban/fail2ban.sock", timeout=10).send(["get", sys.argv[1], "ignoreip"])[1]
print(json.dumps([str(getattr(entry, "fileName", None) and "file:" + entry.fileName or entry) for entry in found]))
"""


def down(host):
    """fail2ban is down: a change is refused (3), `start` starts it and restores the bans, `--start` does both."""
    host.stop_fail2ban()
    code, document = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes")
    expect(code == 3, code, document)
    code, document = host.operator("start", "--yes")
    expect(code == 0 and document["outcome"] == "changed", code, document.get("error"))
    host.until(lambda: hosts.STRANGER in host.client("get", "asterisk-auth", "banip"))
    expect(not host.connects(hosts.STRANGER), "the stranger gets in after the start")
    host.stop_fail2ban()
    code, document = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus", "--yes", "--start")
    expect(code == 0, code, document.get("error"))


def lockout(host, login="host"):
    """A change that really bans the operator is undone by the host, with nobody logged in, within the limit."""
    # Another hand takes the operator off the whitelist and lets every password attempt count; the log has five of his.
    name = "etc/fail2ban/jail.local"
    host.write(name, host.read(name).replace(b"::1 192.0.2.20 203", b"::1 203"))
    host.client("reload")
    host.client("set", "asterisk-scan", "addignoreip", hosts.RUNTIME_ENTRY)
    host.write(name, host.read(name).replace(b"[sshd]\nenabled  = true", b"[sshd]\nenabled  = false"))
    host.client("reload")
    host.write(name, host.read(name).replace(b"[sshd]\nenabled  = false", b"[sshd]\nenabled  = true")
               .replace(b"maxretry = 5\n", b"maxretry = 2\n"))
    stamp = time.strftime("%b %d %H:%M:%S")
    lines = ["%s vm sshd[%d]: Failed password for root from %s port %d ssh2\n" % (stamp, 4000 + n, hosts.OPERATOR, n)
             for n in range(40000, 40005)]
    host.write("var/log/auth.log", "".join(lines).encode())
    before = host.look()
    expect("sshd" not in before["server"], "the jail runs already")
    code, document = host.operator("reload", "--yes", name=login)
    expect(code == 3, "the forecast did not refuse", code, document.get("error"), document["warnings"])
    began = time.monotonic()
    code, document = host.operator("reload", "--yes", "--allow-lockout", name=login)
    took = time.monotonic() - began
    expect(code == 6, code, document)
    expect(took < 80, "it took", took)
    state, why = judge.state(host.look(), before, before)
    expect(state == "before", why)
    code, document = host.operator("status", name=login)
    expect(code == 0, "the operator cannot log in", code, document.get("error"))
    records, broken = judge.audit_log(host)
    expect(not broken and records[-1]["outcome"] == "restored", broken, records[-1])
    return took


def lockout_through_sudo(host):
    """The same for a login that reaches root through sudo."""
    lockout(host, "sudo")


def killed_while_awaiting(host):
    """The agent dies while it waits for the sign of life: `status` shows it, and the next run undoes it."""
    name = "etc/fail2ban/jail.local"
    host.write(name, host.read(name).replace(b"maxretry = 5\n", b"maxretry = 4\n"))
    before = host.look()
    process = host.operator("reload", "--yes", start=True)
    host.write("run/f2bm/log", b"")
    block = ("iptables", "-I", "INPUT", "-p", "tcp", "--syn", "--dport", "22", "-j", "DROP")
    deadline = time.monotonic() + 30
    blocked = False
    while time.monotonic() < deadline:
        if not blocked and any(phase == "reloading" for _, phase in judge.open_changes(host)):
            host.chroot(*block)
            blocked = True
        if any(phase == "awaiting" for _, phase in judge.open_changes(host)):
            break
        time.sleep(0.002)
    else:
        raise Wrong("it never waited")
    expect(blocked, "the door was shut too late")
    process.kill()
    process.communicate()
    for pid in host_agents(host):
        os.kill(pid, 9)
    host.chroot("iptables", "-D", *block[2:])
    code, document = host.operator("status")
    codes = [warning["code"] for warning in document["warnings"]]
    expect(code == 0 and "interrupted_change" in codes, code, codes)
    code, document = host.operator("backup", "--label", "settle", "--yes")
    expect(code == 0 and "interrupted_change_settled" in [one["code"] for one in document["warnings"]], code, document)
    state, why = judge.state(host.look(), before, before)
    expect(state == "before", why)


def revert_requested(host):
    """Where the new login is refused for good, the waiting host is told to revert at once, over the old connection."""
    name = "etc/fail2ban/jail.local"
    host.write(name, host.read(name).replace(b"maxretry = 5\n", b"maxretry = 4\n"))
    before = host.look()
    process = host.operator("reload", "--yes", start=True)
    while not any(phase == "reloading" for _, phase in judge.open_changes(host)):
        expect(process.poll() is None, "it ended", process.poll())
        time.sleep(0.002)
    keys = host.path("root/.ssh/authorized_keys")
    os.rename(keys, keys + ".away")
    try:
        began = time.monotonic()
        code, document = host.finish(process)
        took = time.monotonic() - began
    finally:
        os.rename(keys + ".away", keys)
    expect(code == 6, code, document)
    expect(took < 20, "it waited", took)
    state, why = judge.state(host.look(), before, before)
    expect(state == "before", why)


def host_agents(host):
    """The agents that run on the host."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                words = file.read().split(b"\0")
            if b"-I" in words[:3] and os.readlink(os.path.dirname(path) + "/root") == host.root:
                found.append(int(path.split("/")[2]))
        except OSError:
            continue
    return found


def twenty_at_once(host):
    """Twenty onboards at once, some through sudo and with operators' trails of their own: none is lost."""
    shutil.rmtree(host.path("var/lib/f2bctl"), ignore_errors=True)
    began = time.monotonic()
    running = [host.operator("onboard", "198.51.100.%d/32" % (100 + number), "--customer", "Customer %d" % number, "--yes",
                             start=True, state="state-%d" % (number % 5), name=("host", "sudo")[number % 2])
               for number in range(20)]
    ended = [host.finish(process) for process in running]
    took = time.monotonic() - began
    expect(all(code == 0 for code, _ in ended), took, [(code, document.get("error")) for code, document in ended if code])
    text = host.read("etc/fail2ban/jail.local").decode()
    line = next(line for line in text.splitlines() if line.startswith("ignoreip")).split()
    missing = [n for n in range(20) if "198.51.100.%d" % (100 + n) not in line and "198.51.100.%d/32" % (100 + n) not in line]
    expect(not missing, "missing in the file", missing)
    records, broken = judge.audit_log(host)
    changes = {record["change_id"] for record in records if record["kind"] == "outcome" and record["outcome"] == "changed"}
    expect(not broken and len(changes) == 20, broken, len(changes))
    code, document = host.operator("audit", "verify", state="state-0")
    expect(code == 0, code, document)
    return took


def silent_holder(host):
    """A link that goes silent between look and change does not keep the others out for longer than they wait."""
    process = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes", start=True)
    while not host_agents(host):
        time.sleep(0.002)
    agent = host_agents(host)[0]
    holds = "/proc/%d/fd" % agent
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if any(os.readlink(os.path.join(holds, name)).endswith("/etc/fail2ban") for name in os.listdir(holds)):
                break
        except OSError:
            pass
    with open("/proc/%d/stat" % agent) as file:
        session = int(file.read().rpartition(")")[2].split()[1])
    os.kill(process.pid, 19)
    os.kill(session, 19)
    try:
        expect(not judge.open_changes(host), "the change had begun already")
        code, document = host.operator("backup", "--label", "other", "--yes")
    finally:
        os.kill(session, 9)
        process.kill()
        process.communicate()
    expect(code == 0, code, document.get("error"))


def order_of_writes(host):
    """The journal is durable before jail.local is replaced, and each name before the next phase (a power cut)."""
    subprocess.run(["rm", "-rf", host.path("var/lib/f2bctl")], check=True)
    host.write("run/f2bm/log", b"")
    host.write("run/f2bm/plan.json", b'{"do": "none", "before": "outside"}')
    process = host.operator("onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels", "--yes", start=True)
    reached = host.path("run/f2bm/reached")
    host.until(lambda: os.path.exists(reached))
    with open(reached) as file:
        agent = int(file.read())
    trace = os.path.join(host.base, "trace")
    tracer = order.attach(agent, trace)
    os.unlink(reached)
    code, document = host.finish(process)
    tracer.wait()
    expect(code == 0, code, document.get("error"))
    seen = order.events(trace, host.root)
    expect(len(seen) > 50, "the trace is too short", len(seen))
    problems = order.judge(seen)
    expect(not problems, problems)
    # The judge itself: without the fsyncs it has to object.
    expect(order.judge([event for event in seen if event[0] != "fsync"]), "the judge saw nothing wrong without fsync")


ALL = [status, blocked, onboard, unban, drift, no_number, tabs, not_utf8, missing_filter, rehearsal_matches, denied,
       samples, entries_in_a_file, listed_in_a_file,
       listed_in_a_file_at_run_time, down, reload_failure, server_killed, agent_killed_after_unban, lockout, lockout_through_sudo,
       killed_while_awaiting, revert_requested, silent_holder, order_of_writes, twenty_at_once] + runbook.ALL
# What a CI run has time for.
PART = [status, blocked, onboard, unban, tabs, reload_failure, agent_killed_after_unban, revert_requested]


def run(host, wanted, talk):
    """Runs scenarios on one host: [(name, what was wrong or None)]."""
    found = []
    for scenario in wanted:
        subprocess.run(["rm", "-rf", host.path("var/lib/f2bctl")], check=True)
        host.reset()
        began = time.monotonic()
        try:
            scenario(host)
            wrong = None
        except (Wrong, RuntimeError, subprocess.SubprocessError, LookupError, TypeError, ValueError, AttributeError, OSError) as error:
            wrong = "%s: %s" % (type(error).__name__, error)
        if os.path.exists(host.path("run/f2bm/plan.json")):
            os.unlink(host.path("run/f2bm/plan.json"))
        talk("%-9s %-26s %5.1f s  %s" % (host.generation, scenario.__name__, time.monotonic() - began, wrong or "ok"))
        found.append((scenario.__name__, wrong))
    return found
