"""Writing the audit log that all operators of a host share: one record a line, each chained to the line before.

    STATE/audit.jsonl.1 ... audit.jsonl.N (oldest first, never written again)  ->  STATE/audit.jsonl

A file that has reached its size is renamed to the next number, under the lock, and the first record of the new file
names the last hash of the old one. A crash between the two leaves no current file, and the next record goes on from the
newest numbered one.

Boundary: reading it is `audit_pages`' work.
"""

import errno
import fcntl
import hashlib
import json
import os
import stat
import time

from f2bctl_agent import configuration, holders, journal, login
from f2bctl_agent.loop import AgentError

NAME = "audit.jsonl"
# From this size on, the next record begins a new file.
LARGEST_FILE = 32 * 1024 * 1024
# How much of a list or a text a record holds: a log that is read for years needs no 10,000 addresses of one change. The
# journal has all of them.
LONGEST_LIST = 50
LONGEST_TEXT = 64 * 1024
BLOCK = 65536
# How long a record is waited for that another user writes.
LOCKED_SECONDS = 30
POLL_SECONDS = 0.02


def path(host):
    """The file that is written to."""
    return os.path.join(host["state_dir"], NAME)


def files(host):
    """The files of the log that are there, oldest first."""
    numbered = []
    for name in os.listdir(host["state_dir"]):
        number = name[len(NAME) + 1:]
        if name.startswith(NAME + ".") and number.isdigit() and number == str(int(number)):
            numbered.append((int(number), name))
    found = [os.path.join(host["state_dir"], name) for _, name in sorted(numbered)]
    return found + ([path(host)] if os.path.lexists(path(host)) else [])


def append(host, record):
    """Adds one record: numbered, timed, with what the host sees of the login, chained to the line before by its hash.

    A line is the record's JSON with `,"hash":"..."` put in before the last brace; the hash is the SHA-256 of the JSON
    without it, and `previous` is the hash of the line before, so that any reader can check the chain as text.
    """
    journal.state_folder(host)
    descriptor = _locked(host)
    try:
        last = _last_record(host, descriptor)
        entry = {"schema": 1, "sequence": 1, "previous": None, "time": utc(time.time()), "seen": login.seen()}
        if last is not None:
            entry.update(sequence=last["sequence"] + 1, previous=last["hash"])
        # What the host says of itself is not for the operator's machine to give.
        entry.update((key, value) for key, value in shortened(record).items() if key not in entry and key != "hash")
        body = json.dumps(entry, separators=(",", ":"))
        hashed = hashlib.sha256(body.encode("ascii")).hexdigest()
        _write_line(descriptor, ('%s,"hash":"%s"}\n' % (body[:-1], hashed)).encode("ascii"))
    finally:
        os.close(descriptor)
    return {"sequence": entry["sequence"], "hash": hashed, "time": entry["time"]}


def _lock(descriptor, path):
    """Waits for other writers, which are done in no time; whoever holds the audit log for longer is named."""
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


def _locked(host):
    """The current file, open and locked, with room for a record; a file that is full is put aside first."""
    while True:
        descriptor = os.open(path(host), os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise AgentError("precondition", "%s is not a regular file" % path(host))
            _lock(descriptor, path(host))
            if _is_current(host, descriptor):
                _end_last_line(descriptor)
                if os.fstat(descriptor).st_size < LARGEST_FILE:
                    return descriptor
                _put_aside(host)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is_current(host, descriptor):
    """Whether the file still has its name: another run may have put it aside while this one waited for its lock."""
    try:
        return os.path.samestat(os.stat(path(host)), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _put_aside(host):
    """Gives the full file the next number, durably."""
    numbered = [int(name.rpartition(".")[2]) for name in files(host) if name != path(host)]
    os.rename(path(host), "%s.%d" % (path(host), max(numbered + [0]) + 1))
    configuration.sync_folder(host["state_dir"])


def shortened(value):
    """A value whose long lists have their first items, with `KEY_count` beside them, and whose long texts are cut."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return "%s... (%d more characters)" % (value[:LONGEST_TEXT], len(value) - LONGEST_TEXT)
    if isinstance(value, list):
        return [shortened(item) for item in value[:LONGEST_LIST]]
    if not isinstance(value, dict):
        return value
    found = {key: shortened(item) for key, item in value.items()}
    found.update(("%s_count" % key, len(item)) for key, item in value.items()
                 if isinstance(item, list) and len(item) > LONGEST_LIST)
    return found


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


def _end_last_line(descriptor):
    """Ends a line that a crash cut short, so that the next record is on a line of its own."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        os.write(descriptor, b"\n")


def _last_record(host, descriptor):
    """The newest whole record of the current file, or of the newest numbered one that has any; None for an empty
    log."""
    found = _last_of(descriptor)
    for older in reversed(files(host)):
        if found is not None:
            break
        if older != path(host):
            with configuration.open_regular(older, os.O_NOFOLLOW) as file:
                found = _last_of(file.fileno())
    return found


def _last_of(descriptor):
    """The newest whole record of one file, or None; a line that cannot be read is passed over."""
    end = os.fstat(descriptor).st_size
    blocks = []  # of the line whose beginning is not reached yet, last block first
    while end > 0:
        begin = max(0, end - BLOCK)
        lines = os.pread(descriptor, end - begin, begin).split(b"\n")
        end = begin
        while len(lines) > 1:
            blocks.append(lines.pop())
            found = _record(b"".join(reversed(blocks)))
            blocks = []
            if found is not None:
                return found
        blocks.append(lines[0])
    return _record(b"".join(reversed(blocks)))


def _record(line):
    """A line as a record with a number and a hash, or None."""
    try:
        record = json.loads(line.decode("ascii"))
    except (ValueError, UnicodeDecodeError):
        return None
    return record if isinstance(record, dict) and "hash" in record and isinstance(record.get("sequence"), int) else None


def utc(seconds):
    """A Unix time as RFC 3339 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def record(conversation, arguments):
    """The verb `record`: a refused or failed attempt that never became a change."""
    return append(arguments["host"], arguments["record"])
