"""Moves a running fail2ban: reload, restart of a jail, start, stop, values of running jails.

Boundary: it acts, and bans are the matter of `bans`; whether the result is right is `proof`'s to say.
"""

import os
import subprocess
import time

from f2bctl_agent import database, early, firewall, loaded, restoring, server, waiting
from f2bctl_agent.loop import AgentError, describe

CLIENT_SECONDS = 90
START_SECONDS = 30
POLL_SECONDS = 0.1
# How long a server that is slow may take to say that it is there.
PONG_SECONDS = 10
ANSWERS, SILENT, GONE = "answers", "silent", "gone"


class Failed(Exception):
    """fail2ban did not do what was asked; the message has its own words."""


def client(host, *words, seconds=CLIENT_SECONDS):
    """Runs the host's fail2ban-client and returns its output; a failure is `Failed` with its last lines."""
    try:
        process = early.client(host, ["-c", host["config_dir"]] + list(words))
    except FileNotFoundError:
        raise AgentError("precondition", "%s is not installed on the host" % host["client"])
    try:
        output = waiting.output_of(process, seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Failed("%s did not end within %d s" % (" ".join(words), seconds))
    text = output.decode("utf-8", "replace").strip()
    if process.returncode != 0:
        raise Failed("fail2ban-client %s exited with %d: %s" % (" ".join(words), process.returncode, last_lines(text)))
    return text


def last_lines(text, count=3):
    """The end of an output, on one line."""
    return " / ".join(text.splitlines()[-count:])


def reload(host, restart=(), tell=None):
    """Reads the configuration again; jails whose actions change are restarted, since a reload does not apply those."""
    if restart:
        restoring.wait(host, tell)
    read_again(host)
    for jail in restart:
        restart_jail(host, jail, tell)


def read_again(host):
    """The reload itself. One that met a locked database has stopped the jails: it is done once more when that is free."""
    asked = time.time()
    try:
        client(host, "reload")
    except Failed as error:
        if not database.is_locked(str(error)):
            raise
        database.wait_for_server(host)
        client(host, "reload")
    loaded.note(host, asked)


def restart_jail(host, jail, tell=None):
    """Restarts one jail, which keeps its bans and takes up changed actions; never in the middle of restoring them."""
    bans = restoring.wait(host, tell, [jail])
    try:
        client(host, "reload", "--restart", jail, seconds=CLIENT_SECONDS + bans * restoring.SECONDS_A_BAN)
    except Failed:
        # After a reload that failed, fail2ban may not know a jail that it lists; the next reload starts it again.
        read_again(host)


def standing(host):
    """The state of the server: ANSWERS, SILENT or GONE.

    It is gone where nobody listens on its socket and no process of it lives. One that listens, or lives, and says
    nothing holds its rules in the firewall: whoever starts another one beside it lets in everybody who is banned.
    """
    try:
        live = server.connect(host["config_dir"], timeout=PONG_SECONDS)
    except (FileNotFoundError, ConnectionRefusedError):
        return GONE if process(host) is None else SILENT
    except OSError:
        return SILENT
    try:
        return ANSWERS if live.command("ping") == "pong" else SILENT
    except server.Refused:
        return SILENT
    except OSError:
        # It hangs, or it has ended at this very moment.
        return GONE if process(host) is None and not listens(host) else SILENT
    finally:
        live.close()


def process(host):
    """The number of the server's process as its file says it, or None where no fail2ban-server has that number."""
    try:
        with open(server.options(host["config_dir"])["pidfile"], "rb") as file:
            pid = int(file.read(32))
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return pid if b"fail2ban-server" in file.read(4096) else None
    except (OSError, ValueError):
        return None  # of a process that has ended and that nobody has waited for, the kernel shows no command line


def refuse_hanging(host):
    """`Failed` where the server hangs, with its process: nothing may be swept away or started beside it.

    One that is about to end, or to come up, is silent as well, and is given the time for it.
    """
    until = time.monotonic() + PONG_SECONDS
    while standing(host) == SILENT:
        if time.monotonic() < until:
            waiting.pause(POLL_SECONDS)
            continue
        pid = process(host)
        end = "its process" if pid is None else "its process with `kill -9 %d`" % pid
        raise Failed("fail2ban-server hangs: it runs and has not answered for %d s. Its firewall rules were left as they "
                     "are, so banned addresses stay blocked. Wait for it, or end %s; then run `f2bctl start`"
                     % (PONG_SECONDS, end))


def is_running(host):
    """Whether the server answers on its socket."""
    return standing(host) == ANSWERS


def lost(host, names):
    """Why fail2ban does not run these jails, in one clause; None if it does. A server without jails says pong as
    well."""
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


def listens(host):
    """Whether someone listens on the socket; a server that is slow to answer still does."""
    try:
        server.connect(host["config_dir"], timeout=PONG_SECONDS).close()
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    except OSError:
        return True
    return True


def start(host, *held):
    """Starts the server: through systemd where that looks after it, else by fail2ban-client itself.

    A server that was killed has left the rules of its jails behind; fail2ban would add to them, and could never lift
    what is there twice. `held` are the jails that it may have had: before a change, and by it.
    """
    refuse_hanging(host)
    asked, was_running = time.time(), is_running(host)
    if not was_running:
        firewall.sweep({chain for jails in held for name in jails
                        for chain in firewall.own_chains(name, jails[name].get("actions") or {})})
    if managed_by_systemd(host):
        _systemctl("start")
    elif not is_running(host):
        # A killed server leaves its socket behind, and the client refuses to start another one beside that.
        client(host, *([] if listens(host) else ["-x"]), "start")
    until = time.monotonic() + START_SECONDS
    while not is_running(host):
        if time.monotonic() > until:
            raise Failed("fail2ban-server did not answer within %d s of its start" % START_SECONDS)
        waiting.pause(POLL_SECONDS)
    if not was_running:
        loaded.note(host, asked)


def await_jails(host, names):
    """Waits until a server that has just been started has these jails: it answers before it has read its
    configuration."""
    until = time.monotonic() + START_SECONDS
    while lost(host, names) is not None:
        if time.monotonic() > until:
            raise Failed("%d s after the start, %s" % (START_SECONDS, lost(host, names)))
        waiting.pause(POLL_SECONDS)


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
    """Sets values in the running jail: [(key, value)]. What is to be taken out may be gone already."""
    live = server.connect(host["config_dir"])
    try:
        for key, value in pairs:
            if key == "delignoreip" and str(value) not in map(str, live.command("get", jail, "ignoreip") or []):
                continue
            if key == "addignoreip":
                add_entry(live, jail, str(value))
            else:
                live.command("set", jail, key, str(value))
    finally:
        live.close()


def add_entry(live, jail, entry):
    """Whitelists an entry in the running jail; fail2ban 1.1.1 takes none after one that names a file, so that one goes last."""
    files = [text for text in map(str, live.command("get", jail, "ignoreip") or []) if text.startswith("file:")]
    try:
        for text in files:
            live.command("set", jail, "delignoreip", text)
        live.command("set", jail, "addignoreip", entry)
    finally:
        for text in files:
            live.command("set", jail, "addignoreip", text)
