"""Reading the audit log in pages, so that neither side ever holds all of it: oldest first to check it, newest first to
show what happened last.

A place is {inode, offset}: a file may be put aside under a number between two pages, and is still the same file.

Boundary: it reads; `audit_log` writes.
"""

import errno
import fcntl
import os

from f2bctl_agent import audit_log, configuration, journal
from f2bctl_agent.loop import AgentError, describe

# How much text one answer holds. A line that is longer comes in pieces.
PAGE = 2 * 1024 * 1024
TRIES = 5


def audit(conversation, arguments):
    """The verb `audit`: one page, from `place` on ({inode, offset}, or null for the first) and `newest_first` or not.

    {path, exists, file, text, continued, next}: `text` is of one file and made of whole lines, unless one line is
    longer than a page: then `continued` says that the next page has more of it. `next` is the next place, null at the
    end.
    """
    host = arguments["host"]
    found = {"path": audit_log.path(host), "exists": False, "file": audit_log.NAME, "text": "",
             "continued": False, "next": None}
    journal.refuse_exposed(host)
    try:
        os.stat(host["state_dir"])
    except FileNotFoundError:
        return found
    try:
        return dict(found, **_steady_page(host, arguments["place"], arguments["newest_first"]))
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise AgentError("permission", describe(error))
        raise


def _steady_page(host, place, newest_first):
    """One page; a file that is put aside between being listed and being opened is listed again."""
    for _ in range(TRIES):
        try:
            return _page(host, place, newest_first)
        except FileNotFoundError:
            continue
    raise AgentError("precondition", "the files of the audit log in %s change faster than they can be read" % host["state_dir"])


def _page(host, place, newest_first):
    """One page, or {} for an empty log. The files are listed again for each page."""
    paths = audit_log.files(host)
    if newest_first:
        paths.reverse()
    number = 0 if place is None else _number(paths, place["inode"])
    if not paths:
        return {}
    with configuration.open_regular(paths[number], os.O_NOFOLLOW) as file:
        # A record that is just being written is there whole or not at all.
        fcntl.flock(file, fcntl.LOCK_SH)
        facts = os.fstat(file.fileno())
        offset = place["offset"] if place is not None else None
        read = _backward if newest_first else _forward
        text, offset, continued = read(file, facts.st_size, offset)
    following = {"inode": facts.st_ino, "offset": offset}
    if offset is None:
        following = _beginning(paths, number + 1)
    return {"exists": True, "file": os.path.basename(paths[number]), "next": following,
            "text": text.decode("utf-8", "backslashreplace"), "continued": continued}


def _number(paths, inode):
    """Which of the files has this number on the disk."""
    for number, path in enumerate(paths):
        if os.stat(path).st_ino == inode:
            return number
    raise AgentError("precondition", "a file of the audit log was moved away while it was being read")


def _beginning(paths, number):
    """The place where a file's reading begins; None after the last file."""
    return {"inode": os.stat(paths[number]).st_ino, "offset": None} if number < len(paths) else None


def _forward(file, size, offset):
    """(text, offset of the next page or None, whether its line goes on) from an offset on."""
    offset = offset or 0
    file.seek(offset)
    text = file.read(PAGE)
    if offset + len(text) >= size:
        return text, None, False
    whole = text.rfind(b"\n") + 1
    return (text[:whole], offset + whole, False) if whole else (text, offset + len(text), True)


def _backward(file, size, offset):
    """The same for what is before an offset."""
    end = size if offset is None else min(offset, size)
    begin = max(0, end - PAGE)
    file.seek(begin)
    text = file.read(end - begin)
    if begin == 0:
        return text, None, False
    # The line in the middle of which the page begins comes with the next page.
    cut = text.find(b"\n", 0, len(text) - 1) + 1
    return text[cut:], begin + cut, cut == 0
