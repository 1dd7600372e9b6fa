"""Does the running server, with its firewall, hold what was meant? One comparison for changes and for undoing them.

Boundary: it only looks. What was meant comes with the request; bans come from the snapshot before.
"""

import ipaddress
import time

from f2bctl_agent import firewall, server
from f2bctl_agent.loop import describe

# A ban's end may move by this much when fail2ban restores it from its database.
TOLERANCE_SECONDS = 2
POLL_SECONDS = 0.1


class Meant:
    """What has to be true after a step.

    `jails` is {name: {values, actions}}, or None when the server has no part in it; `bans` is {jail: [ban]} of those
    that must still stand; `chains` are the firewall's chains as they were; `lifted` is {jail: [ip]}; `bantimes` is
    {jail: (before, after)} in seconds.
    """

    def __init__(self, jails, bans, chains, lifted=None, bantimes=None):
        self.jails = jails
        self.bans = bans
        self.chains = chains
        self.lifted = lifted or {}
        self.bantimes = bantimes or {}

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


def wait(config_dir, meant, seconds):
    """Looks until everything holds or the time is up: (rows, problems). fail2ban restores bans in the background."""
    until = time.monotonic() + seconds
    while True:
        try:
            jails, chains = look(config_dir)
            found = compare(meant, jails, chains)
        except OSError as error:
            found = [], ["fail2ban-server does not answer: %s" % describe(error)]
        except server.Refused as error:
            found = [], ["fail2ban-server answered: %s" % error]
        if not found[1] or time.monotonic() >= until:
            return found
        time.sleep(POLL_SECONDS)


def compare(meant, jails, chains):
    """(a row for each jail, all problems in sentences)."""
    rows = []
    problems = ["jail %s runs and is not meant to" % name for name in sorted(set(jails) - set(meant.jails))]
    for name in sorted(meant.jails):
        if name not in jails:
            problems.append("jail %s is not running" % name)
            rows.append({"jail": name, "ok": False, "problems": ["not running"]})
            continue
        found = settings_problems(meant.jails[name], jails[name])
        found += ban_problems(name, meant, jails[name]["bans"], chains, meant.jails[name].get("actions") or {})
        rows.append(row(name, jails[name], found))
        problems += ["jail %s: %s" % (name, problem) for problem in found]
    return rows, problems


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


def ban_problems(name, meant, bans, chains, actions):
    """Earlier bans that are gone or end at another time, lost firewall rules, and lifted bans that still stand."""
    now = {ban["ip"]: ban for ban in bans}
    own = own_chains(name, actions)
    problems = []
    for ban in meant.bans.get(name, []):
        ends = meant.ends(name, ban)
        if not all(ahead(end, TOLERANCE_SECONDS) for end in ends):
            continue
        found = now.get(ban["ip"])
        if found is None:
            problems.append("the ban of %s is gone" % ban["ip"])
            continue
        if not any(same_end(found["until"], end) for end in ends):
            problems.append("the ban of %s ends at %s, not at %s" % (ban["ip"], found["until"], ban["until"]))
        for chain in own:
            if ban["ip"] in meant.chains.get(chain, {}).get("addresses", []):
                if ban["ip"] not in chains.get(chain, {}).get("addresses", []):
                    problems.append("the firewall no longer shuts out %s (%s)" % (ban["ip"], chain))
                elif not chains[chain]["entries"] and meant.chains[chain]["entries"]:
                    problems.append("no packet reaches the firewall's chain %s any more" % chain)
    for ip in meant.lifted.get(name, []):
        if ip in now:
            problems.append("%s is still banned" % ip)
        for chain in own:
            if ip in chains.get(chain, {}).get("addresses", []):
                problems.append("the firewall still shuts out %s (%s)" % (ip, chain))
    return problems


def own_chains(name, actions):
    """The chain and set names under which fail2ban's actions keep a jail's bans."""
    names = {name} | {properties.get("name", name) for properties in actions.values()}
    found = set()
    for known in names:
        found |= {"f2b-" + known, "f2b-" + known + "6", "addr-set-" + known, "addr6-set-" + known}
    return sorted(found)


def due(ban):
    """Whether a ban has not ended yet."""
    return ahead(ban["until"])


def ahead(end, margin=0):
    """Whether the end of a ban is still to come (a ban that ends within the margin may be gone already)."""
    return end is None or end > time.time() + margin


def same_end(one, other):
    """Whether two ends are the same to within the tolerance."""
    if one is None or other is None:
        return one == other
    return abs(one - other) <= TOLERANCE_SECONDS


def members(bans, network):
    """The banned addresses that lie in a network; a banned network counts when it lies wholly inside."""
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
