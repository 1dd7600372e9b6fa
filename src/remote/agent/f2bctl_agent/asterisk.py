"""What the running Asterisk does, as the kernel shows it: which logs it has open, and on which ports it listens. Which levels
it writes into them, its logger.conf says.

Boundary: facts from /proc and that file alone; nothing is asked of Asterisk, and what follows for a jail is decided elsewhere. A file is
known by its device and number, so that it is the same one under every name: rotated, deleted, or seen from a container.
"""

import os
import re
import stat
import struct

from f2bctl_agent.loop import AgentError, describe

PROGRAM = b"asterisk"
# Standard input, output and error: what a service manager or a shell has opened, and Asterisk has not.
STANDARD = (0, 1, 2)
# The state of a socket that waits for anybody's packets (linux/net/tcp_states.h): TCP_LISTEN, and of UDP TCP_CLOSE.
WAITING = {"tcp": "0A", "udp": "07"}
DELETED = " (deleted)"
MOST_CONFIGURATION = 1024 * 1024
# Where Asterisk's configuration is unless `-C` or asterisk.conf say otherwise.
USUAL_CONFIGURATION = "/etc/asterisk/asterisk.conf"
IPV4_MAPPED = b"\0" * 10 + b"\xff\xff"


def observe(paths):
    """{processes: [...], read: [...]} for the logs that the jails of this host read.

    `processes` are those named asterisk, as {pid, logs, sockets, own_network, levels, unknown}: `levels` are those of each
    log by its name, as logger.conf has them, None where that does not tell; `logs` are the files that one has
    open to append to, as {path, file, folder, deleted} with the path as the host has it where a log in `paths` lies beside
    it, else as the process sees it. `read` is each of `paths` as {path, file, folders, writers}: `writers` are other
    programs that have it open for writing, looked for where Asterisk has logs beside it and not itself.
    """
    read, places = [], {}
    for path in paths:
        folders = {_identity(folder): folder for folder in (os.path.dirname(path), os.path.dirname(os.path.realpath(path)))}
        folders.pop(None, None)
        places.update(folders)
        read.append({"path": path, "file": _identity(path), "folders": sorted(folders), "writers": []})
    processes = [process for process in (_process(pid, places) for pid in _pids()) if process is not None]
    if not processes and not os.path.isdir("/proc/1"):
        raise AgentError("permission", "this login sees its own processes only (/proc)")
    logs = [log for process in processes for log in process["logs"]]
    for log in read:
        if log["file"] is not None and any(other["folder"] in log["folders"] for other in logs):
            if not any(other["file"] == log["file"] for other in logs):
                log["writers"] = _writers(log["file"])
    return {"processes": processes, "read": read}


def _identity(path):
    """A file or folder as `device:number`; None if it is not there or may not be looked at."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return "%x:%d" % (status.st_dev, status.st_ino)


def _pids():
    return sorted(int(name) for name in os.listdir("/proc") if name.isdigit())


def _program(pid):
    """The name of a process's program; empty if the process has ended."""
    try:
        with open("/proc/%d/comm" % pid, "rb") as file:
            return file.read(64).rstrip(b"\n")
    except OSError:
        return b""


def _process(pid, places):
    """A process named asterisk; None for any other, and for one that has ended."""
    if _program(pid) != PROGRAM:
        return None
    found: dict = {"pid": pid, "logs": [], "sockets": [], "own_network": False, "levels": None, "unknown": None}
    base = "/proc/%d" % pid
    try:
        found["own_network"] = os.readlink(base + "/ns/net") != os.readlink("/proc/self/ns/net")
        descriptors = dict(_descriptors(base))
        inodes = {link[len("socket:["):-1] for link in descriptors.values() if link.startswith("socket:[")}
        found["sockets"] = [{"protocol": protocol, "port": port} for protocol, port in sorted(_sockets(base, inodes))]
        logs = [_log(base, number, link, places) for number, link in sorted(descriptors.items())
                if link.startswith("/") and number not in STANDARD]
        found["logs"] = [log for log in logs if log is not None]
        found["levels"] = _levels(base)
    except (FileNotFoundError, ProcessLookupError):
        return None
    except OSError as error:
        found["unknown"] = describe(error)
    return found


def _levels(base):
    """{name of a log: its levels} by the logger.conf of a process; None where the file does not tell."""
    try:
        with open(base + "/cmdline", "rb") as file:
            words = file.read(65536).decode("utf-8", "surrogateescape").split("\0")
        main = words[words.index("-C") + 1] if "-C" in words[:-1] else USUAL_CONFIGURATION
        folder = os.path.dirname(main)
        for section, key, value in _settings(base + "/root" + main):
            if section == "directories" and key == "astetcdir":
                folder = value
        rows = list(_settings(base + "/root" + os.path.join(folder, "logger.conf")))
    except (OSError, ValueError):
        return None
    return levels(rows)


def levels(rows):
    """{name of a log: its levels} of the (section, key, value) of a logger.conf; None where another file is part of it."""
    found: dict = {}
    for section, key, value in rows:
        if key.startswith("#"):
            return None
        if section == "logfiles":
            names = re.sub(r"^\[\w+\]", "", value).replace(" ", "").lower().split(",")
            found.setdefault(os.path.basename(key), []).extend(name.partition("(")[0] for name in names if name)
    return found


def _settings(path):
    """(section, key, value) of each line of a file of Asterisk's; an include as (section, line, "")."""
    section = ""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = re.sub(r";--.*?--;", "", file.read(MOST_CONFIGURATION), flags=re.DOTALL)
    except FileNotFoundError:
        if path.endswith("asterisk.conf"):
            return
        raise
    for line in text.splitlines():
        line = re.sub(r"(?<!\\);.*", "", line).strip()
        header = re.match(r"\[([^\]]+)\]", line)
        if header is not None and "=" not in line:
            section = header.group(1).strip().lower()
        elif line.startswith("#"):
            yield section, line, ""
        elif "=" in line:
            key, _, value = line.partition("=")
            yield section, key.strip(), value.lstrip(">").strip()


def _descriptors(base):
    """(number, where it leads) of each open file; one that is closed meanwhile is none."""
    for name in os.listdir(base + "/fd"):
        try:
            yield int(name), os.readlink("%s/fd/%s" % (base, name))
        except FileNotFoundError:
            continue


def _log(base, number, link, places):
    """A regular file that is open to append to, else None."""
    try:
        status = os.stat("%s/fd/%d" % (base, number))
        flags = _flags(base, number)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode) or not flags & os.O_APPEND or flags & os.O_ACCMODE == os.O_RDONLY:
        return None
    path = link
    if status.st_nlink == 0 and link.endswith(DELETED):
        path = link[:-len(DELETED)]
    # The process's own root: a container's folder may be one of the host's under another name.
    folder = _identity(base + "/root" + os.path.dirname(path))
    if folder in places:
        path = os.path.join(places[folder], os.path.basename(path))
    return {"path": path, "file": "%x:%d" % (status.st_dev, status.st_ino), "folder": folder, "deleted": status.st_nlink == 0}


def _flags(base, number):
    """How a file was opened: the flags of open(2)."""
    with open("%s/fdinfo/%d" % (base, number)) as file:
        for line in file:
            if line.startswith("flags:"):
                return int(line.split()[1], 8)
    return 0


def _sockets(base, inodes):
    """{(protocol, port)} of the sockets that others than this host itself can reach."""
    found = set()
    for table in ("udp", "udp6", "tcp", "tcp6"):
        protocol = table[:3]
        try:
            file = open("%s/net/%s" % (base, table))
        except FileNotFoundError:  # a kernel without IPv6
            continue
        with file:
            for line in file:
                words = line.split()
                if len(words) > 9 and words[9] in inodes and words[3] == WAITING[protocol]:
                    address, port = words[1].split(":")
                    if not _is_loopback(address):
                        found.add((protocol, int(port, 16)))
    return found


def _is_loopback(text):
    """Whether an address is of the loopback network, as the kernel prints it: 32-bit words in the machine's own order."""
    address = b"".join(struct.pack("=I", int(text[start:start + 8], 16)) for start in range(0, len(text), 8))
    if address.startswith(IPV4_MAPPED):
        address = address[len(IPV4_MAPPED):]
    return address[0] == 127 if len(address) == 4 else address == b"\0" * 15 + b"\1"


def _writers(identity):
    """The names of programs that have a file open for writing, other than this one."""
    found = set()
    for pid in _pids():
        base = "/proc/%d" % pid
        try:
            numbers = [number for number, link in _descriptors(base) if link.startswith("/")]
            for number in numbers:
                if _identity("%s/fd/%d" % (base, number)) == identity and _flags(base, number) & os.O_ACCMODE != os.O_RDONLY:
                    found.add(_program(pid).decode("utf-8", "backslashreplace"))
        except OSError:
            continue  # it has ended, or is nobody's that this login may look at
    return sorted(found)
