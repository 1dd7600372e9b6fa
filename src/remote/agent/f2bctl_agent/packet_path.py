"""The way of a packet to fail2ban's rules: from which hook of the kernel it gets there, and what may accept it before.

Boundary: it reads the texts that the tools print; what follows for a ban is decided elsewhere. A condition that is not read
is `unread`, never left out.
"""

import json
import shlex

QUEUES = ("QUEUE", "NFQUEUE")
CONDITIONS = ("protocol", "ports", "source", "states")
OPTIONS = {"-p": "protocol", "-s": "source", "--dport": "ports", "--dports": "ports", "--ctstate": "states",
           "--state": "states"}
WITHOUT_WEIGHT = ("-m", "--comment")
MOST_BEFORE = 40


class Table:
    """The rules of one family: {chain: [rule]}, and the hook of each chain at which packets begin."""

    def __init__(self):
        self.chains = {}
        self.hooks = {}

    def ways(self, chain, seen=()):
        """[(hook, the rules that may accept before, whether something else decides that packets get there)]."""
        if chain in self.hooks:
            return [(self.hooks[chain], [], False)]
        found = []
        for other, rules in self.chains.items():
            for index, rule in enumerate(rules):
                if rule["target"] == chain and other not in seen:
                    for hook, before, unread in self.ways(other, seen + (chain,)):
                        found.append((hook, before + self.passing(other, index), unread or _limits(rule)))
        return found

    def passing(self, chain, index):
        """The rules of a chain before this one by which a packet never gets to it."""
        found = []
        for rule in self.chains[chain][:index]:
            found += self.accepting(rule, ("ACCEPT", "RETURN"), ())
        return found

    def accepting(self, rule, ends, seen):
        """The rules by which this one accepts a packet: itself, or those of the chain that it leads to."""
        target = rule["target"]
        if rule["local"]:
            return []
        if target in ends or target in QUEUES:
            return [dict(rule, unread=rule["unread"] or target in QUEUES)]
        if target in seen:
            return []
        found, returned = [], False
        for inner in self.chains.get(target, ()):
            for accepted in self.accepting(inner, ("ACCEPT",), seen + (target,)):
                found.append(_both(rule, accepted, returned))
            returned = returned or inner["target"] == "RETURN"
        return found


def entry(table, chain, index, family):
    """The rule at this place of a chain as the ways by which packets get to what it leads to."""
    rule = table.chains[chain][index]
    found = []
    for hook, before, unread in table.ways(chain):
        before = [_shown(other) for other in before + table.passing(chain, index)]
        found.append({"protocol": rule["protocol"], "ports": rule["ports"], "family": family, "hook": hook,
                      "before": before[:MOST_BEFORE], "unread": unread or rule["unread"] or len(before) > MOST_BEFORE})
    return found


def iptables(text):
    """The rules of `iptables -S`."""
    table = Table()
    for line in text.splitlines():
        words = shlex.split(line)
        if words[:1] == ["-P"]:
            table.hooks[words[1]] = words[1]
        if words[:1] in (["-P"], ["-N"]):
            table.chains.setdefault(words[1], [])
        elif words[:1] == ["-A"]:
            table.chains.setdefault(words[1], []).append(_rule(line, words))
    return table


def forwarded(text):
    """Where `iptables -t nat -S` sends packets to another address: [{protocol, ports, to}]."""
    found = []
    for line in text.splitlines():
        words = shlex.split(line)
        if "DNAT" in words and "--to-destination" in words[:-1]:
            rule = _rule(line, words)
            found.append({"protocol": rule["protocol"], "ports": rule["ports"],
                          "to": words[words.index("--to-destination") + 1]})
    return found


def nftables(items):
    """{(family, table): the rules} of nft's JSON."""
    tables = {}
    for item in items:
        kind = "chain" if "chain" in item else "rule"
        known = item.get(kind)
        if known is None:
            continue
        table = tables.setdefault((known["family"], known["table"]), Table())
        if kind == "rule":
            table.chains.setdefault(known["chain"], []).append(_nft_rule(known))
        else:
            table.chains.setdefault(known["name"], [])
            if "hook" in known:
                table.hooks[known["name"]] = known["hook"].upper()
    return tables


def _blank(text):
    return {"text": text, "protocol": "all", "ports": None, "source": None, "states": None, "target": "", "set": None,
            "local": False, "unread": False}


def _shown(rule):
    return {key: rule[key] for key in ("text", "unread") + CONDITIONS}


def _limits(rule):
    return rule["unread"] or any(rule[key] not in (None, "all") for key in CONDITIONS)


def _both(outer, inner, returned):
    """A rule of a chain, with the conditions of the rule that leads there."""
    rule = dict(inner, unread=inner["unread"] or outer["unread"] or returned)
    for key in CONDITIONS:
        if outer[key] not in (None, "all"):
            rule["unread"] = rule["unread"] or inner[key] not in (None, "all", outer[key])
            rule[key] = outer[key]
    return rule


def _rule(line, words):
    """One rule of iptables: the options up to its target."""
    rule, at = _blank(line), 2
    while at < len(words):
        word, value = words[at], words[at + 1] if at + 1 < len(words) else ""
        if word in ("-j", "-g"):
            rule["target"] = value
            break
        at += 2
        if word in OPTIONS:
            rule["unread"] = rule["unread"] or rule[OPTIONS[word]] not in (None, "all")
            rule[OPTIONS[word]] = value
        elif word == "--match-set":
            rule["set"] = value
            at += 1
        elif word == "-i" and value == "lo":
            rule["local"] = True
        elif word not in WITHOUT_WEIGHT:
            rule["unread"] = True
            if word == "!":
                at += 1
            elif value.startswith("-"):
                at -= 1
    return rule


def _nft_rule(known):
    rule = _blank("")
    for expression in known.get("expr", []):
        kind, value = next(iter(expression.items())) if isinstance(expression, dict) else (str(expression), None)
        if kind == "match":
            _nft_match(rule, value)
        elif kind in ("accept", "return", "drop", "reject", "queue"):
            rule["target"] = kind.upper()
        elif kind in ("jump", "goto"):
            rule["target"] = value["target"]
        elif kind == "vmap":
            _nft_verdicts(rule, value)
        elif kind not in ("counter", "log"):
            rule["unread"] = True
    words = ["%s %s" % (key, rule[key]) for key in CONDITIONS if rule[key] not in (None, "all")]
    rule["text"] = " ".join(["nft", known["family"], known["table"], known["chain"] + ":"] + words + [rule["target"].lower()])
    return rule


def _nft_match(rule, match):
    left, right = match.get("left", {}), _nft_words(match.get("right"))
    left = left if isinstance(left, dict) else {}
    payload, meta = left.get("payload", {}), left.get("meta", {}).get("key")
    key = None
    if payload.get("field") == "dport":
        key = "ports"
        if payload["protocol"] in ("tcp", "udp", "sctp", "dccp"):
            rule["protocol"] = payload["protocol"]
    elif payload.get("field") == "saddr":
        key = "set" if right is not None and right.startswith("@") else "source"
    elif meta == "l4proto" or payload.get("field") in ("protocol", "nexthdr"):
        key = "protocol"
    elif left.get("ct", {}).get("key") == "state":
        key = "states"
    elif meta in ("iif", "iifname") and right == "lo":
        rule["local"] = True
        return
    if key is None or right is None or match.get("op") not in ("==", "in"):
        rule["unread"] = True
        return
    rule["unread"] = rule["unread"] or rule[key] not in (None, "all")
    rule[key] = right


def _nft_words(right):
    """What a match compares with, as words with commas; None if it is of no such form."""
    if isinstance(right, (str, int)):
        return str(right)
    if isinstance(right, list) or isinstance(right, dict) and "set" in right:
        words = [_nft_words(one) for one in (right if isinstance(right, list) else right["set"])]
        return None if None in words else ",".join(words)
    if isinstance(right, dict) and "range" in right:
        return "%s-%s" % tuple(right["range"])
    if isinstance(right, dict) and "prefix" in right:
        return "%s/%s" % (right["prefix"]["addr"], right["prefix"]["len"])
    return None


def _nft_verdicts(rule, value):
    """A map from what a packet is to what happens with it: read where it is of states, else only that it may accept."""
    pairs = value.get("data", {})
    pairs = pairs.get("set", []) if isinstance(pairs, dict) else []
    key = value.get("key", {})
    of_states = isinstance(key, dict) and key.get("ct", {}).get("key") == "state"
    accepted = [str(pair[0]) for pair in pairs if isinstance(pair, list) and "accept" in json.dumps(pair[1:])]
    if of_states and "jump" not in json.dumps(pairs) and "goto" not in json.dumps(pairs):
        rule["target"] = "ACCEPT" if accepted else ""
        rule["states"] = ",".join(accepted) or None
    else:
        rule.update(target="ACCEPT", unread=True)
