"""One dated snapshot of the host: clock, user, configuration, running server, firewall, backups, open changes.

Boundary: it changes nothing and never starts anything. A part that cannot be read is {"unknown": reason}; the rest of
the report goes on.
"""

import glob
import importlib
import os
import platform
import pwd
import sys
import time

from f2bctl_agent import configuration, ender, journal, lock, server, temporary
from f2bctl_agent.loop import AgentError, describe

# What needs other parts, or is answered while they are looked at.
LATE = {"firewall": 1, "origins": 2}


def observe(conversation, arguments):
    """The verb `observe`: the parts named in `want`, in one answer."""
    host = arguments["host"]
    found = {"clock": clock(), "operator": operator(conversation.session), "exposed": exposed(host),
             "foreign_lock": foreign_lock(host)}
    parts = {
        "files": lambda: configuration.fingerprint(host["config_dir"]),
        "jail_local": lambda: named_file(host, "jail.local"),
        "fail2ban_local": lambda: named_file(host, "fail2ban.local"),
        "server": lambda: running(host),
        "firewall": lambda: module("firewall").observe(contained(found)),
        "after_ban": lambda: module("after_ban").observe(host, found.get("server", {}).get("value", {})),
        "backups": lambda: backups(host),
        "changes": lambda: journal.changes(host),
        "surroundings": lambda: module("surroundings").observe(host),
        "lock": lambda: lock.holder(host),
        "temporary": lambda: temporary_entries(host),
        "backup_texts": lambda: [configuration.describe_file(backup["path"]) for backup in backups(host)],
        "filters": lambda: configuration.filters(host["config_dir"]),
        "last_written": lambda: module("past").latest(host),
        "journal": lambda: module("past").observe(host),
        "asterisk_log": lambda: module("logs").sample(host["asterisk_log"]),
        "asterisk": lambda: module("asterisk").observe(logs_of(host, found)),
    }
    want = arguments["want"]
    if "origins" in want:
        # It is answered by a process of its own, while the others are looked at.
        parts["origins"] = module("origins").begin(host)
    for part in sorted(want, key=lambda part: LATE.get(part, 0)):
        found[part] = known(parts[part])
    return found


def logs_of(host, found):
    """Asterisk's log by the host's settings, and the logs of the jails, where the server was looked at before."""
    jails = found.get("server", {}).get("value", {}).get("jails", {}).values()
    return sorted({host["asterisk_log"]} | {path for jail in jails for path in jail["values"]["logpath"]})


def contained(found):
    """Whether an Asterisk that was looked at before runs in a network namespace of its own."""
    processes = found.get("asterisk", {}).get("value", {}).get("processes", [])
    return any(process["own_network"] for process in processes)


def module(name):
    """A module that only the part of its name needs; a look without that part has come without it."""
    return importlib.import_module("f2bctl_agent." + name)


def known(read):
    """{"value": ...} or {"unknown": reason, "kind": word}."""
    try:
        return {"value": read()}
    except AgentError as error:
        return {"unknown": error.message, "kind": error.kind}
    except PermissionError as error:
        return {"unknown": describe(error), "kind": "permission"}
    except FileNotFoundError as error:
        return {"unknown": describe(error), "kind": "missing"}
    except OSError as error:
        return {"unknown": describe(error), "kind": "io"}
    except server.Refused as error:
        return {"unknown": "fail2ban-server answered: %s" % error, "kind": "server"}
    except Exception as error:  # data that nobody expected: this part is unknown, the others are not
        return {"unknown": "it is not understood (%s: %s)" % (type(error).__name__, str(error)[:500]), "kind": "fault"}


def exposed(host):
    """The folders whose content others than root and this login could have put there: [{path, reason}]."""
    found = []
    for path in (host["config_dir"], host["state_dir"]):
        try:
            reason = configuration.exposed(path)
        except OSError:
            continue  # what is missing or cannot be reached is reported by the part that needs it
        if reason is not None:
            found.append({"path": path, "reason": reason})
    return found


def foreign_lock(host):
    """Who holds a lock on the configuration directory that changes do not wait for, in one clause; None for nobody."""
    try:
        return lock.foreign(host)
    except OSError:
        return None  # what is missing or cannot be reached is reported by the part that needs it


def clock():
    """The host's time in seconds of the Unix clock, and its zone."""
    now = time.time()
    local = time.localtime(now)
    return {"now": now, "zone": time.strftime("%Z", local), "offset": local.tm_gmtoff}


def operator(session):
    """Who is logged in, from which address, on which Python."""
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        name = str(os.geteuid())
    words = (session["ssh_connection"] or "").split()
    return {
        "user": name, "uid": os.geteuid(), "sudo_user": os.environ.get("SUDO_USER"),
        "address": words[0].partition("%")[0] if len(words) == 4 else None,
        "port": int(words[3]) if len(words) == 4 and words[3].isdigit() else None,
        "hostname": platform.node(), "python": platform.python_version(),
        "python_path": sys.executable,
    }


def named_file(host, name):
    """A file of the configuration directory with its bytes."""
    return configuration.describe_file(os.path.join(host["config_dir"], name))


def running(host):
    """The live server: {running: false, reason} or its version, settings and jails."""
    path = server.options(host["config_dir"])["socket"]
    try:
        live = server.Server(path)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        return {"running": False, "reason": describe(error), "socket": path}
    try:
        found = {
            "running": True, "socket": path,
            "version": str(live.command("version")),
            "settings": settings(live),
            "jails": server.snapshot(live),
        }
    finally:
        live.close()
    found["digest"] = journal.values_digest(found["jails"])
    return found


def settings(live):
    """The server's own settings that procedures depend on."""
    found = {}
    for key in ("loglevel", "logtarget", "dbfile", "dbpurgeage"):
        try:
            found[key] = server.plain(live.command("get", key))
        except server.Refused:
            found[key] = None
    return found


def backups(host):
    """The jail.local backups beside the file, oldest first: [{path, size, modified, mode}]."""
    pattern = os.path.join(glob.escape(host["config_dir"]), "jail.local.bak-*")
    found = []
    for path in sorted(glob.glob(pattern)):
        try:
            facts = os.stat(path)
        except OSError:
            continue  # a link that leads nowhere is no backup
        found.append({"path": path, "size": facts.st_size, "modified": facts.st_mtime, "mode": facts.st_mode & 0o7777})
    return sorted(found, key=lambda backup: (backup["modified"], backup["path"]))


def temporary_entries(host):
    """The register of temporary entries, and who is there to end them: "systemd", "process" or None."""
    present = temporary.entries(host)
    return {"entries": present, "ender": ender.state(host, present)}
