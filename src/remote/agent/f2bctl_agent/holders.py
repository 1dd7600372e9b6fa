"""Which process holds a kernel lock on a file, so that whoever waits for it can name it: its number, program and user.

The kernel lists the process that took a lock, which may have ended and left it to a child, so the open files of the
processes are looked at as well. Boundary: what is not shown to this login (another pid namespace) stays unknown.
"""

import os
import pwd


def holder(path):
    """{pid, program, uids, user, own} of a process that holds a lock on the file; None where it cannot be found.

    `own` says whether only root and this login have a part in it; the user's name is that of its real user.
    """
    facts = os.stat(path)
    listed = _listed(facts)
    for pid in listed + [pid for pid in _processes() if pid not in listed]:
        if _has_locked(pid, facts):
            return _described(pid)
    # The open files of another user's process may not be looked at by everybody; the kernel's list is then all there is.
    for pid in listed:
        if _uids(pid):
            return _described(pid)
    return None


def sentence(found):
    """A holder in one clause: "process 4711 (flock) of user asterisk (uid 112)", the user only where it is another one."""
    if found is None:
        return "a process that cannot be named"
    user = "" if found["own"] else " of user %s (uid %d)" % (found["user"], found["uids"][0])
    return "process %d (%s)%s" % (found["pid"], found["program"], user)


def mentions(pid, word):
    """Whether a process's command line has a word in it."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return word in file.read(1 << 20)
    except OSError:
        return False


def _listed(facts):
    """The processes that the kernel lists as having taken a lock on the file."""
    place = "%02x:%02x:%d" % (os.major(facts.st_dev), os.minor(facts.st_dev), facts.st_ino)
    found = []
    try:
        with open("/proc/locks") as file:
            for line in file:
                words = line.split()
                # One that waits has an arrow in front: "1: -> FLOCK ...".
                if len(words) > 5 and words[1] != "->" and words[5] == place and int(words[4]) > 0:
                    found.append(int(words[4]))
    except (OSError, ValueError):
        pass
    return found


def _processes():
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
    except OSError:
        return []


def _has_locked(pid, facts):
    """Whether a process has the file open with a lock that is in force."""
    folder = "/proc/%d/fd" % pid
    try:
        for name in os.listdir(folder):
            try:
                seen = os.stat(os.path.join(folder, name))
            except OSError:
                continue
            if (seen.st_dev, seen.st_ino) == (facts.st_dev, facts.st_ino) and _is_locked("/proc/%d/fdinfo/%s" % (pid, name)):
                return True
    except OSError:
        pass
    return False


def _is_locked(path):
    with open(path, "rb") as file:
        return any(line.startswith(b"lock:") for line in file)


def _described(pid):
    uids = _uids(pid)
    own = all(uid in (0, os.geteuid()) for uid in uids) and bool(uids)
    return {"pid": pid, "program": _program(pid), "uids": uids, "user": _user(uids), "own": own}


def _uids(pid):
    """Real, effective, saved and file system user of a process; none if it has ended.

    The owner of its folder in /proc would not do: that is root for every process that may not be dumped.
    """
    try:
        with open("/proc/%d/status" % pid, "rb") as file:
            for line in file:
                if line.startswith(b"Uid:"):
                    return [int(word) for word in line.split()[1:5]]
    except (OSError, ValueError):
        pass
    return []


def _user(uids):
    try:
        return pwd.getpwuid(uids[0]).pw_name if uids else "unknown"
    except KeyError:
        return "unknown"


def _program(pid):
    """The name of a process's program, at most 15 bytes, which the process may have chosen itself: no control characters."""
    try:
        with open("/proc/%d/comm" % pid, "rb") as file:
            name = file.read(64).rstrip(b"\n").decode("utf-8", "backslashreplace")
    except OSError:
        return "gone"
    return "".join(letter if letter.isprintable() else "\\x%02x" % ord(letter) for letter in name)
