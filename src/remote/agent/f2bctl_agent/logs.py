"""A log by its last lines: how many there are of each level, and how many hold two addresses. What follows from that is
decided elsewhere.

Boundary: it reads the end of a file and of the one that was rotated last, and no more than TAIL bytes of each.
"""

import os
import re

from f2bctl_agent import log_access

TAIL = 4 * 1024 * 1024
# Asterisk writes `NOTICE[123]`, `NOTICE[123][C-0000000a]` or, by hand of syslog, `NOTICE [123]`.
LEVEL = re.compile(r"\b(NOTICE|WARNING|ERROR|SECURITY|VERBOSE|DEBUG|DTMF) ?\[\d+\]")

# What stands between From and the call id of a PJSIP notice. The caller chooses those two, and may write it there again.
ADDRESS = re.compile(rb"' failed for '[\w.:\[\]%-]+' \(callid: ")


def sample(path):
    """{path, real, exists, size, modified, lines, levels, two_addresses} of a log."""
    real = os.path.realpath(path)
    found = {"path": path, "real": real, "exists": os.path.isfile(real), "lines": 0, "levels": {}, "two_addresses": 0}
    if not found["exists"]:
        return found
    facts = os.stat(real)
    found.update(size=facts.st_size, modified=facts.st_mtime)
    # By the name that was given, whose links are judged; what was rotated lies beside the file itself.
    for name in (path, real + ".1"):
        if os.path.isfile(name):
            count(name, found)
    return found


def count(path, found):
    """Adds the levels of a file's last lines; the first one may be cut and is left out then."""
    with log_access.open_log(path) as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - TAIL))
        lines = file.read(TAIL).split(b"\n")
    for line in lines[1 if size > TAIL else 0:]:
        if not line.strip():
            continue
        found["lines"] += 1
        # The level stands in front; what a caller has sent comes behind it.
        level = LEVEL.search(line[:200].decode("utf-8", "replace"))
        if level:
            found["levels"][level.group(1)] = found["levels"].get(level.group(1), 0) + 1
            if level.group(1) == "NOTICE" and len(ADDRESS.findall(line)) > 1:
                found["two_addresses"] += 1
