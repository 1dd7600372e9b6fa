"""What is around fail2ban on the host: owners and modes of its files, whether its logs grow, the age of its database.

Boundary: facts only. A fact that cannot be had is {"unknown": reason}.
"""

import grp
import importlib
import os
import pwd
import stat
import struct
import time

from f2bctl_agent import configuration, log_access, server
from f2bctl_agent.loop import AgentError, describe

LAST_LINE = 4096
# An access control list as the kernel gives it (linux/posix_acl_xattr.h): a version, then entries of tag, rights,
# number.
ACL_ENTRY = struct.Struct("<HHI")
ACL_USER, ACL_GROUP, ACL_MASK, ACL_WRITE = 0x02, 0x08, 0x10, 0x02


def observe(host):
    """{files: [...], configuration: [...], trusted: [uid], logs: [...], database}."""
    config_dir = host["config_dir"]
    names = ["jail.local", "filter.d/asterisk-auth.local", "filter.d/asterisk-scan.local",
             "filter.d/asterisk-auth.conf", "filter.d/asterisk-scan.conf"]
    paths = [os.path.join(config_dir, name) for name in names]
    state = host["state_dir"]
    paths += [state, os.path.join(state, "audit.jsonl"), os.path.join(state, "changes")]
    options = server.options(config_dir)
    return {
        "files": [facts(path) for path in paths],
        "configuration": [facts(path) for path in read_by_fail2ban(config_dir)],
        "trusted": sorted({0, server_user(options["socket"])}),
        "logs": [log(host["asterisk_log"]), log(host["log"])],
        "database": facts(options["dbfile"]),
    }


def read_by_fail2ban(config_dir):
    """The paths of the configuration: its folders, its files, and for a link the folder that it leads to."""
    found = {config_dir}
    for folder, _, path in configuration.configuration_files(config_dir):
        found |= {path, os.path.join(config_dir, folder) if folder else config_dir}
        if os.path.islink(path):
            found.add(os.path.dirname(os.path.realpath(path)))
    return sorted(found)


def server_user(socket):
    """Who runs fail2ban-server, by its socket; this login where it does not run."""
    try:
        return os.stat(socket).st_uid
    except OSError:
        return os.geteuid()


def name_of(uid, users=pwd.getpwuid):
    """The name of a user (or with `grp.getgrgid` of a group), or the number where it has none."""
    try:
        return users(uid)[0]
    except KeyError:
        return str(uid)


def writers(path):
    """Who may write to a file by its access control list, besides its owner and its group: ["user NAME", "group NAME"]."""
    attributes = importlib.import_module("f2bctl_agent.attributes")
    listed = attributes.of(path).get(attributes.ACCESS_LIST, b"")[4:]
    entries = list(ACL_ENTRY.iter_unpack(listed[:len(listed) // ACL_ENTRY.size * ACL_ENTRY.size]))
    mask = [rights for tag, rights, _ in entries if tag == ACL_MASK] or [ACL_WRITE]
    found = []
    for tag, rights, number in entries:
        if tag in (ACL_USER, ACL_GROUP) and rights & mask[0] & ACL_WRITE:
            found.append("user " + name_of(number) if tag == ACL_USER else "group " + name_of(number, grp.getgrgid))
    return found


def facts(path):
    """{path, exists, mode, uid, owner, writers, size, modified, folder} of a file or a folder."""
    found = {"path": path, "exists": False, "folder": False}
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return found
    except OSError as error:
        found["unknown"] = describe(error)
        return found
    found.update(exists=True, mode=stat.S_IMODE(status.st_mode), uid=status.st_uid, size=status.st_size,
                 modified=status.st_mtime, folder=stat.S_ISDIR(status.st_mode), owner=name_of(status.st_uid),
                 writers=writers(path))
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
    """The line's own time (`[2026-11-22 06:54:01]`, `2026-11-22 06:54:01,123`) in this host's zone, or None. One without a
    year (`[Nov 22 06:54:01]`, Asterisk's default) is of the year in which it is nearest to now."""
    text, now = line.lstrip("[").replace("T", " ", 1), time.time()
    for length, form in ((19, "%Y-%m-%d %H:%M:%S"), (15, "%b %d %H:%M:%S")):
        try:
            read = time.strptime(text[:length], form)
            if "%Y" in form:
                return time.mktime(read)
            years = [time.localtime(now).tm_year + step for step in (-1, 0, 1)]
            return min((time.mktime(time.struct_time((year,) + tuple(read)[1:])) for year in years), key=lambda moment: abs(moment - now))
        except (ValueError, OverflowError):
            continue
    return None
