"""Waits while fail2ban restores bans, one after the other, and says how far it has come.

With thousands of bans a restore takes minutes. It is waited for as long as it goes on, and a jail is never restarted in
the middle of one: that loses what is still to come, and leaves rules in the firewall that nobody lifts.

Boundary: it looks and waits; what the bans ought to be is decided elsewhere.
"""

import ipaddress
import time

from f2bctl_agent import database, server, waiting

POLL_SECONDS = 0.1
# A restore that brings no further ban for this long is over, or is stuck.
STALL_SECONDS = 5
# What one ban may take at most, on the whole: a process for each rule, on a host that has more to do.
SECONDS_A_BAN = 1
# How often the progress of a restore is reported.
TELL_SECONDS = 5
NAMED = 10


class Patience:
    """How long a number that grows towards `meant` is waited for: until it stands still for `stall` seconds."""

    def __init__(self, stall, meant, tell=None, sentence="fail2ban has restored {:,} of {:,} bans."):
        self.stall = stall
        self.sentence = sentence
        self.meant = meant
        self.tell = tell
        self.most = -1
        self.moved = self.reported = self.looked = time.monotonic()
        self.end = self.moved + stall + meant * SECONDS_A_BAN

    def is_over(self, count):
        """Whether to wait no longer, now that the number is this."""
        now = time.monotonic()
        if count > self.most:
            self.most, self.moved = count, now
        if self.tell is not None and 0 < count < self.meant and now - self.reported > TELL_SECONDS:
            self.reported = now
            self.tell("restore", self.sentence.format(count, self.meant))
        return now - self.moved > self.stall or now > self.end

    def pause(self):
        """Waits a moment: as long as the look took, so that looking leaves fail2ban half of the time."""
        now = time.monotonic()
        waiting.pause(max(POLL_SECONDS, now - self.looked))
        self.looked = time.monotonic()


def wait(host, tell=None, names=None):
    """Waits for a restore that is under way in these jails, or any: one has fewer bans than fail2ban's database, and
    gains some. How many bans there are then."""
    patience = None
    while True:
        banned, missing = _state(host, names)
        patience = patience or Patience(STALL_SECONDS, banned + missing, tell)
        if not missing or patience.is_over(banned):
            return banned
        patience.pause()


def _state(host, names):
    """(how many bans there are, how many more the database has for these running jails)."""
    present, bantimes, ignored = {}, {}, {}
    live = server.connect(host["config_dir"])
    try:
        path = database.path(live)
        for name in server.jail_names(live):
            if names is None or name in names:
                present[name] = set(map(str, live.command("get", name, "banip")))
                bantimes[name] = live.command("get", name, "bantime")
                ignored[name] = _networks(live.command("get", name, "ignoreip") or [])
    except server.Refused:
        return 0, 0  # a jail that went away at this moment restores nothing
    finally:
        live.close()
    due = database.due(path, bantimes) if path is not None else {}
    missing = [ip for name, banned in present.items() for ip in due.get(name, set()) - banned
               if not _is_in(ip, ignored[name])]
    return sum(map(len, present.values())), len(missing)


def _networks(entries):
    """The networks of a whitelist; a name in it is not resolved."""
    return [network for network in map(_network, map(str, entries)) if network is not None]


def _network(text):
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _is_in(ip, networks):
    """fail2ban restores no ban of an address that is whitelisted."""
    own = _network(ip)
    return own is not None and any(own.version == network.version and own.network_address in network
                                   for network in networks)


def some(items):
    """At most ten of a list, in words, and how many more there are."""
    items = list(items)
    if len(items) <= NAMED:
        return ", ".join(items)
    return "{} and {:,} more".format(", ".join(items[:NAMED]), len(items) - NAMED)
