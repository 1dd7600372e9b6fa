"""A host with thousands of bans: how they come to be there, and whether the firewall holds them and nothing else.

Boundary: what is done to such a host is for `many` and `procedures` to say.
"""

import ipaddress
import json
import re
import subprocess
import time

JAIL = "asterisk-auth"
JAIL_LOCAL = "etc/fail2ban/jail.local"
FIRST = "100.64.0.1"  # not a customer's: shared address space, banned one after the other
NETWORKS = ["100.64.%d.0/20" % third for third in range(0, 64, 16)]  # hold them all
ACTIONS = re.compile(rb"^action +=.*\n( +.*\n)*", re.M)
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


def crowd(host, count):
    """Gives the host so many bans, in jails that are about TCP alone: how long fail2ban took to restore them, seconds."""
    host.stop_fail2ban()
    host.write(JAIL_LOCAL, ACTIONS.sub(b"", host.read(JAIL_LOCAL)))
    fill(host, count)
    host.flush()
    began = time.monotonic()
    host.start_fail2ban()
    restored(host, count)
    host.facts["bans"] = count
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
