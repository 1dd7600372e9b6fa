"""Which recent lines of Asterisk's log each jail counts, and for which address, by fail2ban's own reading of them; and whether
the running jail found them.

As with a forecast, fail2ban's classes run in a process of their own, with nothing started.
"""

import re
import time

from f2bctl_agent import forecast, log_reader, look_back, own_classes, rehearse, server
from f2bctl_agent.loop import AgentError

SAMPLE_BYTES = 4 * 1024 * 1024
SAMPLE_LINES = 2000
# A jail reads its log each second or two; a flood may take it longer.
ON_THE_WAY = 60
# Lines older than this say nothing of a jail as it runs now.
RECENT = 3600
ACTION = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\S* fail2ban\S*\s+\[\d+\]: \w+\s+(?:\[([^\]]+)\] (.*))?")
# A jail began, or was reloaded: lines before that were read by what it was then.
BEGAN = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\S* fail2ban\S*\s+\[\d+\]: INFO\s+(?:Jail|Reload jail) '([^']+)'")
# Runs after the preamble: number, address and time of each line that a jail counts, None where fail2ban reads no time in it;
# and the numbers of the lines in which it reads none.
BODY = forecast.SERVER + """
for name, jail in given["jails"].items():
    try:
        filter = configured(name, jail["commands"])
        filter.checkFindTime = False
        counted, undated = [], []
        for number, line in enumerate(given["lines"]):
            failures = filter.processLine(line)
            read = filter.dateDetector.getTime(line)
            undated += [number] if read is None else []
            counted += [[number, str(failure[1]), None if read is None else int(read[0])] for failure in failures]
        answer[name] = {"value": counted, "undated": undated}
    except Exception as error:
        answer[name] = {"unknown": "%s: %s" % (type(error).__name__, error)}
"""


def counted(conversation, arguments):
    """The verb `counted`: {from, counted: {jail: {"value": [[line, ip, time]]}}} of the lines that were looked back at, from
    line `from` on, for each running jail that reads no log of fail2ban's own."""
    host, lines = arguments["host"], look_back.KEPT[-SAMPLE_LINES:]
    jails = commands_of(host, lambda logs: host["log"] not in logs)
    found = by_jail(host, jails, lines)
    for jail in found.values():
        jail.pop("undated", None)
    return {"from": len(look_back.KEPT) - len(lines), "counted": found}


def replay(conversation, arguments):
    """The verb `replay`: {lines, counted: {jail: {"value": [[line, ip]]}}, undated: [line], unheard: {jail: [[ip, time]]}} for
    the jails that read Asterisk's log; in the lines `undated` no jail reads a time, and `unheard` are recent failures of which
    the action log has nothing by that jail."""
    host = arguments["host"]
    lines = sample(host["asterisk_log"])
    jails = commands_of(host, lambda logs: host["asterisk_log"] in logs)
    found = by_jail(host, jails, lines)
    counted = {name: jail["value"] for name, jail in found.items() if "value" in jail}
    undated = [set(jail.pop("undated")) for jail in found.values() if "value" in jail]
    answer = {"lines": lines, "counted": found, "undated": sorted(set.intersection(*undated) if undated else ()), "unheard": unheard(host, counted)}
    for name, rows in counted.items():
        found[name]["value"] = [row[:2] for row in rows]
    return answer


def unheard(host, counted):
    """{jail: [[ip, time]]}: for each address that a jail's filter counts, the newest line of the last hour (and findtime) that
    the action log says nothing of, neither found nor ignored. A log that does not go back so far says nothing;
    None where it cannot be compared at all."""
    try:
        live = server.connect(host["config_dir"])
        try:
            target, level = str(live.command("get", "logtarget")), str(live.command("get", "loglevel"))
            findtimes = {name: int(live.command("get", name, "findtime")) for name in counted}
        finally:
            live.close()
        if level not in ("INFO", "DEBUG", "TRACEDEBUG", "HEAVYDEBUG") or not target.startswith("/"):
            return None
        with log_reader.LastPart(target, SAMPLE_BYTES, rotated=True) as part:
            written = [line.decode("utf-8", "replace") for line in part.lines()]
    except (OSError, AgentError, server.Refused):
        return None
    rows = [row.groups() for row in map(ACTION.match, written) if row is not None]
    if not rows:
        return None
    began = {row.group(2): row.group(1) for row in map(BEGAN.match, written) if row is not None}
    return missed(counted, rows, findtimes, began)


def missed(counted, rows, findtimes, began):
    """[[ip, time]] by jail of what these (moment, jail, text) of the action log do not have since each jail `began`."""
    last: dict = {}
    for moment, jail, text in rows:
        for word in (text or "").replace(",", " ").split(" "):
            last[jail, word] = moment
    found: dict = {}
    now = time.time()
    begins = _seconds(rows[0][0]) if rows else now
    for name, lines in counted.items():
        newest: dict = {}
        for _, ip, moment in lines:
            if moment is not None:
                newest[ip] = max(moment, newest.get(ip, 0))
        last_begun = _seconds(began[name]) + ON_THE_WAY if name in began else begins
        since = max(now - min(RECENT, findtimes[name]) + ON_THE_WAY, begins, last_begun)
        for ip, moment in newest.items():
            heard = last.get((name, ip))
            if since < moment < now - ON_THE_WAY and (heard is None or _seconds(heard) < moment - 2):
                found.setdefault(name, []).append([ip, moment])
    return found


def _seconds(text):
    return time.mktime(time.strptime(text, "%Y-%m-%d %H:%M:%S"))


def by_jail(host, jails, lines):
    """{jail: {"value": [[line, ip, time]]}} by fail2ban's own classes."""
    if not jails or not lines:
        return {}
    return own_classes.ask(server.program(host, "fail2ban-server"), BODY, {"jails": jails, "lines": lines})


def commands_of(host, is_asked):
    """{jail: {"commands": [...]}} that set up the running jails whose logs are asked for, as the files have them."""
    live = server.connect(host["config_dir"])
    try:
        reading = [name for name in server.jail_names(live)
                   if is_asked(list(map(str, dict(dict(live.command("status", name))["Filter"]).get("File list", []))))]
    finally:
        live.close()
    stream = rehearse.stream_of(host)
    jails = {}
    for name in reading:
        commands = [["add", name, "polling"]]
        commands += [command for command in stream
                     if len(command) > 1 and command[1] == name and rehearse.allowed(command) and command[0] != "add"]
        jails[name] = {"commands": commands}
    return jails


def sample(path):
    """The last lines of a log, and where they are many the last that may be about failed attempts, each with its neighbours,
    since a filter may look at two lines; none if it is missing."""
    try:
        with log_reader.LastPart(path, SAMPLE_BYTES, rotated=True) as part:
            lines = list(part.lines())
    except FileNotFoundError:
        return []
    if len(lines) > SAMPLE_LINES:
        wanted = [number for number, line in enumerate(lines) if log_reader.ATTEMPT.search(line)]
        near = {number + step for number in wanted[-SAMPLE_LINES:] for step in (-1, 0, 1)}
        lines = [line for number, line in enumerate(lines) if number in near]
    return [line.decode("utf-8", "replace").rstrip("\r") for line in lines[-SAMPLE_LINES:]]
