"""What fail2ban's action log says of those who are banned now: were they found again after the ban?

Boundary: the end of the log as it is. A line that was written before the ban and found late bears its own, earlier time,
and by that it is judged.
"""

import os
import re
import time

from f2bctl_agent import log_access
from f2bctl_agent.loop import AgentError

END = 1024 * 1024
LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\S* fail2ban\S*\s+\[\d+\]: \w+\s+\[([^\]]+)\] (.*)$")
FOUND = re.compile(r"Found (\S+) - (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$")
BANNED = re.compile(r"(?:Restore |Increase )?Ban (\S+)")
OWN_TIME = re.compile(r"\[?(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)")
# How long a line may be on its way from Asterisk to the ban: what was asked before is answered yet.
ON_THE_WAY = 2


def observe(host, server):
    """{jail: {address: {found, last, already}}} of those who were found again, by the end of the action log.

    `found` are the lines of theirs that Asterisk's log has after the ban, and `last` is when the last was written: what is
    read anew after a rotation fail2ban takes for new. Where the times of that log are not read, `found` are those of the
    action log, and `last` is None.
    """
    if not server.get("running"):
        raise AgentError("precondition", "fail2ban is not running")
    target = str(server["settings"].get("logtarget") or host["log"])
    if not target.startswith("/"):
        raise AgentError("precondition", "fail2ban logs to %s" % target)
    banned = {(name, ban["ip"]): ban["since"] for name, jail in server["jails"].items() for ban in jail["bans"]}
    found = after(_end(target), banned) if banned else {}
    for name, rows in found.items():
        lines = [line for path in server["jails"][name]["values"]["logpath"] for line in _end(path)]
        for address, row in list(rows.items()):
            began = row.pop("began")
            if row["found"] and not written(lines, address, began, row):
                del rows[address]
    return found


def written(lines, address, began, row):
    """Whether a log has lines that hold the address and were written after a ban, or cannot tell; counts them."""
    holds = re.compile(r"(?<![\w.:])%s(?![\w.]|:\w*:)" % re.escape(address))
    own = [OWN_TIME.match(line) for line in lines if holds.search(line)]
    if not all(own):
        row["last"] = None
        return True
    times = [moment for moment in (_seconds(" ".join(match.groups())) for match in own) if moment > began + ON_THE_WAY]
    row.update(found=len(times), last=max(times, default=None))
    return bool(times)


def after(lines, banned):
    """{jail: {address: {found, last, already, began}}} by these lines of the action log alone; `banned` has when each ban of
    (jail, address) began."""
    found: dict = {}
    banned = dict(banned)
    for line in lines:
        match = LINE.match(line)
        if match is None:
            continue
        moment, jail, text = match.groups()
        ban, again = BANNED.match(text), FOUND.match(text)
        if ban is not None and (jail, ban.group(1)) in banned:
            # From here on anew: the time of the server's own ban moves with each one more.
            banned[jail, ban.group(1)] = _seconds(moment)
            found.get(jail, {}).pop(ban.group(1), None)
        elif again is not None and (jail, again.group(1)) in banned:
            dated, began = _seconds(again.group(2)), banned[jail, again.group(1)]
            if dated > began + ON_THE_WAY:
                row = _row(found, jail, again.group(1), began)
                row["found"] += 1
                row["last"] = dated
        elif text.endswith(" already banned") and (jail, text.split(" ")[0]) in banned:
            address = text.split(" ")[0]
            if _seconds(moment) > banned[jail, address] + ON_THE_WAY:
                _row(found, jail, address, banned[jail, address])["already"] += 1
    return found


def _row(found, jail, address, began):
    return found.setdefault(jail, {}).setdefault(address, {"found": 0, "last": None, "already": 0, "began": began})


def _seconds(text):
    """A time of the action log, which is written in the host's zone, in seconds of the Unix clock."""
    return int(time.mktime(time.strptime(text, "%Y-%m-%d %H:%M:%S")))


def _end(path):
    with log_access.open_log(path) as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - END))
        lines = file.read(END).decode("utf-8", "replace").splitlines()
    return lines if size <= END else lines[1:]
