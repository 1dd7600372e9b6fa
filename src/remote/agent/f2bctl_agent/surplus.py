"""Rules in fail2ban's chains and sets that no ban is the reason of: left over by a restart or an unban, or there twice.

    bans of the running jails, through their actions' names -> the addresses that each chain may hold -> what is left
    over

fail2ban never lifts what it does not list, so an address in such a rule stays blocked for good.

Boundary: a chain whose name no jail's action has had is another's business, except where an address is to be let go of
everywhere (`of_networks`). What another program put into the firewall is never looked at.
"""

import collections
import ipaddress
import time

from f2bctl_agent import firewall
from f2bctl_agent.restoring import some

# fail2ban takes a rule away a moment after it has ended the ban; what is longer is left over.
SECONDS = 2


class Surplus:
    """What a step has left over, found and removed while the step is being proven."""

    def __init__(self, meant):
        self.meant = meant
        self.since = {}
        # What stood there before belongs to no step; an unban or the operator decides about it.
        self.earlier = places(meant.chains, reasons(meant.before), reasons(meant.before)) if meant.before else set()

    def problems(self, jails, chains):
        """What is left over, in sentences; what has been for a while is removed, and looked at again.

        The jails are asked before the firewall. A ban of the moment between is no fault, and is gone at the next look.
        """
        wanted, known = reasons(jails), {}
        for others in (self.meant.before, self.meant.between, jails):
            known.update(reasons(others))
        found = places(chains, known, wanted) - self.earlier
        now = time.monotonic()
        before, self.since = self.since, {place: self.since.get(place, now) for place in found}
        old = {place for place in found if now - self.since[place] > SECONDS}
        firewall.sweep({chain for chain, address in old if address is None})
        firewall.remove(_to_remove({place for place in old if place[1] is not None}, chains, wanted))
        # All of the last look is gone, and what is new came in the moment between jails and firewall.
        if before and not found & before.keys():
            return []
        return _sentences(found)


def reasons(jails):
    """{chain or set: {address: how many bans it is blocked for}}, by the jails' actions that filter packets."""
    found = {}
    for name, jail in jails.items():
        for properties in (jail.get("actions") or {}).values():
            if firewall.filters_packets(properties):
                for chain in firewall.chain_names(properties.get("name", name)):
                    held = found.setdefault(chain, collections.Counter())
                    held.update(_normal(ban["ip"]) for ban in jail.get("bans", ()))
    return found


def places(chains, known, wanted):
    """{(chain, address)} of what is left over in the known chains; (chain, None) for one that nobody needs any more.

    A network may stand for several bans that the kernel has joined, so none is taken for left over.
    """
    found = set()
    for chain in known.keys() & chains.keys():
        if chain not in wanted:
            found.add((chain, None))
            continue
        repeated = chains[chain].get("repeated", {})
        for address in chains[chain]["addresses"]:
            if repeated.get(address, 1) > wanted[chain].get(_normal(address), 0) and _is_single(address):
                found.add((chain, address))
    return found


def _to_remove(found, chains, wanted):
    """{chain: {address: n}} as `firewall.remove` takes it: all of the rules of who is not banned, the surplus of who
    is."""
    removed = {}
    for chain, address in found:
        count = wanted[chain].get(_normal(address), 0)
        removed.setdefault(chain, {})[address] = chains[chain]["repeated"].get(address, 1) - count if count else None
    return removed


def _sentences(found):
    unused = ["the firewall still has the chain %s, which no jail uses" % chain for chain, address in sorted(
        place for place in found if place[1] is None)]
    by_chain = {}
    for chain, address in sorted(place for place in found if place[1] is not None):
        by_chain.setdefault(chain, []).append(address)
    return unused + ["the firewall has rules in %s that no ban is the reason of: %s" % (chain, some(addresses))
                     for chain, addresses in sorted(by_chain.items())]


def of_networks(jails, chains, wanted):
    """{chain: [address]} that blocks members of these networks though no jail bans them.

    `wanted` is [{network, jails}]. A chain that a jail's action names is that jail's; where an address is banned in a
    jail that was not named, every chain but those of the jails named is left alone.
    """
    banned = {}
    for name, jail in jails.items():
        for ban in jail["bans"]:
            banned.setdefault(_normal(ban["ip"]), set()).add(name)
    own = {name: set(firewall.own_chains(name, jail["actions"])) for name, jail in jails.items()}
    found = {}
    for item in wanted:
        network = ipaddress.ip_network(item["network"], strict=False)
        asked = set(jails) if item["jails"] is None else set(item["jails"])
        of_asked = set().union(*[own.get(name, set()) for name in asked])
        for chain, held in chains.items():
            if item["jails"] is not None and chain not in of_asked:
                continue
            for address in held["addresses"]:
                still = banned.get(_normal(address), set())
                if _inside(address, network) and not any(chain in own[name] for name in still) and \
                        (not still or chain in of_asked) and not _holds_one_of(address, banned):
                    found.setdefault(chain, set()).add(address)
    return {chain: sorted(addresses) for chain, addresses in found.items()}


def _normal(address):
    """An address in the one spelling that Python has for it."""
    try:
        return str(ipaddress.ip_address(address)) if ":" in address else address
    except ValueError:
        return address


def _is_single(address):
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


def _holds_one_of(address, banned):
    """Whether a network, as the kernel shows it, holds another address that is banned: it may stand for that ban."""
    if _is_single(address):
        return False
    return any(_inside(ip, ipaddress.ip_network(address, strict=False)) for ip in banned if ip != address)


def _inside(address, network):
    try:
        blocked = ipaddress.ip_network(address, strict=False)
    except ValueError:
        return False  # a range of nft, or a set of another kind
    return blocked.version == network.version and blocked.network_address in network and \
        blocked.prefixlen >= network.prefixlen
