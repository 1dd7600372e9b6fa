"""A log with its rotated generations: a place in it that outlives rotation, and everything that was written behind it.

A place is {inode, offset, tail}: the byte behind the last line that was read, counted in the unpacked text, and a hash of
the text before it. A generation that was renamed keeps its inode; one that was copied (copytruncate) or packed does not,
and is known by its text.

Boundary: it reads, and knows no fail2ban but for the time at the start of a line.
"""

import gzip
import hashlib
import os
import re
import stat
import time

from f2bctl_agent import log_access

# How much text before a place tells it from any other: some lines, each with its time.
TAIL_BYTES = 512
CHUNK_BYTES = 64 * 1024
ROTATED = re.compile(r"([.-]\d+)+(\.gz)?$")
STAMP = re.compile(rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")


class Generation:
    """One file of the log, open; `size` and `read` are about its unpacked text."""

    def __init__(self, path):
        self.path = path
        self.packed = path.endswith(".gz")
        self.stored = log_access.open_log(path)
        self.file = gzip.GzipFile(fileobj=self.stored) if self.packed else self.stored
        self.inode = os.fstat(self.stored.fileno()).st_ino

    def read(self, offset, length):
        """Up to `length` bytes from `offset` on; less only at the end."""
        self.file.seek(offset)
        return self.file.read(length)

    def size(self):
        """How much text a file has that is not packed."""
        return os.fstat(self.file.fileno()).st_size

    def before(self, offset):
        """The text just before `offset`; less than there should be where the file is shorter."""
        begin = max(0, offset - TAIL_BYTES)
        return self.read(begin, offset - begin)

    def tail(self, offset):
        """A hash of the text before `offset`, or None where there is not so much of it."""
        before = self.before(offset)
        return digest(before) if len(before) == min(offset, TAIL_BYTES) else None

    def has(self, place):
        """Whether this is the file of a place. At its very start there is no text to know a file by."""
        if place["offset"] == 0 or self.inode == place["inode"]:
            return self.inode == place["inode"] and self.tail(place["offset"]) == place["tail"]
        return self.tail(place["offset"]) == place["tail"]

    def begins_before(self, moment):
        """Whether its first line is older than a moment; a file without a time at its start is taken as not."""
        found = stamp(self.read(0, 4096))
        return found is not None and found < moment

    def close(self):
        """Gives the file back."""
        self.file.close()
        self.stored.close()


def digest(before):
    """What a place is known by."""
    return hashlib.sha256(before).hexdigest()


def stamp(line):
    """The time at the start of a line, seconds of the Unix clock by the host's zone, or None."""
    found = STAMP.match(line)
    if found is None:
        return None
    try:
        return time.mktime(time.strptime(found.group(1).decode("ascii"), "%Y-%m-%d %H:%M:%S"))
    except (ValueError, OverflowError):
        return None


def generations(path):
    """The log's files, the newest first: the log itself, then the rotated ones by their number or their age."""
    folder, name = os.path.split(path)
    found = []
    for other in os.listdir(folder):
        ending = other[len(name):]
        if not other.startswith(name) or not ROTATED.match(ending):
            continue
        digits = int("".join(re.findall(r"\d+", ending)))
        try:
            facts = os.stat(os.path.join(folder, other), follow_symlinks=False)
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(facts.st_mode):
            continue
        # `.1` is the newest of numbered files, the largest date that of dated ones.
        found.append((digits if digits < 100000 else -digits, -facts.st_mtime, os.path.join(folder, other)))
    return [path] + [other for _, _, other in sorted(found)]


def opened(path):
    """An open generation, or None for a file that is gone (rotation may run at this moment)."""
    try:
        return Generation(path)
    except FileNotFoundError:
        return None


def behind(path, matches):
    """(the newest generation that matches, the paths of those that are newer, oldest first), or (None, all paths)."""
    newer = []
    for candidate in generations(path):
        generation = opened(candidate)
        if generation is None:
            continue
        try:
            if matches(generation):
                return generation, newer[::-1]
        except (OSError, EOFError):
            pass  # a packed file that is being written at this moment cannot be read yet
        generation.close()
        newer.append(candidate)
    return None, newer[::-1]
