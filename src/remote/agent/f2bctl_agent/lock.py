"""The one lock of a host: held by the kernel on the configuration directory, so that it dies with its holder.

What the holder says of itself stands beside it in the state directory and is only read to name it.
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
        if owner != said:
            conversation.event("waiting", "Waiting for another change: %s." % _told(owner), owner=owner)
            said = owner
        time.sleep(POLL_SECONDS)
    HELD["descriptor"] = descriptor
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
            return _owner(host) or {}
        return None
    finally:
        os.close(descriptor)


def _path(host):
    return os.path.join(host["state_dir"], "lock.json")


def _owner(host):
    try:
        owner = json.loads(configuration.read_bytes(_path(host), 65536).decode("utf-8"))
        return {"operator": str(owner["operator"]), "command": str(owner["command"]), "since": float(owner["since"])}
    except (OSError, ValueError, TypeError, KeyError, OverflowError, AgentError):
        return None


def _told(owner):
    if not owner:
        return "its holder has not said who it is"
    try:
        since = time.strftime("%F %T", time.localtime(owner["since"]))
    except (OverflowError, ValueError, OSError):
        since = "a moment that no clock shows"
    return "%s runs %s since %s" % (owner.get("operator"), owner.get("command"), since)
