"""fail2ban's database: which bans it holds, and whether another process keeps it locked.

fail2ban waits 5 s for its database. A reload that meets a longer lock (a backup, a sqlite3 shell) loses every jail, with
its bans; so the lock is tried before fail2ban is moved, and its holder is named.

Boundary: it reads; what is written there is the matter of `bans`.
"""

import os
import sqlite3
import time
import urllib.parse

from f2bctl_agent import server
from f2bctl_agent.loop import AgentError, describe

LOCKED_SECONDS = 10
# SQLite locks one byte range of a file that it shares; everything else there is no lock of SQLite's.
LOCK_BYTES = 0x40000000


def path(live):
    """The file of the server's database; None where it keeps none or keeps it in memory."""
    found = live.command("get", "dbfile")
    return found if isinstance(found, str) and os.path.isfile(found) else None


def connect(name):
    """A connection that only reads."""
    return sqlite3.connect("file:%s?mode=ro" % urllib.parse.quote(name), uri=True, timeout=LOCKED_SECONDS)


def due(name, bantimes):
    """{jail: addresses whose ban has not ended}, for the jails of `bantimes`; {} where the database cannot be read.

    A jail restores no ban that is older than its own bantime; one that it leaves out for another reason is listed here.
    """
    now = time.time()
    found = {}
    try:
        connection = connect(name)
        try:
            for jail, bantime in bantimes.items():
                rows = connection.execute("SELECT ip, timeofban FROM bips WHERE jail = ? AND "
                                          "(bantime < 0 OR timeofban + bantime > ?)", (jail, now))
                oldest = now - bantime if isinstance(bantime, int) and bantime >= 0 else None
                found[jail] = {str(ip) for ip, since in rows if oldest is None or since > oldest}
        finally:
            connection.close()
    except sqlite3.Error:
        return {}
    return found


def refuse_locked(host):
    """Refuses where another process keeps fail2ban's database locked for some seconds, and names it."""
    name = wait_for_server(host)
    if name is not None:
        holders = ", ".join(_holders(name)) or "a process that the kernel does not name"
        raise AgentError("precondition", "fail2ban's database %s is locked by %s, and has been for %d s; fail2ban, which "
                         "waits 5 s for it, would lose jails and bans. Wait until that process has ended, or end it"
                         % (name, holders, LOCKED_SECONDS))


def wait_for_server(host):
    """Waits until the server's database is free; its file if it is still locked, else None."""
    try:
        live = server.connect(host["config_dir"])
        try:
            name = path(live)
        finally:
            live.close()
    except (OSError, server.Refused):
        name = server.options(host["config_dir"])["dbfile"]  # of the one that is about to be started
        name = name if os.path.isfile(name) else None
    return None if name is None or wait_until_free(name) else name


def wait_until_free(name, seconds=LOCKED_SECONDS):
    """Whether nobody else has the database locked, at the latest after so many seconds.

    What fail2ban is about to do needs the whole lock for a moment, which one who only reads keeps it from, too.
    """
    try:
        connection = sqlite3.connect("file:%s?mode=rw" % urllib.parse.quote(name), uri=True, timeout=seconds)
        try:
            connection.isolation_level = None
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
        finally:
            connection.close()
    except sqlite3.Error as error:
        return not is_locked(str(error))  # damaged, or not ours to write: that is no lock
    return True


def is_locked(message):
    """Whether words of SQLite, or of fail2ban that repeats them, say that a database is locked."""
    return "database is locked" in message or "database table is locked" in message


def _holders(name):
    """Who else has a lock on the file, as `process 123 (sqlite3)`, by the kernel's list of locks."""
    inode = os.stat(name).st_ino
    found = []
    try:
        with open("/proc/locks") as file:
            lines = [line.split() for line in file]
    except OSError:
        return []
    for words in lines:
        # "1: POSIX  ADVISORY  WRITE 4711 08:01:131 1073741826 1073742335"; one that waits has an arrow in front.
        if len(words) < 8 or words[1] not in ("POSIX", "OFDLCK") or words[5].rpartition(":")[2] != str(inode):
            continue
        pid = int(words[4])
        if pid in (0, -1, os.getpid()) or int(words[6]) < LOCK_BYTES or not _has_open(pid, name):
            continue
        holder = "process %d (%s)" % (pid, _program(pid))
        if holder not in found:
            found.append(holder)
    return found


def _has_open(pid, name):
    """Whether a process has this very file open: an inode's number alone may be another file system's."""
    facts = os.stat(name)
    folder = "/proc/%d/fd" % pid
    try:
        descriptors = os.listdir(folder)
    except OSError:
        return True  # another user's: the number is all that is known
    for descriptor in descriptors:
        try:
            other = os.stat(os.path.join(folder, descriptor))
        except OSError:
            continue
        if (other.st_dev, other.st_ino) == (facts.st_dev, facts.st_ino):
            return True
    return False


def _program(pid):
    try:
        with open("/proc/%d/comm" % pid, errors="replace") as file:
            return file.read().strip()
    except OSError as error:
        return describe(error)
