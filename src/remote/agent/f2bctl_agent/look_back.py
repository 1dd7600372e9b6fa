"""What the logs of a host hold about some addresses or accounts, cut out on the host: nothing else of them travels.

Newest files first, from a time on where one is given, within a budget of bytes and time. Where that ends is the horizon:
nothing is known of what came before. Of a flood the newest lines are kept, and all are counted.

Boundary: it cuts out, numbers and dates lines. What they say is read elsewhere, and what a jail counts by fail2ban.
"""

import collections
import os
import time

from f2bctl_agent import asterisk, log_clock, log_reader, server, wanted
from f2bctl_agent.loop import AgentError, describe

# Of unpacked text, over all logs. 390 MB of Asterisk's log take 0.2 s plain and 0.6 s packed.
MOST_BYTES = 1024 * 1024 * 1024
SECONDS = 30
MOST_LINES = 2000
MOST_ACTIONS = 8000
MOST_RECORDS = 200
LONGEST_LINE = 1000
LONGEST_RECORD = 64 * 1024
# What fail2ban writes of itself and of the times of lines, besides what it does with an address.
OF_ITSELF = ("] Jail '", "Jail '", "Starting Fail2ban", "Exiting Fail2ban", "timing issue", "no valid date/time")
# Before 1.0, a failure is forgotten only when somebody reaches the threshold.
BANS = ("] Ban ",)
# The lines that were sent last, for fail2ban's own expressions.
KEPT = []


class Budget:
    """How much may still be read."""

    def __init__(self):
        self.left = MOST_BYTES
        self.end = time.monotonic() + SECONDS

    def is_spent(self):
        return self.left <= 0 or time.monotonic() > self.end


def look_back(conversation, arguments):
    """The verb `look_back`: {logs, actions, records, held}, each log with what was cut out of it."""
    host, since = arguments["host"], arguments["since"]
    since = None if since is None else time.time() - since
    version, paths = reading(host)
    asked = wanted.Wanted(arguments["networks"], arguments["accounts"])
    of_fail2ban = wanted.Wanted(arguments["networks"], (), OF_ITSELF + (BANS if version.startswith("0.") else ()))
    budget = Budget()
    actions = cut(host["log"], of_fail2ban, since, budget, MOST_ACTIONS)
    logs = [cut(path, asked, since, budget, MOST_LINES) for path in paths]
    records = cut(os.path.join(host["state_dir"], "audit.jsonl"), asked, since, budget, MOST_RECORDS, LONGEST_RECORD)
    KEPT[:] = [line["text"] for log in logs for line in log["lines"]]
    return {"logs": logs, "actions": actions, "records": records, "held": held()}


def reading(host):
    """fail2ban's version ("" where it is down) and the logs: Asterisk's, then those of the jails, without fail2ban's own."""
    found, version = [host["asterisk_log"]], ""
    try:
        live = server.connect(host["config_dir"])
    except (AgentError, OSError):
        return version, found
    try:
        version = str(live.command("version"))
        for name in server.jail_names(live):
            found += map(str, dict(dict(live.command("status", name))["Filter"]).get("File list", []))
    except (server.Refused, OSError):
        pass  # the look at the server says so
    finally:
        live.close()
    own = os.path.realpath(host["log"])
    files = {os.path.realpath(path): path for path in reversed(found)}
    return version, [path for path in dict.fromkeys(found) if files[os.path.realpath(path)] == path
                     and os.path.realpath(path) != own]


def cut(path, asked, since, budget, most, longest=LONGEST_LINE):
    """{path, exists, files, lines, matched, horizon, truncated, faults} of a log."""
    found = {"path": path, "exists": os.path.isfile(path), "files": [], "lines": [], "matched": 0, "horizon": None,
             "truncated": False, "faults": []}
    try:
        files = log_reader.open_all(path)
    except FileNotFoundError:
        return found
    except (AgentError, OSError) as error:
        found["faults"].append(error.message if isinstance(error, AgentError) else describe(error))
        return found
    try:
        for file in files:
            if since is not None and file.modified() < since and found["files"]:
                break
            if budget.is_spent():
                found["truncated"] = True
                break
            cut_file(file, asked, since, budget, (most, longest), found)
    finally:
        for file in files:
            file.close()
    return found


def cut_file(file, asked, since, budget, bounds, found):
    """Adds what one file holds, which is older than what was found before; `bounds` are how many lines, and how long."""
    most, longest = bounds
    begin = 0 if since is None else file.offset_of(since)
    if not file.packed and file.size() - begin > budget.left:
        begin, found["truncated"] = file.size() - budget.left, True
    number = len(found["files"])
    kept = collections.deque(maxlen=max(0, most - len(found["lines"])))
    clock, seen, first, matched = log_clock.Clock(None, file.modified()), line_number(file, begin), None, 0
    for text, lines in file.blocks(begin, None if file.packed else file.size()):
        budget.left -= len(text)
        if first is None:
            first = first_time(lines, file.modified())
        ahead = seen + (0 if lines and text.startswith(lines[:LONGEST_LINE]) else 1)
        before = 0
        for place, line in asked.lines(lines):
            moment = clock.time(line)
            if since is not None and moment is not None and moment < since:
                continue
            ahead += lines.count(b"\n", before, place)
            before = place
            matched += 1
            kept.append({"file": number, "line": ahead + 1, "time": moment,
                         "text": line[:longest].decode("utf-8", "replace").rstrip("\r")})
        seen += text.count(b"\n")
        if time.monotonic() > budget.end:
            # Its newest lines were not reached, so that nothing of it is known.
            found["truncated"] = True
            return
    if first is not None:
        found["horizon"] = first if since is None else max(first, int(since))
    if file.fault is not None:
        found["faults"].append("%s: %s" % (file.path, file.fault))
    file.release()
    found["files"].append(file.path)
    found["matched"] += matched
    found["lines"][:0] = kept


def line_number(file, begin):
    """How many lines of a file lie before a place."""
    count = 0
    for text, _ in file.blocks(0, begin) if begin else ():
        count += text.count(b"\n")
    return count


def first_time(lines, modified):
    """The time of the first line of a block that has one."""
    times = log_clock.Clock(None, modified).times(lines[:log_reader.NEAR_BYTES].split(b"\n"), modified)
    return next((moment for moment in times if moment is not None), None)


def held():
    """[path] of the log files that a running asterisk holds open; none where no such process can be seen."""
    try:
        processes = asterisk.observe([])["processes"]
    except AgentError:
        return []
    return sorted({log["path"] for process in processes for log in process["logs"]})
