"""Reads logs: a log and its rotated files, packed or not, in blocks of whole lines, from a time on or their last bytes.

The place of a time in a plain file is found by bisection. Nothing is mapped into memory: a log may be truncated at any
moment. A packed file is unpacked as a stream, and of a damaged one as much is used as can be read.

Boundary: it reads what log_access opens, and knows nothing of what the lines say but their times.
"""

import collections
import importlib
import itertools
import os
import re
import shutil
import stat
import subprocess

from f2bctl_agent import log_access, log_clock
from f2bctl_agent.loop import describe

BLOCK_BYTES = 1024 * 1024
# How near bisection comes to a time; a time is looked for in so many bytes after a place.
NEAR_BYTES = 64 * 1024
# Who may write to the folder of a log could put a small file there that is unpacked for hours.
MOST_UNPACKED = 4 * 1024 * 1024 * 1024
MOST_FILES = 200
# How often a log is listed again because it was rotated at that moment.
LISTINGS = 3
# By the ending of a file's name: the module that unpacks it.
UNPACKERS = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma", ".zst": "compression.zstd"}
ROTATED = re.compile(r"(?:[.-]\d+)+$")
# How much newer the file with the largest number then is, seconds; copies of all files are made within less.
COUNTED_UPWARDS = 60
# The numbers of rotated files are smaller, dates are larger: `-20261127`.
SMALLEST_DATE = 100000


# A line of Asterisk's that may be about a failed attempt: its text, or the name of its event.
ATTEMPT = re.compile(rb"(?i)fail|invalid|reject|denied|no registration|nonexistent|exceed|unexpected")


class LogFile:
    """One file of a log, open. Offsets count its unpacked text; `fault` says why no more of it can be read, or is
    None."""

    def __init__(self, path):
        self.path = path
        self.stored = log_access.open_log(path)
        self.inode = os.fstat(self.stored.fileno()).st_ino
        self.packed = os.path.splitext(path)[1] in UNPACKERS
        self.fault = None
        # Of a packed file: what unpacks it, where that has come to, and the last text before that place.
        self.stream = None
        self.position = 0
        self.kept = b""

    def size(self):
        """How much text a file has that is not packed."""
        return os.fstat(self.stored.fileno()).st_size

    def modified(self):
        """When it was written last; a packed file has kept the time of the plain one."""
        return os.fstat(self.stored.fileno()).st_mtime

    def read(self, offset, length):
        """Up to `length` bytes from `offset` on; less only at the end or before a fault."""
        try:
            return self._unpacked(offset, length) if self.packed else os.pread(self.stored.fileno(), length, offset)
        except OSError as error:
            self.fault = describe(error)
            return b""

    def blocks(self, offset=0, until=None, length=BLOCK_BYTES, unfinished=True):
        """From `offset` on, yields (text, lines): text of at most `length` bytes, and the lines that it holds.

        They differ where a line does not begin or end in the text: the rest of a line that is longer than `length`, or
        that began before `offset`, is no line, whatever it looks like, and each line has an end. The last line of the
        file may lack it if `unfinished`.
        """
        begun = offset > 0 and self.read(offset - 1, 1) != b"\n"
        while True:
            text = self.read(offset, length if until is None else min(length, until - offset))
            end = text.rfind(b"\n") + 1
            if end == 0 and (unfinished or len(text) == length):
                end = len(text)
            if end == 0:
                return
            text = text[:end]
            offset += end
            lines = text.partition(b"\n")[2] if begun else text
            begun = not text.endswith(b"\n")
            yield text, lines + b"\n" if begun and lines else lines

    def last_blocks(self, most, since=None):
        """(blocks of the file's last lines, how many bytes they are, whether `most` left out some): those since a time,
        if it is given and the file is plain, and no more than `most` bytes."""
        if self.packed:
            return self._last_unpacked(most)
        size = self.size()
        begin = 0 if since is None else self.offset_of(since)
        first = max(begin, size - most)
        return (lines for _, lines in self.blocks(first, size)), size - first, first > begin

    def offset_of(self, moment):
        """A place with no line after it that is from `moment` or later, and few that are older. A packed file has
        to be read from its start."""
        low, high = 0, 0 if self.packed else self.size()
        moment = log_clock.first_of_repeated(moment) - log_clock.OUT_OF_ORDER
        while high - low > NEAR_BYTES:
            middle = (low + high) // 2
            low, high = (middle, high) if self.is_before(moment, middle) else (low, middle)
        return low

    def is_before(self, moment, offset=0):
        """Whether the next line with a time is certainly older than a moment; it is not where none is near."""
        text = self.read(offset, NEAR_BYTES)
        clock = log_clock.Clock(None, self.modified())
        for line in (text.partition(b"\n")[2] if offset else text).split(b"\n"):
            readings = clock.readings(line)
            if readings:
                return readings[-1] < moment
        return False

    def release(self):
        """Gives back the memory and the processes that unpacking takes; it begins again if more is read."""
        if isinstance(self.stream, Unpacking):
            self.stream.end()
        self.stream, self.position, self.kept = None, 0, b""

    def close(self):
        """Gives the file back."""
        self.release()
        self.stored.close()

    def _unpacked(self, offset, length):
        if self.stream is None or offset < self.position - len(self.kept):
            self.release()
            self.fault = None
            self.stream = self._unpacker()
        pieces, end = [self.kept], self.position
        while end < offset + length and self.fault is None:
            piece = self._piece(end)
            if not piece:
                break
            # What is far before the place is passed over, and not collected.
            pieces = pieces + [piece] if end + NEAR_BYTES > offset else [piece]
            end += len(piece)
        text = b"".join(pieces)
        begin = end - len(text)
        self.position, self.kept = end, text[max(0, min(offset, end) - NEAR_BYTES - begin):]
        return text[max(0, offset - begin):max(0, offset + length - begin)]

    def _piece(self, end):
        """The next text that is unpacked; empty at the end and at a fault."""
        try:
            if end > MOST_UNPACKED:
                raise ValueError("it holds more than %d GiB" % (MOST_UNPACKED >> 30))
            return self.stream.read1(BLOCK_BYTES)
        except Exception as error:  # each way of packing has errors of its own
            self.fault = str(error) or type(error).__name__
            return b""

    def _unpacker(self):
        self.stored.seek(0)
        ending = os.path.splitext(self.path)[1]
        try:
            return importlib.import_module(UNPACKERS[ending]).open(self.stored)
        except ImportError:
            program = shutil.which("zstd") if ending == ".zst" else None
            if program is None:
                raise OSError("%s files cannot be unpacked on this host" % ending)
            return Unpacking(program, self.stored)

    def _last_unpacked(self, most):
        window, amount, cut = collections.deque(), 0, False
        for _, lines in self.blocks():
            window.append(lines)
            amount += len(lines)
            while amount - len(window[0]) >= most:
                amount -= len(window.popleft())
                cut = True
        if amount > most:
            first = window.popleft()
            kept = first[first.find(b"\n", amount - most - 1) + 1:]
            window.appendleft(kept)
            amount += len(kept) - len(first)
            cut = True
        return iter(window), amount, cut


class Unpacking:
    """A program that unpacks a file, for an ending that this Python does not know."""

    def __init__(self, program, stored):
        self.name = os.path.basename(program)
        self.process = subprocess.Popen([program, "-dcq"], stdin=stored, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)

    def read1(self, length):
        """The next bytes, none at the end; ValueError if the program did not come to it."""
        piece = os.read(self.process.stdout.fileno(), length)
        if not piece and self.process.wait() != 0:
            raise ValueError("%s ended with %d" % (self.name, self.process.returncode))
        return piece

    def end(self):
        """Ends the program."""
        self.process.kill()
        self.process.stdout.close()
        self.process.wait()


class LastPart:
    """The last `most` bytes of a log's lines, since a time if it is given; of its rotated files, too, if `rotated`.

    `blocks` yields them once, the oldest first; they are about `amount` bytes. `truncated` says whether older ones were
    left out for their number of bytes; `horizon` is the time of the first line that was read then.
    """

    def __init__(self, path, most, since=None, rotated=False):
        self.files = open_all(path) if rotated else [LogFile(path)]
        self.amount, self.truncated, self.horizon = 0, False, None
        parts, oldest = [], None
        for file in self.files:
            if self.amount >= most:
                self.truncated = True
                break
            blocks, amount, cut = file.last_blocks(most - self.amount, since)
            parts.append(blocks)
            self.truncated = self.truncated or cut
            self.amount += amount
            oldest = file
        self.blocks = itertools.chain.from_iterable(parts[::-1])
        if self.truncated:
            first = next(self.blocks, b"")
            self.blocks = itertools.chain([first], self.blocks)
            times = log_clock.Clock(None, oldest.modified()).times(first.split(b"\n"), oldest.modified())
            self.horizon = next(filter(None, times), None)

    def faults(self):
        """[(path, why it could not be read to its end)]; complete when all blocks were taken."""
        return [(file.path, file.fault) for file in self.files if file.fault is not None]

    def lines(self):
        """Its lines without their ends."""
        for block in self.blocks:
            for line in block.split(b"\n")[:-1]:
                yield line

    def close(self):
        """Gives the files back."""
        for file in self.files:
            file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def open_all(path):
    """A log and its rotated files, open, the newest first. All are opened before one is read, so that a rotation
    meanwhile neither hides one nor brings it twice."""
    for listing in range(LISTINGS):
        files, listed = {}, names(path)
        for name in listed:
            try:
                file = LogFile(name)
                files.setdefault(file.inode, file)
            except FileNotFoundError:
                continue
        # Each file is there once; the log itself may be missing.
        complete = len(files) == len(listed) - (not os.path.exists(path))
        if listing == LISTINGS - 1 or complete and names(path) == listed:
            break
        for file in files.values():
            file.close()
    return list(files.values())


def names(path):
    """The log and its rotated files, the newest first: by number, or by date."""
    folder, name = os.path.split(os.path.realpath(path))
    found = {}
    for other in os.listdir(folder):
        stem, ending = os.path.splitext(other)
        stem = stem if ending in UNPACKERS else other
        if not stem.startswith(name) or not ROTATED.match(stem[len(name):]):
            continue
        try:
            facts = os.stat(os.path.join(folder, other), follow_symlinks=False)
        except FileNotFoundError:
            continue
        # A file that is being packed is still there as it was.
        if stat.S_ISREG(facts.st_mode) and (stem == other or stem not in found):
            number = int("".join(re.findall(r"\d", stem[len(name):])))
            found[stem] = (number, facts.st_mtime, os.path.join(folder, other))
    dated = sorted((file for file in found.values() if file[0] >= SMALLEST_DATE), reverse=True)
    numbered = sorted(file for file in found.values() if file[0] < SMALLEST_DATE)
    # `.1` is the newest; not where Asterisk rotates by itself, which counts upwards.
    if len(numbered) > 1 and numbered[-1][1] > numbered[0][1] + COUNTED_UPWARDS:
        numbered.reverse()
    return [path] + [found for _, _, found in numbered + dated][:MOST_FILES]
