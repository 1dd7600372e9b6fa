"""A log by its last lines: how many there are of each level, which level the newest attempts have, and how many hold two
addresses. What follows from that is
decided elsewhere.
"""

import os
import re

from f2bctl_agent import log_reader

MOST_BYTES = 4 * 1024 * 1024
# Asterisk writes `NOTICE[123]`, `NOTICE[123][C-0000000a]` or, by hand of syslog, `NOTICE [123]`.
LEVEL = re.compile(r"\b(NOTICE|WARNING|ERROR|SECURITY|VERBOSE|DEBUG|DTMF) ?\[\d+\]")

# What is between From and the call id of a PJSIP notice. The caller chooses those two, and may write it there again.
ADDRESS = re.compile(rb"' failed for '[\w.:\[\]%-]+' \(callid: ")


# How many of the newest lines about a failed attempt tell which levels are logged now: three attempts that both levels say.
NEWEST = 6


def sample(path):
    """{path, real, exists, size, modified, lines, levels, newest, two_addresses} of a log; `newest` are the levels of the last
    lines about failed attempts, the oldest first."""
    real = os.path.realpath(path)
    found = {"path": path, "real": real, "exists": os.path.isfile(real), "lines": 0, "levels": {}, "newest": [], "two_addresses": 0}
    if not found["exists"]:
        return found
    facts = os.stat(real)
    found.update(size=facts.st_size, modified=facts.st_mtime)
    with log_reader.LastPart(path, MOST_BYTES, rotated=True) as part:
        for line in part.lines():
            count(line, found)
    return found


def count(line, found):
    """Adds a line's level."""
    if not line.strip():
        return
    found["lines"] += 1
    # The level is in front; what a caller has sent comes after it.
    level = LEVEL.search(line[:200].decode("utf-8", "replace"))
    if level:
        found["levels"][level.group(1)] = found["levels"].get(level.group(1), 0) + 1
        if level.group(1) in ("NOTICE", "SECURITY") and log_reader.ATTEMPT.search(line):
            found["newest"] = found["newest"][1 - NEWEST:] + [level.group(1)]
        if level.group(1) == "NOTICE" and len(ADDRESS.findall(line)) > 1:
            found["two_addresses"] += 1
