"""Which recent lines of Asterisk's log each jail counts, and for which address, by fail2ban's own reading of them.

As with a forecast, fail2ban's classes run in a process of their own, with nothing started.
"""

from f2bctl_agent import forecast, log_reader, look_back, own_classes, rehearse, server

SAMPLE_BYTES = 256 * 1024
SAMPLE_LINES = 2000
# Runs after the preamble.
BODY = forecast.SERVER + """
for name, jail in given["jails"].items():
    try:
        filter = configured(name, jail["commands"])
        filter.checkFindTime = False
        counted = []
        for number, line in enumerate(given["lines"]):
            for failure in filter.processLine(line):
                counted.append([number, str(failure[1])])
        answer[name] = {"value": counted}
    except Exception as error:
        answer[name] = {"unknown": "%s: %s" % (type(error).__name__, error)}
"""

# The same with the time that fail2ban reads in each line, None where it reads none.
DATED = forecast.SERVER + """
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
    found = own_classes.ask(rehearse.server_program(host), DATED, {"jails": jails, "lines": lines}) if jails and lines else {}
    return {"from": len(look_back.KEPT) - len(lines), "counted": found}


def replay(conversation, arguments):
    """The verb `replay`: {lines, counted: {jail: {"value": [[line, ip]]}}} for the jails that read Asterisk's log."""
    host = arguments["host"]
    lines = sample(host["asterisk_log"])
    jails = commands_of(host, lambda logs: host["asterisk_log"] in logs)
    found = {}
    if jails and lines:
        found = own_classes.ask(rehearse.server_program(host), BODY, {"jails": jails, "lines": lines})
    return {"lines": lines, "counted": found}


def commands_of(host, is_asked):
    """{jail: {"commands": [...]}} that set up the running jails whose logs are asked for, as the files have them."""
    live = server.connect(host["config_dir"])
    try:
        reading = [name for name in server.jail_names(live)
                   if is_asked(list(map(str, dict(dict(live.command("status", name))["Filter"]).get("File list", []))))]
    finally:
        live.close()
    stream, _ = rehearse.parse(rehearse.Client(host, host["config_dir"], "-d").finish()["output"])
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
