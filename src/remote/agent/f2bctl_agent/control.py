"""Moves a running fail2ban: reload, restart of a jail, start, stop, and the bans that a failed reload lifted.

Boundary: it acts; whether the result is right is `proof`'s to say.
"""

import os
import sqlite3
import subprocess
import time

from f2bctl_agent import firewall, proof, server
from f2bctl_agent.loop import AgentError, describe

CLIENT_SECONDS = 90
START_SECONDS = 30
RESTORE_SECONDS = 5
POLL_SECONDS = 0.1


class Failed(Exception):
    """fail2ban did not do what it was told; the message has its own words."""


def client(host, *words):
    """Runs the host's fail2ban-client and returns its output; a failure is `Failed` with its last lines."""
    command = [host["client"], "-c", host["config_dir"]] + list(words)
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=CLIENT_SECONDS, cwd="/")
    except FileNotFoundError:
        raise AgentError("precondition", "%s is not installed on the host" % host["client"])
    except subprocess.TimeoutExpired:
        raise Failed("%s did not end within %d s" % (" ".join(words), CLIENT_SECONDS))
    text = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode != 0:
        raise Failed("fail2ban-client %s exited with %d: %s" % (" ".join(words), done.returncode, last_lines(text)))
    return text


def last_lines(text, count=3):
    """The end of an output, on one line."""
    return " / ".join(text.splitlines()[-count:])


def reload(host, restart=()):
    """Reads the configuration anew; jails whose actions change are restarted, since a reload does not apply those."""
    client(host, "reload")
    for jail in restart:
        restart_jail(host, jail)


def restart_jail(host, jail):
    """Restarts one jail, which keeps its bans and takes up changed actions."""
    try:
        client(host, "reload", "--restart", jail)
    except Failed:
        # After a reload that failed, fail2ban may not know a jail that it lists; the next reload starts it anew.
        client(host, "reload")


def is_running(host):
    """Whether the server answers on its socket."""
    try:
        live = server.connect(host["config_dir"], timeout=5)
    except OSError:
        return False
    try:
        return live.command("ping") == "pong"
    except (OSError, server.Refused):
        return False
    finally:
        live.close()


def lost(host, names):
    """Why fail2ban does not run these jails, in one clause; None if it does. A server without jails says pong as well."""
    try:
        live = server.connect(host["config_dir"])
        try:
            running = server.jail_names(live)
        finally:
            live.close()
    except OSError as error:
        return "fail2ban-server does not answer (%s)" % describe(error)
    except server.Refused as error:
        return "fail2ban-server answered: %s" % error
    gone = sorted(set(names) - set(running))
    return "jail %s is not running" % ", ".join(gone) if gone else None


def is_forsaken(host):
    """Whether the socket is there and nobody listens on it; a server that is slow to answer still listens."""
    try:
        server.connect(host["config_dir"], timeout=5).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def start(host, jails):
    """Starts the server: through systemd where that looks after it, else by fail2ban-client itself.

    A server that was killed has left the rules of its `jails` behind; fail2ban would add to them, and could never lift
    what stands there twice.
    """
    if not is_running(host):
        firewall.sweep({chain for name in jails for chain in proof.own_chains(name, jails[name].get("actions") or {})})
    if managed_by_systemd(host):
        _systemctl("start")
    elif not is_running(host):
        # A killed server leaves its socket behind, and the client refuses to start another one beside that.
        client(host, *(["-x"] if is_forsaken(host) else []), "start")
    until = time.monotonic() + START_SECONDS
    while not is_running(host):
        if time.monotonic() > until:
            raise Failed("fail2ban-server did not answer within %d s of its start" % START_SECONDS)
        time.sleep(POLL_SECONDS)


def stop(host):
    """Stops the server in the way it was started."""
    if managed_by_systemd(host):
        _systemctl("stop")
    else:
        client(host, "stop")


def managed_by_systemd(host):
    """Whether fail2ban.service is what runs this configuration."""
    if host["config_dir"] != "/etc/fail2ban" or not os.path.isdir("/run/systemd/system") or os.geteuid() != 0:
        return False
    return subprocess.call(["systemctl", "cat", "fail2ban.service"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def _systemctl(verb):
    done = subprocess.run(["systemctl", verb, "fail2ban.service"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=CLIENT_SECONDS)
    if done.returncode != 0:
        text = done.stdout.decode("utf-8", "replace")
        raise Failed("systemctl %s fail2ban exited with %d: %s" % (verb, done.returncode, last_lines(text)))


def stop_jails(host, names):
    """Stops single jails; their bans end with them."""
    if not names:
        return
    live = server.connect(host["config_dir"])
    try:
        for name in names:
            live.command("stop", name)
    finally:
        live.close()


def set_values(host, jail, pairs):
    """Sets values in the running jail: [(key, value)]."""
    live = server.connect(host["config_dir"])
    try:
        for key, value in pairs:
            live.command("set", jail, key, str(value))
    finally:
        live.close()


def unban(host, wanted):
    """Lifts the bans of networks, in the jails named or in all: (what was lifted, the jails' bans before).

    Every member is looked up at this moment, so that one banned since the plan was made is lifted as well.
    """
    lifted = {}
    live = server.connect(host["config_dir"])
    try:
        for name in server.jail_names(live):
            present = server.bans(live, name)
            for item in wanted:
                if item["jails"] is not None and name not in item["jails"]:
                    continue
                for ip in proof.members(present, item["network"]):
                    live.command("set", name, "unbanip", ip)
                    lifted.setdefault(name, [])
                    if ip not in lifted[name]:
                        lifted[name].append(ip)
    finally:
        live.close()
    return lifted


def restore_bans(host, wanted):
    """Brings bans back that are missing or end at another time: the jails that had to be restarted for it.

    It waits for fail2ban's own restore first. `set JAIL banip` starts a ban anew, with an end that moves with the
    jail's bantime; so what the database lost is written into it, and the jail restarted, which restores bans from there.
    """
    until = time.monotonic() + RESTORE_SECONDS
    while True:
        missing = _missing(host, wanted)
        if not missing or time.monotonic() > until:
            break
        time.sleep(POLL_SECONDS)
    if not missing:
        return []
    live = server.connect(host["config_dir"])
    try:
        database = live.command("get", "dbfile")
        if not isinstance(database, str) or not os.path.isfile(database):
            for name, ban in missing:
                _ban_until(live, name, ban)
            return []
    finally:
        live.close()
    restart = sorted({name for name, _ in missing})
    for name in restart:
        _remember(database, name, [ban for ban in wanted[name] if proof.due(ban)],
                  {ban["ip"] for other, ban in missing if other == name})
        restart_jail(host, name)
    return restart


def _remember(database, name, bans, missing):
    """Puts a jail's bans into fail2ban's database; rows that it has of those that stand are left as they are."""
    try:
        connection = sqlite3.connect(database, timeout=10)
        try:
            with connection:
                for ban in bans:
                    how = "REPLACE" if ban["ip"] in missing else "IGNORE"
                    seconds = -1 if ban["until"] is None else ban["until"] - ban["since"]
                    connection.execute("INSERT OR %s INTO bips(ip, jail, timeofban, bantime, bancount, data) "
                                       "VALUES(?, ?, ?, ?, 1, ?)" % how,
                                       (ban["ip"], name, ban["since"], seconds, '{"matches": [], "failures": 0}'))
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise Failed("fail2ban's database %s does not take the bans of %s: %s" % (database, name, error))


def _ban_until(live, name, ban):
    """Bans an address anew with the end that its ban had.

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
    live.command("set", name, "banip", ip)
    _until_listed(live, name, ip)


def _until_listed(live, name, ip):
    """fail2ban may take a set ban up in the background."""
    until = time.monotonic() + RESTORE_SECONDS
    while time.monotonic() < until:
        if any(ban["ip"] == ip for ban in server.bans(live, name)):
            return
        time.sleep(POLL_SECONDS)


def _missing(host, wanted):
    live = server.connect(host["config_dir"])
    try:
        running = set(server.jail_names(live))
        found = []
        for name in sorted(set(wanted) & running):
            present = {ban["ip"]: ban for ban in server.bans(live, name)}
            for ban in wanted[name]:
                now = present.get(ban["ip"])
                if proof.due(ban) and (now is None or not proof.same_end(now["until"], ban["until"])):
                    found.append((name, ban))
        return found
    finally:
        live.close()
