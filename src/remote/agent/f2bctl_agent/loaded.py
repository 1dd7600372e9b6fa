"""Whether the files are still those that the running server was made of, by their times: then what it holds and no file gives
was set at run time.

Boundary: times only. That something changed since says nothing about what it was.
"""

import json
import os
import socket
import struct
import time

from f2bctl_agent import configuration, server
from f2bctl_agent.loop import AgentError

NOTE = "loaded.json"
# How long before a server's start, or the first line that it logs of a reload, the files may have been read, seconds.
READ_BEFORE = 5
LOG_BYTES = 1024 * 1024
RELOADED = b"Reload all jails"


def note(host, asked):
    """Remembers that all files as they were at `asked` have been read since; a host that cannot keep it knows less later."""
    try:
        data = json.dumps({"asked": asked}).encode("ascii")
        configuration.write_durably(os.path.join(host["state_dir"], NOTE), data)
    except OSError:
        pass


def observe(host, live):
    """{at, changed, file}: when the server's files were read at the latest, and which file changed last, and when."""
    changed, file = newest(host["config_dir"])
    return {"at": moment(host, live), "changed": changed, "file": file}


def asked(host):
    """The same, by a connection of its own; None where the server cannot be asked."""
    try:
        live = server.connect(host["config_dir"])
    except OSError:
        return None
    try:
        return observe(host, live)
    finally:
        live.close()


def moment(host, live):
    """The latest time from before which every file is known to have been read; None where nothing tells."""
    started = process_start(live)
    if started is None:
        return None
    times = [started - READ_BEFORE]
    try:
        noted = json.loads(configuration.read_bytes(os.path.join(host["state_dir"], NOTE)).decode("ascii"))["asked"]
    except (OSError, ValueError, KeyError, TypeError, AgentError):
        noted = None
    if isinstance(noted, (int, float)) and started - READ_BEFORE <= noted <= time.time():
        times.append(noted)
    logged = last_reload(live)
    if logged is not None and started <= logged <= time.time():
        times.append(logged - READ_BEFORE)
    return max(times)


def process_start(live):
    """When the process on the other end of the socket was started, seconds of the Unix clock."""
    try:
        peer = live.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        with open("/proc/%d/stat" % struct.unpack("3i", peer)[0], "rb") as file:
            ticks = int(file.read().rpartition(b")")[2].split()[19])
        with open("/proc/uptime", "rb") as file:
            up = float(file.read().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return time.time() - up + ticks / os.sysconf("SC_CLK_TCK")


def last_reload(live):
    """When the server logged that it reloads all jails, the last time in the end of its log; None where that is not seen."""
    try:
        path = live.command("get", "logtarget")
        with configuration.open_regular(path) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - LOG_BYTES))
            end = file.read(LOG_BYTES)
        place = end.rindex(RELOADED)
        line = end[end.rfind(b"\n", 0, place) + 1:place]
        with live.zone():
            return time.mktime(time.strptime(line[:19].decode("ascii"), "%Y-%m-%d %H:%M:%S"))
    except Exception:  # no file, another format of the log, or no such line: the start is known all the same
        return None


def newest(config_dir):
    """(when, which): the last change of any file that fail2ban may read, or of a folder's list of them."""
    files = list(configuration.configuration_files(config_dir))
    times = [(os.stat(path).st_ctime, os.path.join(folder, name) if folder else name) for folder, name, path in files]
    times += [(os.stat(entry.path).st_mtime, entry.name + "/") for entry in os.scandir(config_dir) if entry.is_dir()]
    # Backups come and go in the folder itself; which file went there shows only if it is jail.local.
    if not any(not folder and name == "jail.local" for folder, name, _ in files):
        times.append((os.stat(config_dir).st_mtime, "jail.local"))
    when, which = max(times)
    return when, configuration.shown(which)
