"""Does the running server, with its firewall, hold what was meant? One comparison for changes and for undoing them.

Boundary: it only looks. What was meant comes with the request; bans come from the snapshot before.
"""

import ipaddress
import time

from f2bctl_agent import firewall, restoring, server
from f2bctl_agent.loop import describe
from f2bctl_agent.surplus import Surplus

# A ban's end may move by this much when fail2ban restores it from its database.
TOLERANCE_SECONDS = 2


class Meant:
    """What has to be true after a step.

    `jails` is {name: {values, actions}}, or None when the server has no part in it; `bans` is {jail: [ban]} of those
    that must still exist; `chains` are the firewall's chains as they were; `lifted` is {jail: [ip]}; `bantimes` is
    {jail: (before, after)} in seconds; `before` and `between` are the jails that there were, whose rules must be gone.
    """

    def __init__(self, jails, bans, chains, lifted=None, bantimes=None, before=None, between=None):
        self.jails = jails
        self.bans = bans
        self.chains = chains
        self.enforced = blocked(chains)
        self.lifted = lifted or {}
        self.bantimes = bantimes or {}
        self.before = before or {}
        self.between = between or {}

    def count(self):
        """How many bans have to stand."""
        return sum(map(len, self.bans.values()))

    def ends(self, name, ban):
        """When a ban may end: as before, or, if it lasts the jail's bantime and that changes, with the new one.

        fail2ban gives most bans no time of their own, so that they follow the jail's; one that it has brought back
        from its database keeps the time that it had.
        """
        before, after = self.bantimes.get(name, (None, None))
        follows = before != after and ban["until"] is not None and ban["until"] - ban["since"] == before
        follows = follows or (before != after and ban["until"] is None and before is not None and before < 0)
        if not follows:
            return [ban["until"]]
        return [ban["until"], None if after < 0 else ban["since"] + after]


def look(config_dir):
    """The server's jails and the firewall's chains, now."""
    live = server.connect(config_dir)
    try:
        jails = server.snapshot(live)
    finally:
        live.close()
    return jails, firewall.observe()["chains"]


def wait(config_dir, meant, seconds, tell=None):
    """Looks until everything holds, or nothing has moved for so many seconds: (rows, problems).

    fail2ban restores bans in the background, one by one. Rules that are left over meanwhile are removed.
    """
    patience = restoring.Patience(seconds, meant.count(), tell)
    surplus = Surplus(meant)
    while True:
        standing = 0
        try:
            jails, chains = look(config_dir)
            found = compare(meant, jails, chains)
            left = surplus.problems(jails, chains) if not found[1] else []
            standing = count_standing(meant, jails)
            found = found[0], found[1] + left
        except OSError as error:
            found = [], ["fail2ban-server does not answer: %s" % describe(error)]
        except server.Refused as error:
            found = [], ["fail2ban-server answered: %s" % error]
        if not found[1] or patience.is_over(standing):
            return found
        patience.pause()


def compare(meant, jails, chains):
    """(a row for each jail, all problems in sentences)."""
    rows = []
    held = blocked(chains)
    problems = ["jail %s runs and is not meant to" % name for name in sorted(set(jails) - set(meant.jails))]
    for name in sorted(meant.jails):
        if name not in jails:
            problems.append("jail %s is not running" % name)
            rows.append({"jail": name, "ok": False, "problems": ["not running"]})
            continue
        found = settings_problems(meant.jails[name], jails[name])
        actions = meant.jails[name].get("actions") or {}
        found += ban_problems(name, meant, jails[name]["bans"], actions)
        found += rule_problems(name, meant, jails[name]["bans"], (chains, held), actions)
        rows.append(row(name, jails[name], found))
        problems += ["jail %s: %s" % (name, problem) for problem in found]
    return rows, problems


def blocked(chains):
    """{chain: the addresses that it blocks}."""
    return {name: set(chain["addresses"]) for name, chain in chains.items()}


def count_standing(meant, jails):
    """How many of the bans that are meant stand by now."""
    count = 0
    for name in set(meant.bans) & set(jails):
        present = {ban["ip"] for ban in jails[name]["bans"]}
        count += sum(1 for ban in meant.bans[name] if ban["ip"] in present)
    return count


def row(name, jail, problems):
    """One jail's line of the proof."""
    values = jail["values"]
    return {
        "jail": name, "ok": not problems, "problems": problems, "ignoreip": values.get("ignoreip", []),
        "maxretry": values.get("maxretry"), "findtime": values.get("findtime"), "bantime": values.get("bantime"),
        "banned": [ban["ip"] for ban in jail["bans"]], "actions": sorted(jail["actions"]),
        "log_files": values.get("logpath", []),
    }


def settings_problems(meant, jail):
    """Values and actions that are not as meant."""
    problems = []
    for key, value in sorted(meant["values"].items()):
        now = jail["values"].get(key)
        if now != value:
            problems.append("%s is %r, not %r" % (key, now, value))
    for action, properties in sorted((meant.get("actions") or {}).items()):
        if action not in jail["actions"]:
            problems.append("its action %s is missing" % action)
            continue
        now = jail["actions"][action]
        for key, value in sorted(properties.items()):
            if key in now and now[key] != value:
                problems.append("action %s: %s is %r, not %r" % (action, key, now[key], value))
    if meant.get("actions") is not None:
        extra = set(jail["actions"]) - set(meant["actions"])
        problems += ["action %s runs and is not meant to" % action for action in sorted(extra)]
    return problems


def ban_problems(name, meant, bans, actions):
    """Earlier bans that are gone or end at another time, and lifted bans that still exist."""
    now = {ban["ip"]: ban for ban in bans}
    gone, moved = [], []
    for ban in still_due(meant, name):
        found = now.get(ban["ip"])
        if found is None:
            gone.append(ban["ip"])
        elif not any(same_end(found["until"], end) for end in meant.ends(name, ban)):
            moved.append("the ban of %s ends at %s, not at %s" % (ban["ip"], found["until"], ban["until"]))
    problems = of_bans("the ban of %s is gone", gone)
    problems += moved[:1] if len(moved) < 2 else ["%s (and the ends of %d more bans moved)" % (moved[0], len(moved) - 1)]
    still = [ip for ip in meant.lifted.get(name, []) if ip in now]
    return problems + of_bans("%s is still banned", still)


def rule_problems(name, meant, bans, firewall_now, actions):
    """What bans lack in the firewall under each of the jail's actions, whose names may be others than before; and
    lifted bans whose rules still exist."""
    chains, held = firewall_now
    own = firewall.own_chains(name, actions)
    now = {ban["ip"] for ban in bans}
    enforced = set().union(*[meant.enforced.get(chain, set()) for chain in own])
    due = [ban["ip"] for ban in still_due(meant, name) if ban["ip"] in now and ban["ip"] in enforced]
    problems = []
    for known in sorted({properties.get("name", name) for properties in actions.values() if firewall.filters_packets(properties)}):
        places = [chain for chain in firewall.chain_names(known) if chain in held]
        reached = set().union(*[held[chain] for chain in places if chains[chain]["entries"]])
        lost = [ip for ip in due if not any(ip in held[chain] for chain in places)]
        problems += of_bans("the firewall does not block %s any more ({})".format(known), lost)
        if any(ip not in reached for ip in due if ip not in set(lost)):
            problems.append("no packet reaches the firewall's chain %s any more" % places[0])
    for chain in own:
        still = [ip for ip in meant.lifted.get(name, []) if ip in held.get(chain, ())]
        problems += of_bans("the firewall still blocks %s ({})".format(chain), still)
    return problems


def still_due(meant, name):
    """The earlier bans of a jail that have not ended, or are about to."""
    return [ban for ban in meant.bans.get(name, [])
            if all(in_future(end, TOLERANCE_SECONDS) for end in meant.ends(name, ban))]


def of_bans(sentence, ips):
    """The sentence of each of these addresses; of many, of the first ones, and how many more there are."""
    found = [sentence % ip for ip in ips[:restoring.NAMED]]
    return found + (["the same of {:,} more".format(len(ips) - len(found))] if len(ips) > len(found) else [])


def due(ban):
    """Whether a ban has not ended yet."""
    return in_future(ban["until"])


def in_future(end, margin=0):
    """Whether the end of a ban is still to come (a ban that ends within the margin may be gone already)."""
    return end is None or end > time.time() + margin


def same_end(one, other):
    """Whether two ends are the same to within the tolerance."""
    if one is None or other is None:
        return one == other
    return abs(one - other) <= TOLERANCE_SECONDS


def members(bans, network):
    """The banned addresses that are in a network; a banned network counts when it is wholly inside."""
    wanted = ipaddress.ip_network(network, strict=False)
    found = []
    for ban in bans:
        try:
            banned = ipaddress.ip_network(ban["ip"], strict=False)
        except ValueError:
            continue
        if banned.version == wanted.version and banned.network_address in wanted and banned.prefixlen >= wanted.prefixlen:
            found.append(ban["ip"])
    return found
