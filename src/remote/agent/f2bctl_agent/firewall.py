"""The firewall as the kernel has it: which chains of fail2ban block which addresses, and where they are entered.

Boundary: it reads iptables, ip6tables, ipset and nft; whether that is enough is decided elsewhere. A part that could
not be read is in `unknown` with its reason. Two functions change something: `sweep` removes whole chains and sets that
nobody needs any more, `remove` single addresses from them. Neither touches what does not bear fail2ban's names.
"""

import collections
import json
import os
import re
import shlex
import subprocess

from f2bctl_agent import packet_path

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
LARGEST_OUTPUT = 32 * 1024 * 1024


def observe(contained=False):
    """{chains: {name: {addresses, repeated, entries}}, unknown: {tool: reason}, forwarded}.

    `addresses` are those that the chain (or the set that it looks into) blocks, and `repeated` how often the very same
    rule is there for one; `entries` are the ways by which packets get there, as {protocol, ports, family, hook, before,
    unread}. `forwarded` are the ports that are sent on to other addresses, looked for where an Asterisk is `contained`:
    to list that table loads it into a kernel that does not have it.
    """
    found = {"chains": {}, "unknown": {}, "forwarded": None}
    for tool in ("iptables", "ip6tables"):
        text = _ask([tool, "-w", "5", "-S"], found["unknown"])
        if text is not None:
            _iptables(text, "ip6" if tool == "ip6tables" else "ip", found["chains"])
    for name, addresses in _ipsets(found["unknown"]).items():
        found["chains"].setdefault(name, _chain())["addresses"] += addresses
    _nftables(_nft_items(found["unknown"]), found["chains"])
    for chain in found["chains"].values():
        chain["addresses"] = sorted(set(chain["addresses"]))
    if contained:
        text = _ask(["iptables", "-w", "5", "-t", "nat", "-S"], found["unknown"])
        found["forwarded"] = None if text is None else packet_path.forwarded(text)
    return found


def filters_packets(properties):
    """Whether an action bans by rules of the kernel's packet filter."""
    ban = properties.get("actionban", "")
    return any(tool in ban for tool in ("iptables", "nftables", "nft ", "ipset"))


def own_chains(name, actions):
    """The chain and set names under which fail2ban's actions keep a jail's bans."""
    names = {name} | {properties.get("name", name) for properties in actions.values()}
    return sorted({chain for known in names for chain in chain_names(known)})


def chain_names(name):
    """The chain and set names of one action: iptables' and nftables', for IPv4 and IPv6."""
    return ["f2b-" + name, "f2b-" + name + "6", "addr-set-" + name, "addr6-set-" + name]


def sweep(names):
    """Removes these chains of iptables and sets of ipset and nft, with the rules that lead there."""
    _sweep_nft(names)
    for tool in ("iptables", "ip6tables"):
        text = _ask([tool, "-w", "5", "-S"], {}) or ""
        for line in text.splitlines():
            words = line.split()
            leads = words[-1:] if words[-2:-1] in (["-j"], ["-g"]) else []
            if words[:1] == ["-A"] and set(names) & set(leads + _sets_of(words)):
                _ask([tool, "-w", "5", "-D"] + shlex.split(line)[1:], {})
        for name in sorted(names):
            if "-N %s" % name in text.splitlines():
                _ask([tool, "-w", "5", "-F", name], {})
                _ask([tool, "-w", "5", "-X", name], {})
    for name in sorted(set(_ipsets({})) & set(names)):
        _ask(["ipset", "destroy", name], {})


def _sets_of(words):
    """The ipset that a rule looks into."""
    return words[words.index("--match-set") + 1:][:1] if "--match-set" in words else []


def remove(wanted):
    """Takes addresses out of chains and sets of fail2ban.

    `wanted` is {name: {address: n}}: so many of the rules that are there more than once, or all where n is None.
    """
    for tool in ("iptables", "ip6tables"):
        seen = collections.Counter()
        for line in (_ask([tool, "-w", "5", "-S"], {}) or "").splitlines():
            name, address = _blocked(line.split())
            if address not in wanted.get(name, {}):
                continue
            count = wanted[name][address]
            # A rule is deleted by what it says, and the first of several goes.
            if count is None or 0 < seen[line] <= count:
                _ask([tool, "-w", "5", "-D"] + shlex.split(line)[1:], {})
            seen[line] += 1
    for name, addresses in _ipsets({}).items():
        for address in set(addresses) & set(wanted.get(name, ())):
            _ask(["ipset", "-exist", "del", name, address], {})
    for item in _nft_items({}):
        kept = item.get("set", {})
        present = {_element(element) for element in kept.get("elem", [])} & set(wanted.get(kept.get("name"), ()))
        for address in sorted(present):
            _ask(["nft", "delete", "element", kept["family"], kept["table"], kept["name"], "{ %s }" % address], {})


def _nft_items(unknown):
    """What nft has of the tables in which there are sets of fail2ban, as its JSON; a list of all rules may be very
    long."""
    found = []
    for item in _nft(["-t", "list", "sets"], unknown):
        kept = item.get("set", {})
        place = (str(kept.get("family")), str(kept.get("table")))
        if re.match(r"addr6?-set-", kept.get("name", "")) and place not in found:
            found.append(place)
    return [item for place in found for item in _nft(["list", "table"] + list(place), unknown)]


def _nft(words, unknown):
    text = _ask(["nft", "-j"] + words, unknown)
    try:
        return json.loads(text or "{}").get("nftables", [])
    except ValueError:
        unknown["nft"] = "its output is not JSON"
        return []


def _sweep_nft(names):
    """The rules that look into one of these sets, then the sets; nft names a rule by its handle alone."""
    items = _nft_items({})
    for item in items:
        rule = item.get("rule", {})
        looked = re.findall(r'"@([^"]+)"', json.dumps(rule.get("expr", [])))
        if set(looked) & set(names):
            place = [str(rule[key]) for key in ("family", "table", "chain")]
            _ask(["nft", "delete", "rule"] + place + ["handle", str(rule["handle"])], {})
    for item in items:
        kept = item.get("set", {})
        if kept.get("name") in names:
            _ask(["nft", "delete", "set"] + [str(kept[key]) for key in ("family", "table", "name")], {})


def _chain():
    return {"addresses": [], "repeated": {}, "entries": []}


def _ask(command, unknown):
    """A tool's output, or None with the reason noted; a tool that is not installed has no rules to show."""
    environment = dict(os.environ, PATH=PATH, LC_ALL="C")
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=environment, timeout=20)
    except FileNotFoundError:
        unknown[command[0]] = "not installed"
        return None
    except (OSError, subprocess.TimeoutExpired) as error:
        unknown[command[0]] = str(error)
        return None
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        unknown[command[0]] = lines[0] if lines else "exit %d" % done.returncode
        return None
    return done.stdout[:LARGEST_OUTPUT].decode("utf-8", "replace")


def _iptables(text, family, chains):
    """Reads `iptables -S`: `-A f2b-X -s ADDRESS -j REJECT` shuts out, `-A INPUT ... -j f2b-X` leads there."""
    for line, count in collections.Counter(text.splitlines()).items():
        words = line.split()
        name, address = _blocked(words)
        if words[:1] == ["-N"] and words[1].startswith("f2b-"):
            chains.setdefault(words[1], _chain())
        elif address is not None:
            chain = chains.setdefault(name, _chain())
            chain["addresses"].append(address)
            if count > 1:
                chain["repeated"][address] = max(count, chain["repeated"].get(address, 0))
    # Who is banned is the most of a long list, and no rule by which packets get anywhere.
    table = packet_path.iptables("\n".join(line for line in text.splitlines() if _blocked(line.split())[1] is None))
    for chain, rules in table.chains.items():
        for index, rule in enumerate(rules):
            for name in (rule["target"], rule["set"] or ""):
                if name.startswith("f2b-"):
                    chains.setdefault(name, _chain())["entries"] += packet_path.entry(table, chain, index, family)


def _blocked(words):
    """(chain, address) of a line of `iptables -S` that blocks an address in a chain of fail2ban; else (None, None)."""
    options = dict(zip(words[2:], words[3:]))
    if words[:1] != ["-A"] or not words[1].startswith("f2b-") or options.get("-j", "") in ("", "RETURN", "ACCEPT"):
        return None, None
    return (words[1], re.sub(r"/(32|128)$", "", options["-s"])) if "-s" in options else (None, None)


def _ipsets(unknown):
    """{set name: [addresses]} of fail2ban's ipsets; without ipset there are none."""
    text = _ask(["ipset", "save"], {})
    sets = {}
    for line in (text or "").splitlines():
        words = line.split()
        if len(words) > 2 and words[0] == "add" and words[1].startswith("f2b-"):
            sets.setdefault(words[1], []).append(words[2])
    return sets


def _nftables(items, chains):
    """Reads `nft -j list ruleset`: sets named addr-set-X or addr6-set-X, and the rules that look into them."""
    for item in items:
        known = item.get("set")
        if known and re.match(r"addr6?-set-", known.get("name", "")):
            chain = chains.setdefault(known["name"], _chain())
            chain["addresses"] += [_element(element) for element in known.get("elem", [])]
    for table in packet_path.nftables(items).values():
        for chain, rules in table.chains.items():
            for index, rule in enumerate(rules):
                name = (rule["set"] or "")[1:]
                if re.match(r"addr6?-set-", name):
                    family = "ip6" if name.startswith("addr6-") else "ip"
                    chains.setdefault(name, _chain())["entries"] += packet_path.entry(table, chain, index, family)


def _element(element):
    if isinstance(element, dict) and "elem" in element:
        element = element["elem"].get("val")
    if isinstance(element, dict) and "prefix" in element:
        return "%s/%s" % (element["prefix"]["addr"], element["prefix"]["len"])
    return str(element)
