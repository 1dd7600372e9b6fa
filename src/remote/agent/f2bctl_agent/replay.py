"""Which recent lines of Asterisk's log each jail counts, and for which address, by fail2ban's own reading of them.

As with a forecast, fail2ban's classes run in a process of their own, with nothing started.
"""

from f2bctl_agent import forecast, log_reader, rehearse, server

SAMPLE_BYTES = 256 * 1024
SAMPLE_LINES = 2000
# Runs behind forecast's preamble.
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


def replay(conversation, arguments):
    """The verb `replay`: {lines, counted: {jail: {"value": [[line, ip]]}}} for the jails that read Asterisk's log."""
    host = arguments["host"]
    lines = sample(host["asterisk_log"])
    live = server.connect(host["config_dir"])
    try:
        reading = [name for name in server.jail_names(live)
                   if host["asterisk_log"] in map(str, dict(dict(live.command("status", name))["Filter"]).get("File list", []))]
    finally:
        live.close()
    stream, _ = rehearse.parse(rehearse.Client(host, host["config_dir"], "-d").finish()["output"])
    jails = {}
    for name in reading:
        commands = [["add", name, "polling"]]
        commands += [command for command in stream
                     if len(command) > 1 and command[1] == name and rehearse.allowed(command) and command[0] != "add"]
        jails[name] = {"commands": commands}
    counted = {}
    if jails and lines:
        counted = forecast.ask(rehearse.server_program(host), BODY, {"jails": jails, "lines": lines})
    return {"lines": lines, "counted": counted}


def sample(path):
    """The last lines of a log; none if it is missing."""
    try:
        with log_reader.LastPart(path, SAMPLE_BYTES, rotated=True) as part:
            lines = list(part.lines())
    except FileNotFoundError:
        return []
    return [line.decode("utf-8", "replace").rstrip("\r") for line in lines[-SAMPLE_LINES:]]
