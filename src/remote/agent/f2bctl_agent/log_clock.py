"""The times of a log's lines as seconds of the Unix clock, by the zone that the host had at that time.

A line gives its local time without the zone (`2026-11-22 06:54:01`, perhaps in brackets). When clocks go back, one hour
has two readings; the order of the lines decides between them.

Boundary: it reads no file.
"""

import datetime
import re
import time

STAMP = re.compile(rb"\[?(\d{4}-\d\d-\d\d \d\d:\d\d):(\d\d)")
EPOCH = datetime.datetime(1970, 1, 1)
DAY = 86400
# How far a line may lie before the one above it: the threads of a program do not write in the order of their times.
OUT_OF_ORDER = 120


class Clock:
    """Reads the times of lines in their order. `last` is when the line before was written, None if that is not known."""

    def __init__(self, last=None):
        self.last = last
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
            return []
        minute, second = found.groups()
        if minute != self.minute:
            self.minute, self.starts = minute, readings_of(minute)
        return [start + int(second) for start in self.starts]

    def begin(self, lines, modified):
        """Decides how a log begins in a repeated hour, by the lines that follow: at a leap back they were the first time,
        if they run into the hour after they were the second time; else it was the second time if the file ends then."""
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


def readings_of(minute):
    """What a local minute can be, the earliest first; none for what is no time."""
    try:
        moment = datetime.datetime.strptime(minute.decode("ascii"), "%Y-%m-%d %H:%M")
        local = int((moment - EPOCH).total_seconds())
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
