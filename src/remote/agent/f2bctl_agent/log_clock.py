"""The times of a log's lines as seconds of the Unix clock, by the zone that the host had at that time.

A line gives its local time without the zone (`2026-11-22 06:54:01` or `Nov 22 06:54:01`, perhaps in brackets), or with it
(`2026-11-22T06:54:01.933+0000`). When clocks go back, one hour has two readings; the order of the lines decides between
them. A time without a year is the last one before the file was written.

Boundary: it reads no file.
"""

import datetime
import re
import time

# Asterisk on a terminal of its own colours what it writes.
COLOURS = rb"(?:\x1b\[[\d;]*m)*"
STAMP = re.compile(COLOURS + rb"\[?" + COLOURS + rb"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d):(\d\d)(?:\.\d+(?:([+-])(\d\d):?(\d\d)|(Z)))?")
SHORT = re.compile(COLOURS + rb"\[?" + COLOURS + rb"([A-Z][a-z][a-z]) ([ \d]\d) (\d\d:\d\d):(\d\d)")
MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
EPOCH = datetime.datetime(1970, 1, 1)
DAY = 86400
# How far a line may be before the one above it: the threads of a program do not write in the order of their times.
OUT_OF_ORDER = 120


class Clock:
    """Reads the times of lines in their order. `last` is when the line before was written, None if that is not known;
    `modified` is when the file was written last, which decides the year of a line without one."""

    def __init__(self, last=None, modified=None):
        self.last = last
        self.modified = time.time() if modified is None else modified
        self.minute = None
        self.starts = []

    def times(self, lines, modified):
        """The time of each line, None for a line without one; `modified` is when the file was written last."""
        if self.last is None:
            self.begin(lines, modified)
        return [self.time(line) for line in lines]

    def time(self, line):
        """The time of the next line."""
        found = self.readings(line)
        if not found:
            return None
        likely = [reading for reading in found if self.last is None or reading >= self.last - OUT_OF_ORDER]
        self.last = likely[0] if likely else found[-1]
        return self.last

    def readings(self, line):
        """What a line's time can be, the earliest first: two in the hour that clocks repeat, else one, or none."""
        found = STAMP.match(line)
        if found is None:
            found = SHORT.match(line)
            return [] if found is None else self.without_year(*found.groups())
        day, minute, second, sign, hours, minutes, utc = found.groups()
        if sign or utc:
            east = 0 if utc else (int(hours) * 3600 + int(minutes) * 60) * (-1 if sign == b"-" else 1)
            start = utc_of(day + b" " + minute)
            return [] if start is None else [start - east + int(second)]
        return self.within(day + b" " + minute, second)

    def within(self, minute, second):
        """The readings of a second of a local minute."""
        if minute != self.minute:
            self.minute, self.starts = minute, readings_of(minute)
        return [start + int(second) for start in self.starts]

    def without_year(self, month, day, minute, second):
        """The readings of a time of the last year in which it lies before the file was written."""
        if month not in MONTHS:
            return []
        date = b"-%02d-%02d " % (MONTHS.index(month) + 1, int(day)) + minute
        year = time.localtime(self.modified).tm_year
        found = self.within(b"%04d" % year + date, second)
        # The day after: clocks of others may be ahead of this host's.
        if not found or found[0] > self.modified + DAY:
            found = self.within(b"%04d" % (year - 1) + date, second)
        return found

    def begin(self, lines, modified):
        """Decides how a log begins in a repeated hour, by the lines that follow: at a leap back they were the first
        time, if they run into the hour after they were the second time; else it was the second time if the file ends
        then."""
        first = before = None
        for found in filter(None, map(self.readings, lines)):
            if len(found) == 1 or before is not None and found[0] < before[0] - OUT_OF_ORDER:
                second_time = len(found) == 1
                break
            first, before = first or found, found
        else:
            second_time = before is not None and abs(before[-1] - modified) < OUT_OF_ORDER
        if first is not None and second_time:
            self.last = first[-1]


def utc_of(minute):
    """A minute of UTC; None for what is no time."""
    try:
        return int((datetime.datetime.strptime(minute.decode("ascii"), "%Y-%m-%d %H:%M") - EPOCH).total_seconds())
    except ValueError:
        return None


def readings_of(minute):
    """What a local minute can be, the earliest first; none for what is no time."""
    local = utc_of(minute)
    if local is None:
        return []
    try:
        before, after = (time.localtime(local + far).tm_gmtoff for far in (-DAY, DAY))
        found = {local - offset for offset in (before, after) if time.localtime(local - offset).tm_gmtoff == offset}
    except (ValueError, OverflowError, OSError):
        return []
    # No clock of the host's zone shows a minute that is left out in spring; a program that does had not noticed yet.
    return sorted(found) or [local - before]


def first_of_repeated(moment):
    """The earlier moment with the same local time, if there is one, else the moment itself."""
    local = time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))
    found = readings_of(local.encode("ascii"))
    return moment - (found[-1] - found[0]) if len(found) > 1 and moment >= found[-1] else moment


def shown(moment):
    """A moment by the zone that the host had then, RFC 3339."""
    text = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(moment))
    return text[:-2] + ":" + text[-2:]
