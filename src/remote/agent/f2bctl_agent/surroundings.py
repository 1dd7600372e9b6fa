"""What lies round fail2ban on the host: owners and modes of its files, whether its logs grow, the age of its database.

Boundary: facts only. A fact that cannot be had is {"unknown": reason}.
"""

import os
import stat
import time

from f2bctl_agent import log_access, server
from f2bctl_agent.loop import AgentError, describe

LAST_LINE = 4096


def observe(host):
    """{files: [...], logs: [...], database}."""
    config_dir = host["config_dir"]
    names = ["jail.local", "filter.d/asterisk-auth.local", "filter.d/asterisk-scan.local",
             "filter.d/asterisk-auth.conf", "filter.d/asterisk-scan.conf"]
    paths = [os.path.join(config_dir, name) for name in names]
    state = host["state_dir"]
    paths += [state, os.path.join(state, "audit.jsonl"), os.path.join(state, "changes")]
    return {
        "files": [facts(path) for path in paths],
        "logs": [log(host["asterisk_log"]), log(host["log"])],
        "database": facts(server.options(config_dir)["dbfile"]),
    }


def facts(path):
    """{path, exists, mode, uid, size, modified, folder} of a file or a folder."""
    found = {"path": path, "exists": False, "folder": False}
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return found
    except OSError as error:
        found["unknown"] = describe(error)
        return found
    found.update(exists=True, mode=stat.S_IMODE(status.st_mode), uid=status.st_uid, size=status.st_size,
                 modified=status.st_mtime, folder=stat.S_ISDIR(status.st_mode))
    return found


def log(path):
    """The facts of a log with its last line, and what that line's own time comes to on this host's clock."""
    found = facts(path)
    found["last_line"] = ""
    if not found["exists"] or found["folder"]:
        return found
    try:
        with log_access.open_log(path) as file:
            file.seek(max(0, found["size"] - LAST_LINE))
            lines = file.read(LAST_LINE).decode("utf-8", "replace").splitlines()
    except OSError as error:
        found["unknown"] = describe(error)
        return found
    except AgentError as error:  # a pipe or a device
        found["unknown"] = error.message
        return found
    found["last_line"] = lines[-1] if lines else ""
    found["last_time"] = own_time(found["last_line"])
    return found


def own_time(line):
    """The line's own time (`[2026-11-22 06:54:01]` or `2026-11-22 06:54:01,123`) in this host's zone, or None."""
    text = line.lstrip("[")[:19]
    try:
        return time.mktime(time.strptime(text, "%Y-%m-%d %H:%M:%S"))
    except (ValueError, OverflowError):
        return None
