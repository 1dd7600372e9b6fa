"""The one lock of a host: held by the kernel on the configuration directory, so that it dies with its holder.

What the holder says of itself stands beside it in the state directory and is only read to name it. It says so when it has
something to do, and one that was killed leaves its words behind; so the kernel is asked whose process holds the lock.
"""

import errno
import fcntl
import json
import os
import time

from f2bctl_agent import configuration
from f2bctl_agent.loop import AgentError

HELD = {"descriptor": None}
POLL_SECONDS = 0.1


def acquire(conversation, arguments):
    """The verb `lock`: waits up to `wait` seconds for the lock, saying who has it; kept until the agent ends."""
    host = arguments["host"]
    if HELD["descriptor"] is not None:
        return {"waited": 0}
    descriptor = os.open(host["config_dir"], os.O_RDONLY | os.O_DIRECTORY)
    began = time.monotonic()
    tries = 0
    said = None
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK):
                raise
        owner = _owner(host)
        if time.monotonic() - began >= arguments["wait"]:
            os.close(descriptor)
            raise AgentError("locked", "another change holds the lock: %s" % _told(owner), owner=owner)
        tries += 1
        # A report that asks whether the lock is held has it for a moment, which is not worth a word.
        if tries > 1 and owner != said:
            conversation.event("waiting", "Waiting for another change: %s." % _told(owner), owner=owner)
            said = owner
        time.sleep(POLL_SECONDS)
    HELD["descriptor"] = descriptor
    conversation.when_idle = lambda: release(host)
    return {"waited": time.monotonic() - began}


def sign(host, who):
    """Says beside the held lock whose it is: {operator, command, since, pid}."""
    text = json.dumps(dict(who, since=time.time(), pid=os.getpid()))
    configuration.write_durably(_path(host), text.encode("utf-8"))


def release(host):
    """Gives the lock back."""
    if HELD["descriptor"] is None:
        return
    try:
        os.unlink(_path(host))
    except OSError:
        pass
    os.close(HELD["descriptor"])
    HELD["descriptor"] = None


def holder(host):
    """Who holds the lock now, or None; asked with a shared try, so that nobody is kept waiting."""
    descriptor = os.open(host["config_dir"], os.O_RDONLY | os.O_DIRECTORY)
    try:
        if HELD["descriptor"] is not None:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return _owner(host)
        return None
    finally:
        os.close(descriptor)


def _path(host):
    return os.path.join(host["state_dir"], "lock.json")


def _owner(host):
    """What is known of the holder: {operator, command, since, pid} as it says, else {program} by the kernel, else {}.

    Words of another process than the one that holds the lock, or of one that has ended, are not the holder's.
    """
    pid = _holding_process(host["config_dir"])
    signature = _signature(host)
    if signature and pid in (None, signature["pid"]) and os.path.exists("/proc/%d" % signature["pid"]):
        return signature
    return {"program": "process %d (%s)%s" % (pid, _program(pid), _user(pid))} if pid else {}


def _signature(host):
    try:
        found = json.loads(configuration.read_bytes(_path(host), 65536).decode("utf-8"))
        return {"operator": str(found["operator"]), "command": str(found["command"]), "since": float(found["since"]),
                "pid": int(found["pid"])}
    except (OSError, ValueError, TypeError, KeyError, OverflowError, AgentError):
        return None


def _holding_process(config_dir):
    """The process that the kernel names for the lock; None where it does not (another namespace, some file systems)."""
    facts = os.stat(config_dir)
    place = "%02x:%02x:%d" % (os.major(facts.st_dev), os.minor(facts.st_dev), facts.st_ino)
    try:
        with open("/proc/locks") as file:
            for line in file:
                words = line.split()
                # One that waits has an arrow in front: "1: -> FLOCK ...".
                if words[1] == "FLOCK" and words[5] == place:
                    return int(words[4])
    except (OSError, ValueError, IndexError):
        pass
    return None


def _program(pid):
    """The name of a process's program, at most 15 bytes."""
    try:
        with open("/proc/%d/comm" % pid, errors="replace") as file:
            return file.read().strip()
    except OSError:
        return "gone"


def _user(pid):
    """Whose the process is, where it is another user's: whoever may read the directory can lock it."""
    try:
        user = os.stat("/proc/%d" % pid).st_uid
    except OSError:
        return ""
    return "" if user == os.geteuid() else " of another user (uid %d)" % user


def _told(owner):
    if "operator" not in owner:
        return "%s has not said who it is" % owner.get("program", "its holder")
    try:
        since = time.strftime("%F %T", time.localtime(owner["since"]))
    except (OverflowError, ValueError, OSError):
        since = "a moment that no clock shows"
    return "%s runs %s since %s" % (owner["operator"], owner["command"], since)
