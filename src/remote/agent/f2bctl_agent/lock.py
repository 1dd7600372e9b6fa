"""The one lock of a host: held by the kernel on STATE/lock, which only root can open, so that it dies with its holder.

What the holder says of itself is in STATE/lock.json and is only read to name it. One that was killed leaves its
words there; so the kernel is asked whose process holds the lock.

An f2bctl older than this one locks the configuration directory instead, which every local user can lock. That is
locked as well, so that the older one waits, and waited for only where a process of f2bctl holds it. Anybody else's lock
on it is named and keeps nobody out.
"""

import errno
import fcntl
import json
import os
import stat
import time

from f2bctl_agent import configuration, holders, journal
from f2bctl_agent.loop import AgentError

# What is locked, as open descriptors, for as long as this agent has the lock.
HELD = []
POLL_SECONDS = 0.1
NAMING_SECONDS = 1
BUSY = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK)
# A word that is in the command line of every agent of f2bctl, and of what ends temporary entries.
AGENT = b"f2bctl_agent"


def acquire(conversation, arguments):
    """The verb `lock`: waits up to `wait` seconds for the lock, saying who has it; kept until the agent ends."""
    host = arguments["host"]
    if HELD:
        return {"waited": 0}
    waiting = Waiting(conversation, arguments["wait"])
    try:
        _take_own(host, waiting)
        _keep_older_out(host, waiting)
    except BaseException:
        _close()
        raise
    conversation.when_idle = lambda: release(host)
    return {"waited": waiting.seconds()}


class Waiting:
    """Waits for locks that others hold, saying who they are, until the time for it is over."""

    def __init__(self, conversation, limit):
        self.conversation = conversation
        self.limit = limit
        self.began = None
        self.named = None
        self.reported = None
        self.tries = 0

    def seconds(self):
        """How long it has been since the first lock that was held by another."""
        return 0 if self.began is None else time.monotonic() - self.began

    def pause(self, find_owner):
        """Waits a moment; `AgentError` of kind "locked" when it has been long enough. `find_owner` says who has it."""
        if self.began is None:
            self.began = time.monotonic()
        over = self.seconds() >= self.limit
        self.tries += 1
        # A report that asks whether the lock is held has it for a moment, which is not worth a word.
        if over or self.tries > 1 and (self.named is None or time.monotonic() - self.named >= NAMING_SECONDS):
            owner = find_owner()
            self.named = time.monotonic()
            if over:
                raise AgentError("locked", "another change holds the lock: %s" % _shown(owner), owner=owner)
            if owner != self.reported:
                self.conversation.event("waiting", "Waiting for another change: %s." % _shown(owner), owner=owner)
                self.reported = owner
        self.conversation.look(POLL_SECONDS)


def _take_own(host, waiting):
    """Locks STATE/lock; a file that was removed or replaced meanwhile is none that others would wait for."""
    while True:
        descriptor = _open(host)
        try:
            while not _try(descriptor, fcntl.LOCK_EX):
                waiting.pause(lambda: _owner(host, _path(host, "lock")))
            if _is_there(descriptor, _path(host, "lock")):
                HELD.append(descriptor)
                descriptor = None
                return
        finally:
            if descriptor is not None:
                os.close(descriptor)


def _keep_older_out(host, waiting):
    """Locks the configuration directory for those who know no other lock; another's lock on it is not waited for."""
    descriptor = os.open(host["config_dir"], os.O_RDONLY | os.O_DIRECTORY)
    HELD.append(descriptor)
    while not _try(descriptor, fcntl.LOCK_EX):
        # At the first try it may be a report, which asks for a moment whether it is held.
        if waiting.tries and not _is_older(holders.holder(host["config_dir"])):
            return
        waiting.pause(lambda: _owner(host, host["config_dir"]))


def _is_older(found):
    """Whether a holder of the configuration directory's lock is an f2bctl, run by root or by this login."""
    return found is not None and found["own"] and holders.mentions(found["pid"], AGENT)


def _open(host):
    """Opens the file that is locked; it is refused where others than root and this login could have opened it."""
    path = _path(host, "lock")
    try:
        journal.state_folder(host)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except (AgentError, OSError) as error:
        number = error.facts.get("errno") if isinstance(error, AgentError) else error.errno
        if number in (errno.EACCES, errno.EPERM):
            raise AgentError("permission", "the host's lock cannot be taken: %s (%s)" % (os.strerror(number), path),
                             errno=number)
        raise
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode) or facts.st_uid not in (0, os.geteuid()) or facts.st_mode & 0o077:
        os.close(descriptor)
        raise AgentError("precondition", "%s is no private file of root's (uid %d, mode %04o), so others may hold the lock; "
                         "remove it while no change runs" % (path, facts.st_uid, stat.S_IMODE(facts.st_mode)))
    return descriptor


def _is_there(descriptor, path):
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _try(descriptor, kind):
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        return True
    except OSError as error:
        if error.errno not in BUSY:
            raise
        return False


def sign(host, who):
    """Writes beside the held lock who holds it: {operator, command, since, pid}."""
    text = json.dumps(dict(who, since=time.time(), pid=os.getpid()))
    configuration.write_durably(_path(host, "lock.json"), text.encode("utf-8"))


def release(host):
    """Gives the lock back."""
    if not HELD:
        return
    try:
        os.unlink(_path(host, "lock.json"))
    except OSError:
        pass
    _close()


def unlock(conversation, arguments):
    """The verb `unlock`: gives back a lock that no change has used, so that it is free before the command ends."""
    release(arguments["host"])
    return {}


def _close():
    while HELD:
        os.close(HELD.pop())


def holder(host):
    """Who holds the lock now, or None; asked with a shared try, so that nobody is kept waiting."""
    if HELD:
        return None
    own = _path(host, "lock")
    if _is_held(own, os.O_NOFOLLOW):
        return _owner(host, own)
    older = holders.holder(host["config_dir"]) if _is_held(host["config_dir"], os.O_DIRECTORY) else None
    return _owner(host, host["config_dir"]) if _is_older(older) else None


def foreign(host):
    """Who holds a lock on the configuration directory that is not waited for: a clause, or None."""
    path = host["config_dir"]
    found = holders.holder(path) if _is_held(path, os.O_DIRECTORY) else None
    if _is_older(found) or found is not None and found["pid"] == os.getpid():
        return None
    # One that cannot be found may have let go meanwhile.
    return holders.sentence(found) if found is not None or _is_held(path, os.O_DIRECTORY) else None


def _is_held(path, flags):
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | flags)
    except FileNotFoundError:
        return False
    try:
        return not _try(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _path(host, name):
    return os.path.join(host["state_dir"], name)


def _owner(host, path):
    """What is known of the holder: {operator, command, since, pid} as it says, else {program} by the kernel.

    Words of another process than the one that holds the lock, or of one that has ended, are not the holder's.
    """
    found = holders.holder(path)
    signature = _signature(host)
    if signature and found and found["pid"] == signature["pid"]:
        return signature
    if signature and found is None and os.path.exists("/proc/%d" % signature["pid"]):
        return signature
    return {"program": holders.sentence(found)}


def _signature(host):
    try:
        found = json.loads(configuration.read_bytes(_path(host, "lock.json"), 65536).decode("utf-8"))
        return {"operator": str(found["operator"]), "command": str(found["command"]), "since": float(found["since"]),
                "pid": int(found["pid"])}
    except (OSError, ValueError, TypeError, KeyError, OverflowError, AgentError):
        return None


def _shown(owner):
    if "operator" not in owner:
        return "%s did not identify itself" % owner["program"]
    try:
        since = time.strftime("%F %T", time.localtime(owner["since"]))
    except (OverflowError, ValueError, OSError):
        since = "an unknown time"
    return "%s runs %s since %s" % (owner["operator"], owner["command"], since)
