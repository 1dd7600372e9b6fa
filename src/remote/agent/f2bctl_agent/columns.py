"""fail2ban's action log as columns: what was done, in which jail, with which address, and when. Nothing else of it travels.

Each file of the log is asked for by itself, so that what a rotated one holds, which never changes, is read once and kept by
the operator's side. Within a file the newest events are kept; what came before them is beyond its horizon.

Boundary: it reduces lines. What they come to is counted elsewhere.
"""

import array
import calendar
import hashlib
import os
import re
import time

from f2bctl_agent import log_clock, log_reader
from f2bctl_agent.loop import AgentError

# Of a file. 200,000 events are some 25 MB of log.
MOST_EVENTS = 200000
MOST_NAMES = 40000
# How far events may grow beyond that before the oldest go, and how many numbers are written at once.
MORE_EVENTS = 25000
PIECE = 4096
# Of unpacked text, and of time, over all files of a look.
MOST_BYTES = 1024 * 1024 * 1024
SECONDS = 30
BLOCK_BYTES = 256 * 1024
# What of a file's beginning and end makes it known again.
END_BYTES = 64 * 1024
# The minute and the second, what happened, and what follows that: of most failures only their own time, which is the line's.
LINE = re.compile(rb"^(\d{4}-\d\d-\d\d \d\d:\d\d):(\d\d),\d+ [^\n\[]{0,60}\[\d+\]: [A-Z]+ +("
                  rb"\[[^\]\n]{1,64}\] (?:(?:Found|Ignore|Ban|Restore Ban|Unban) [0-9A-Fa-f.:]{2,45}(?=[ ,\n])"
                  rb"|[0-9A-Fa-f.:]{2,45} already banned)|Jail '[^'\n]{1,64}' started)(?: - \1:\2(?=\n))?([^\n]*)", re.M)
OWN_TIME = re.compile(rb"^[^\n]*? - (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
WEIGHT = re.compile(rb" # -> (\d{1,4})")


class Budget:
    """How much may still be read of a log, over the requests of a look."""
    left = MOST_BYTES
    end = 0.0


def action_files(conversation, arguments):
    """The verb `action_files`: {files: [{path, inode, size, ends}]} of the action log since a time, the newest first; `ends` is
    a hash of a rotated file's beginning and end, and null for the one that is still written."""
    Budget.left, Budget.end = MOST_BYTES, time.monotonic() + SECONDS
    oldest = time.time() - arguments["since"]
    found: list = []
    try:
        files = log_reader.open_all(arguments["host"]["log"])
    except FileNotFoundError:
        files = []
    try:
        for file in files:
            if file.modified() < oldest and found:
                break
            found.append({"path": file.path, "inode": file.inode, "size": file.size(),
                          "ends": ends(file) if found or file.path != arguments["host"]["log"] else None})
    finally:
        for file in files:
            file.close()
    return {"files": found}


def ends(file):
    """A hash of the beginning and the end of a file as it is stored."""
    last = max(0, file.size() - END_BYTES)
    text = b"".join(os.pread(file.stored.fileno(), END_BYTES, place) for place in (0, last))
    return hashlib.sha256(text).hexdigest()


def columns(conversation, arguments):
    """The verb `columns`: what one file holds, see `Columns.answer`; the file that is still written from a time on."""
    try:
        file = log_reader.LogFile(arguments["path"])
    except FileNotFoundError:
        raise AgentError("missing", "%s was rotated meanwhile" % arguments["path"])
    try:
        if file.inode != arguments["inode"]:
            raise AgentError("missing", "%s was rotated meanwhile" % arguments["path"])
        since = arguments["since"]
        return read(file, 0 if since is None else file.offset_of(time.time() - since))
    finally:
        file.close()


def read(file, begin):
    """What a file holds from a place on."""
    found = Columns()
    if time.monotonic() > Budget.end or Budget.left <= 0:
        return found.answer(file, True)
    if not file.packed and file.size() - begin > Budget.left:
        begin = file.size() - Budget.left
    clock = None
    for text, lines in file.blocks(begin, None if file.packed else file.size(), BLOCK_BYTES):
        if clock is None:
            clock = log_clock.Clock(None, file.modified())
            clock.begin(lines[:log_reader.NEAR_BYTES].split(b"\n"), file.modified())
        found.take(lines, clock)
        Budget.left -= len(text)
        if time.monotonic() > Budget.end:
            # Its newest lines were not reached, so that nothing of it is known.
            return Columns().answer(file, True)
    return found.answer(file, False)


class Columns:
    """The events of a file in the order of its lines: two numbers each, the first of which stands for what happened."""

    def __init__(self):
        self.names = {}
        self.first = None
        self.dropped = 0
        self.events, self.times = array.array("I"), array.array("I")

    def take(self, lines, clock):
        """Adds what a block of lines holds."""
        before, start = None, None
        for minute, second, what, rest in LINE.findall(lines):
            if minute != before:
                before, start = minute, clock.time(minute + b":00")
            if start is None:
                continue
            moment = start + int(second)
            if rest and b" Found " in what:
                own, weight = OWN_TIME.match(rest), WEIGHT.search(rest)
                if own:
                    moment = max(0, moment + seconds(own.group(1)) - seconds(minute + b":" + second))
                if weight:
                    what += b" # " + weight.group(1)
            number = self.names.get(what)
            if number is None:
                if len(self.names) >= MOST_NAMES:
                    self.dropped += 1
                    continue
                number = self.names[what] = len(self.names)
            self.events.append(number)
            self.times.append(moment)
        if self.first is None and self.times:
            self.first = self.times[0]
        if len(self.times) > MOST_EVENTS + MORE_EVENTS:
            self.shorten()

    def shorten(self):
        """Lets go of all but the newest events."""
        over = len(self.times) - MOST_EVENTS
        if over > 0:
            del self.events[:over], self.times[:over]
            self.first = self.times[0]

    def answer(self, file, truncated):
        """{names, events, times, first, dropped, truncated, fault}: `names` are what happened, as fail2ban writes it; `events`
        are numbers of names and `times` the differences between moments, as texts. From `first` on nothing is missing;
        `dropped` events were of names too many."""
        self.shorten()
        return {"names": [name.decode("utf-8", "replace") for name in self.names], "events": text(self.events),
                "times": text(self.times, True), "first": self.first, "dropped": self.dropped, "truncated": truncated,
                "fault": file.fault}


def seconds(stamp):
    """A local time as a number, to be compared with another one."""
    try:
        return calendar.timegm(time.strptime(stamp.decode("ascii"), "%Y-%m-%d %H:%M:%S"))
    except ValueError:
        return 0


def text(column, differences=False):
    """A column as a text, of its numbers or of the differences between them."""
    pieces = []
    for place in range(0, len(column), PIECE):
        numbers = column[place:place + PIECE]
        if differences:
            before = column[place - 1:place] if place else [0]
            numbers = map(int.__sub__, numbers, list(before) + list(numbers[:-1]))
        pieces.append(" ".join(map(str, numbers)))
    return " ".join(pieces)
