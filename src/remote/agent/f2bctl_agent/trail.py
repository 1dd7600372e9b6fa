"""The audit trail that all operators of a host share: one record a line, each chained to the line before by its hash."""

import errno
import fcntl
import hashlib
import json
import os
import stat
import time

from f2bctl_agent import configuration, holders, journal
from f2bctl_agent.loop import AgentError, describe

LARGEST_TRAIL = 256 * 1024 * 1024
# How long a record is waited for that somebody else writes.
LOCKED_SECONDS = 30
POLL_SECONDS = 0.02


def _trail(host):
    return os.path.join(host["state_dir"], "audit.jsonl")


def append(host, record):
    """Adds one record to the host's trail: numbered, timed, chained to the line before by its hash.

    A line is the record's JSON with `,"hash":"..."` put in before the last brace; the hash is the SHA-256 of the JSON
    without it, and `previous` is the hash of the line before, so that any reader can check the chain as text.
    """
    journal.state_folder(host)
    descriptor = os.open(_trail(host), os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK,
                         0o600)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise AgentError("precondition", "%s is not a regular file" % _trail(host))
        _lock(descriptor, _trail(host))
        _mend_tail(descriptor)
        last = _last_line(descriptor)
        entry = {"schema": 1, "sequence": 1, "previous": None, "time": utc(time.time())}
        if last is not None:
            entry.update(sequence=last["sequence"] + 1, previous=last["hash"])
        entry.update(record)
        body = json.dumps(entry, separators=(",", ":"))
        hashed = hashlib.sha256(body.encode("ascii")).hexdigest()
        _write_line(descriptor, ('%s,"hash":"%s"}\n' % (body[:-1], hashed)).encode("ascii"))
    finally:
        os.close(descriptor)
    return {"sequence": entry["sequence"], "hash": hashed, "time": entry["time"]}


def _lock(descriptor, path):
    """Waits for other writers, which are done in no time; whoever holds the trail for longer is named."""
    until = time.monotonic() + LOCKED_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
        if time.monotonic() > until:
            raise AgentError("precondition", "%s is locked by %s" % (path, holders.sentence(holders.holder(path))))
        time.sleep(POLL_SECONDS)


def _write_line(descriptor, line):
    """Writes a whole line durably, or none of it."""
    size = os.fstat(descriptor).st_size
    try:
        if os.write(descriptor, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _mend_tail(descriptor):
    """Ends a line that a crash cut short, so that the next record stands on a line of its own."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        os.write(descriptor, b"\n")


def _last_line(descriptor):
    """The newest whole record, or None for an empty trail; a line that cannot be read is passed over."""
    end = os.fstat(descriptor).st_size
    tail = b""
    while end > 0:
        begin = max(0, end - 65536)
        tail = os.pread(descriptor, end - begin, begin) + tail
        end = begin
        lines = tail.split(b"\n")
        for line in reversed(lines if begin == 0 else lines[1:]):
            try:
                record = json.loads(line.decode("ascii"))
                if isinstance(record, dict) and "hash" in record and "sequence" in record:
                    return record
            except (ValueError, UnicodeDecodeError):
                continue
    return None


def utc(seconds):
    """A Unix time as RFC 3339 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def record(conversation, arguments):
    """The verb `record`: a refused or failed attempt that never became a change."""
    return append(arguments["host"], arguments["record"])


def audit(conversation, arguments):
    """The verb `audit`: the trail's text, as it lies on the host."""
    path = _trail(arguments["host"])
    journal.refuse_exposed(arguments["host"])
    try:
        with configuration.open_regular(path, os.O_NOFOLLOW) as file:
            data = file.read(LARGEST_TRAIL + 1)
    except FileNotFoundError:
        return {"path": path, "exists": False, "text": ""}
    except OSError as error:
        if error.errno == errno.EACCES:
            raise AgentError("permission", describe(error))
        raise
    if len(data) > LARGEST_TRAIL:
        raise AgentError("precondition", "%s is larger than %d bytes" % (path, LARGEST_TRAIL))
    return {"path": path, "exists": True, "text": data.decode("utf-8", "backslashreplace")}
