"""The firewall as the kernel has it: which chains of fail2ban shut out which addresses, and where they are entered.

Boundary: it reads iptables, ip6tables and nft; whether that is enough is decided elsewhere. A part that could not be
read stands in `unknown` with its reason. `sweep` alone changes something: it removes what a killed server left.
"""

import json
import os
import re
import subprocess

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
LARGEST_OUTPUT = 32 * 1024 * 1024


def observe():
    """{chains: {name: {addresses, entries}}, unknown: {tool: reason}}.

    `addresses` are those that the chain (or the set that it looks into) shuts out; `entries` are the rules by which
    packets get there, as {protocol, ports, family}.
    """
    found = {"chains": {}, "unknown": {}}
    for tool in ("iptables", "ip6tables"):
        text = _ask([tool, "-w", "5", "-S"], found["unknown"])
        if text is not None:
            _iptables(text, "ip6" if tool == "ip6tables" else "ip", found["chains"])
    for name, addresses in _ipsets(found["unknown"]).items():
        found["chains"].setdefault(name, _chain())["addresses"] += addresses
    text = _ask(["nft", "-j", "list", "ruleset"], found["unknown"])
    if text:
        try:
            _nftables(json.loads(text).get("nftables", []), found["chains"])
        except ValueError:
            found["unknown"]["nft"] = "its output is not JSON"
    for chain in found["chains"].values():
        chain["addresses"] = sorted(set(chain["addresses"]))
    return found


def sweep(names):
    """Removes these chains of iptables and sets of nft, with the rules that lead there."""
    _sweep_nft(names)
    for tool in ("iptables", "ip6tables"):
        text = _ask([tool, "-w", "5", "-S"], {}) or ""
        for line in text.splitlines():
            words = line.split()
            if words[:1] == ["-A"] and words[-1] in names and words[-2] in ("-j", "-g"):
                _ask([tool, "-w", "5", "-D"] + words[1:], {})
        for name in sorted(names):
            if "-N %s" % name in text.splitlines():
                _ask([tool, "-w", "5", "-F", name], {})
                _ask([tool, "-w", "5", "-X", name], {})


def _sweep_nft(names):
    """The rules that look into one of these sets, then the sets; nft names a rule by its handle alone."""
    text = _ask(["nft", "-j", "list", "ruleset"], {})
    try:
        items = json.loads(text or "{}").get("nftables", [])
    except ValueError:
        return
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
    return {"addresses": [], "entries": []}


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
    for line in text.splitlines():
        words = line.split()
        if len(words) < 2 or words[0] not in ("-A", "-N"):
            continue
        options = dict(zip(words[2:], words[3:]))
        target = options.get("-j", "")
        if words[0] == "-N" and words[1].startswith("f2b-"):
            chains.setdefault(words[1], _chain())
        elif words[1].startswith("f2b-") and "-s" in options and target not in ("RETURN", "ACCEPT"):
            address = re.sub(r"/(32|128)$", "", options["-s"])
            chains.setdefault(words[1], _chain())["addresses"].append(address)
        elif target.startswith("f2b-"):
            chains.setdefault(target, _chain())["entries"].append(_entry(options, family))
        elif options.get("--match-set", "").startswith("f2b-"):
            chains.setdefault(options["--match-set"], _chain())["entries"].append(_entry(options, family))


def _entry(options, family):
    ports = options.get("--dports") or options.get("--dport")
    return {"protocol": options.get("-p", "all"), "ports": ports, "family": family}


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
    for item in items:
        rule = item.get("rule")
        if not rule:
            continue
        text = json.dumps(rule.get("expr", []))
        for name in re.findall(r'"@(addr6?-set-[^"]+)"', text):
            protocols = re.findall(r'"protocol": "(tcp|udp|sctp|dccp)", "field": "dport"', text)
            family = "ip6" if name.startswith("addr6-") else "ip"
            for protocol in protocols or ["all"]:
                entry = {"protocol": protocol, "ports": _ports(rule.get("expr", [])), "family": family}
                chains.setdefault(name, _chain())["entries"].append(entry)


def _ports(expressions):
    for expression in expressions:
        match = expression.get("match", {}) if isinstance(expression, dict) else {}
        left = match.get("left", {})
        if isinstance(left, dict) and left.get("payload", {}).get("field") == "dport":
            return json.dumps(match.get("right"))
    return None


def _element(element):
    if isinstance(element, dict) and "elem" in element:
        element = element["elem"].get("val")
    if isinstance(element, dict) and "prefix" in element:
        return "%s/%s" % (element["prefix"]["addr"], element["prefix"]["len"])
    return str(element)
