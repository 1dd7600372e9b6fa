"""Which recent lines of Asterisk's log each jail counts, and for which address, by fail2ban's own reading of them.

As with a forecast, fail2ban's classes run in a process of their own, with nothing started.
"""

from f2bctl_agent import forecast, log_reader, look_back, own_classes, rehearse, server

SAMPLE_BYTES = 256 * 1024
SAMPLE_LINES = 2000
# Runs after the preamble: number, address and time of each line that a jail counts, None where fail2ban reads no time in it.
BODY = forecast.SERVER + """
for name, jail in given["jails"].items():
    try:
        filter = configured(name, jail["commands"])
        filter.checkFindTime = False
        counted = []
        for number, line in enumerate(given["lines"]):
            failures = filter.processLine(line)
            read = filter.dateDetector.getTime(line) if failures else None
            counted += [[number, str(failure[1]), None if read is None else int(read[0])] for failure in failures]
        answer[name] = {"value": counted}
    except Exception as error:
        answer[name] = {"unknown": "%s: %s" % (type(error).__name__, error)}
"""


def counted(conversation, arguments):
    """The verb `counted`: {from, counted: {jail: {"value": [[line, ip, time]]}}} of the lines that were looked back at, from
    line `from` on, for each running jail that reads no log of fail2ban's own."""
    host, lines = arguments["host"], look_back.KEPT[-SAMPLE_LINES:]
    jails = commands_of(host, lambda logs: host["log"] not in logs)
    found = by_jail(host, jails, lines)
    return {"from": len(look_back.KEPT) - len(lines), "counted": found}


def replay(conversation, arguments):
    """The verb `replay`: {lines, counted: {jail: {"value": [[line, ip]]}}} for the jails that read Asterisk's log."""
    host = arguments["host"]
    lines = sample(host["asterisk_log"])
    jails = commands_of(host, lambda logs: host["asterisk_log"] in logs)
    found = by_jail(host, jails, lines)
    for counted in found.values():
        if "value" in counted:
            counted["value"] = [line[:2] for line in counted["value"]]
    return {"lines": lines, "counted": found}


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
    """The last lines of a log; none if it is missing."""
    try:
        with log_reader.LastPart(path, SAMPLE_BYTES, rotated=True) as part:
            lines = list(part.lines())
    except FileNotFoundError:
        return []
    return [line.decode("utf-8", "replace").rstrip("\r") for line in lines[-SAMPLE_LINES:]]
