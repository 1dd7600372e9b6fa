"""Lifts bans, and brings those back that an undo has to bring back, with the ends that they had.

    fail2ban's own restore is waited for -> what it lost goes into its database, and the jail is restarted, which
    restores from there -> what the database cannot bring back is banned again, to the same end

Boundary: which bans are meant comes from the journal. Why not `set JAIL banip` at once: docs/decisions/0009.
"""

import sqlite3
import time

from f2bctl_agent import control, database, firewall, proof, restoring, server, surplus
from f2bctl_agent.database import LOCKED_SECONDS
from f2bctl_agent.waiting import pause

POLL_SECONDS = 0.1
# What an entry of the database has beside the ban's end, for one that nobody has kept a row of.
NO_MATCHES = '{"matches": [], "failures": 0}'


def lift(host, wanted, tell=None):
    """Lifts the bans of networks, in the jails named or in all: {jail: [ip]}.

    Every member is looked up at this moment, so that one banned since the plan was made is lifted as well. fail2ban's
    database is cleared of them too: a ban that a reload did not restore, since the address is whitelisted now, would
    come back when it is not whitelisted any more.
    """
    restoring.wait(host, tell)
    lifted = {}
    live = server.connect(host["config_dir"])
    try:
        members = list(dict.fromkeys(_members(live, wanted, _due(live))))
        patience = restoring.Patience(restoring.STALL_SECONDS, len(members), tell, "fail2ban has lifted {:,} of {:,} bans.")
        for count, (name, ip) in enumerate(members):
            patience.is_over(count)
            live.command("set", name, "unbanip", ip)
            lifted.setdefault(name, []).append(ip)
    finally:
        live.close()
    return lifted


def unblock(host, wanted):
    """Removes from fail2ban's chains what blocks members of these networks although no jail bans them: {chain: [ip]}.

    fail2ban does not list these, so it never lifts them: they are left over from a restart, or from a server that was
    killed. What is about to go by itself is given the time for it.
    """
    found = _left_over(host, wanted)
    if found:
        pause(surplus.SECONDS)
        again = _left_over(host, wanted)
        found = {chain: sorted(set(addresses) & set(again.get(chain, ()))) for chain, addresses in found.items()}
        found = {chain: addresses for chain, addresses in found.items() if addresses}
        firewall.remove({chain: dict.fromkeys(addresses) for chain, addresses in found.items()})
        for chain, addresses in _left_over(host, wanted).items():
            raise control.Failed("the firewall still blocks %s (%s)" % (restoring.some(addresses), chain))
    return found


def _left_over(host, wanted):
    jails, chains = proof.look(host["config_dir"])
    return surplus.of_networks(jails, chains, wanted)


def rows(host, wanted):
    """What fail2ban's database has of the bans that are about to be lifted: {jail: {ip: row}}.

    An unban takes the row away, and with it how often the address was banned and the lines that it was banned for.
    Nothing depends on what cannot be read.
    """
    live = server.connect(host["config_dir"])
    try:
        path = database.path(live)
        members = list(_members(live, wanted, _due(live)))
    finally:
        live.close()
    if path is None or not members:
        return {}
    found = {}
    try:
        connection = database.connect(path)
        try:
            for name, ip in members:
                row = connection.execute("SELECT timeofban, bantime, bancount, data FROM bips WHERE jail = ? AND ip = ?",
                                         (name, ip)).fetchone()
                if row is not None:
                    found.setdefault(name, {})[ip] = list(row[:3]) + [_text(row[3])]
        finally:
            connection.close()
    except sqlite3.Error:
        return {}
    return found


def restore(host, wanted, change, may_restart):
    """Brings bans back that are missing or end at another time; whether a jail had to be restarted for it.

    `wanted` is {jail: [ban]} as it was before; the change's folder has kept the rows of those that it lifted. A jail
    that is restarted reads its configuration again; where it must not, each ban is set again.
    """
    missing = _awaited(host, wanted, change.tell)
    if not missing:
        return False
    restarted = False
    path = _ask(host, database.path) if may_restart else None
    if path is not None and _remember(path, wanted, missing, change.kept_bans()):
        for name in sorted({name for name, _ in missing}):
            control.restart_jail(host, name, change.tell)
        restarted = True
        # fail2ban restores no ban for longer than the jail's bantime, and none of an address that is whitelisted.
        missing = _awaited(host, wanted, change.tell)
    patience = restoring.Patience(restoring.STALL_SECONDS, len(missing), change.tell, "Set {:,} of {:,} bans again.")
    live = server.connect(host["config_dir"])
    try:
        for count, (name, ban) in enumerate(missing):
            patience.is_over(count)
            _ban_until(live, name, ban)
    finally:
        live.close()
    return restarted


def remembered(host, name):
    """The addresses that fail2ban's database has as banned in a jail; None where it keeps none that can be read."""
    path = _ask(host, database.path)
    if path is None:
        return None
    try:
        connection = database.connect(path)
        try:
            return {row[0] for row in connection.execute("SELECT ip FROM bips WHERE jail = ?", (name,))}
        finally:
            connection.close()
    except sqlite3.Error:
        return None


def would_lift(host, wanted):
    """Whether one of the bans that are to be lifted still exists."""
    return bool(wanted) and bool(_ask(host, lambda live: list(_members(live, wanted))))


def _due(live):
    """{jail: addresses} of the bans that fail2ban's database has."""
    path = database.path(live)
    names = server.jail_names(live) if path is not None else ()
    return database.due(path, {name: live.command("get", name, "bantime") for name in names})


def _members(live, wanted, remembered=None):
    """(jail, ip) of each ban that is in the networks, those that only the database has included where it is given."""
    for name in server.jail_names(live):
        present = server.bans(live, name)
        present += [{"ip": ip} for ip in sorted((remembered or {}).get(name, ()))]
        for item in wanted:
            if item["jails"] is None or name in item["jails"]:
                for ip in proof.members(present, item["network"]):
                    yield name, ip


def _ask(host, question):
    live = server.connect(host["config_dir"])
    try:
        return question(live)
    finally:
        live.close()


def _text(data):
    return data.decode("utf-8", "surrogateescape") if isinstance(data, bytes) else data


def _awaited(host, wanted, tell):
    """What is missing when fail2ban's own restore, which goes on in the background, has ended: [(jail, ban)]."""
    total = sum(map(len, wanted.values()))
    patience = restoring.Patience(restoring.STALL_SECONDS, total, tell)
    while True:
        missing = _ask(host, lambda live: _missing(live, wanted))
        if not missing or patience.is_over(total - len(missing)):
            return missing
        patience.pause()


def _missing(live, wanted):
    found = []
    for name in sorted(set(wanted) & set(server.jail_names(live))):
        present = {ban["ip"]: ban for ban in server.bans(live, name)}
        for ban in wanted[name]:
            now = present.get(ban["ip"])
            if proof.due(ban) and (now is None or not proof.same_end(now["until"], ban["until"])):
                found.append((name, ban))
    return found


def _remember(path, wanted, missing, kept):
    """Puts the bans of the jails that miss some into fail2ban's database, in one transaction; False if it takes none.

    The server writes there as well: SQLite's own lock lets one wait for the other. Rows of present bans are left as
    they are; a jail that is restarted needs them all.
    """
    gone = {(name, ban["ip"]) for name, ban in missing}
    try:
        connection = sqlite3.connect(path, timeout=LOCKED_SECONDS)
        try:
            with connection:
                for name in sorted({name for name, _ in missing}):
                    for ban in filter(proof.due, wanted[name]):
                        if (name, ban["ip"]) in gone:
                            _correct_row(connection, name, ban)
                        _add_row(connection, name, ban, kept.get(name, {}).get(ban["ip"]))
        finally:
            connection.close()
    except sqlite3.Error:
        return False  # of another make, damaged, or not ours to write: fail2ban is asked to ban again instead
    return True


def _correct_row(connection, name, ban):
    """Gives a row that is there the ban's beginning and end, and leaves the rest of it."""
    connection.execute("UPDATE bips SET timeofban = ?, bantime = ? WHERE jail = ? AND ip = ?",
                       (ban["since"], _seconds(ban), name, ban["ip"]))


def _add_row(connection, name, ban, row):
    """Adds the row that is missing: the one that was kept, which has the ban's count and lines, unless its end is
    another."""
    since, seconds, count, data = row or (ban["since"], _seconds(ban), 1, NO_MATCHES)
    # The database rounds the moment that the server's list cuts off, so the two can be a second apart.
    if not proof.same_end(None if seconds < 0 else since + seconds, ban["until"]):
        since, seconds = ban["since"], _seconds(ban)
    data = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    connection.execute("INSERT OR IGNORE INTO bips(ip, jail, timeofban, bantime, bancount, data) VALUES(?, ?, ?, ?, ?, ?)",
                       (ban["ip"], name, since, seconds, count, data))


def _seconds(ban):
    return -1 if ban["until"] is None else ban["until"] - ban["since"]


def _ban_until(live, name, ban):
    """Bans an address again with the end that its ban had.

    fail2ban reckons the end of a ban by the jail's bantime of the moment when it is asked, unless the ban has a time of
    its own. It gets one when the same address is banned again to a later end, so it is banned twice while the jail's
    bantime is the time left, and keeps that end when the jail has its own bantime back.
    """
    usual = live.command("get", name, "bantime")
    left = -1 if ban["until"] is None else max(1, int(round(ban["until"] - time.time())))
    if left == usual == -1:
        _ban(live, name, ban["ip"])
        return
    # A ban for ever is no later end than another one, so that one has to follow a ban of some length.
    for seconds in [left] if left != -1 else [usual, -1]:
        try:
            live.command("set", name, "bantime", str(seconds))
            _ban(live, name, ban["ip"])
            live.command("set", name, "banip", ban["ip"])
        finally:
            live.command("set", name, "bantime", str(usual))


def _ban(live, name, ip):
    """Bans an address and waits until it is listed: fail2ban may take a set ban up in the background."""
    live.command("set", name, "banip", ip)
    until = time.monotonic() + restoring.STALL_SECONDS
    while time.monotonic() < until:
        if any(ban["ip"] == ip for ban in server.bans(live, name)):
            return
        pause(POLL_SECONDS)
