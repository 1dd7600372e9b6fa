"""Moves a running fail2ban: reload, restart of a jail, start, stop, and the bans that a failed reload lifted.

Boundary: it acts; whether the result is right is `proof`'s to say.
"""

import os
import subprocess
import time

from f2bctl_agent import early, proof, server
from f2bctl_agent.loop import AgentError

CLIENT_SECONDS = 90
START_SECONDS = 30
RESTORE_SECONDS = 5
POLL_SECONDS = 0.1


class Failed(Exception):
    """fail2ban did not do what it was told; the message has its own words."""


def client(host, *words):
    """Runs the host's fail2ban-client and returns its output; a failure is `Failed` with its last lines."""
    try:
        process = early.client(host, ["-c", host["config_dir"]] + list(words))
    except FileNotFoundError:
        raise AgentError("precondition", "%s is not installed on the host" % host["client"])
    try:
        output = process.communicate(timeout=CLIENT_SECONDS)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Failed("%s did not end within %d s" % (" ".join(words), CLIENT_SECONDS))
    text = output.decode("utf-8", "replace").strip()
    if process.returncode != 0:
        raise Failed("fail2ban-client %s exited with %d: %s" % (" ".join(words), process.returncode, last_lines(text)))
    return text


def last_lines(text, count=3):
    """The end of an output, on one line."""
    return " / ".join(text.splitlines()[-count:])


def reload(host, restart=()):
    """Reads the configuration anew; jails whose actions change are restarted, since a reload does not apply those."""
    client(host, "reload")
    for jail in restart:
        client(host, "reload", "--restart", jail)


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


def is_forsaken(host):
    """Whether the socket is there and nobody listens on it; a server that is slow to answer still listens."""
    try:
        server.connect(host["config_dir"], timeout=5).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def start(host):
    """Starts the server: through systemd where that looks after it, else by fail2ban-client itself."""
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
    """Brings bans back that are missing: waits for fail2ban's own restore, then sets what is missing and still due.

    `set JAIL banip` starts a ban anew and counts for recidive, so it is only used for what the database did not bring.
    """
    until = time.monotonic() + RESTORE_SECONDS
    while True:
        missing = _missing(host, wanted)
        if not missing or time.monotonic() > until:
            break
        time.sleep(POLL_SECONDS)
    live = server.connect(host["config_dir"])
    try:
        for name, ban in missing:
            _ban_until(live, name, ban)
    finally:
        live.close()
    return ["%s in %s" % (ban["ip"], name) for name, ban in missing]


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
            present = {ban["ip"] for ban in server.bans(live, name)}
            found += [(name, ban) for ban in wanted[name] if proof.due(ban) and ban["ip"] not in present]
        return found
    finally:
        live.close()
