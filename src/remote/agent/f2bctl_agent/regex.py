"""Tries log lines against a jail or a filter, with the host's own fail2ban-regex, and counts what came of them.

Boundary: it reads; nothing is banned and no server is asked. fail2ban-regex is used as the program uses itself, in a
process of its own under fail2ban's own Python, so that texts and lines never are on a command line and the counts
come as numbers, whatever a version prints. What is sent back is bounded: counts, and samples of what was missed.
"""

import base64
import contextlib
import itertools
import os

from f2bctl_agent import log_clock, log_reader, own_classes, rehearse, server
from f2bctl_agent.loop import AgentError

SECONDS = 120
# What of a log is read: its end, which is what an operator asks about.
LARGEST_LOG = 32 * 1024 * 1024
MOST_ADDRESSES = 1000
MOST_SHAPES = 20
LONGEST_SAMPLE = 500
# Settings of a jail that decide what a line is for it.
SETTINGS = ("addfailregex", "addignoreregex", "prefregex", "datepattern", "maxlines", "logtimezone", "logencoding")
# Runs under the interpreter of fail2ban-regex, after the preamble; it is given {commands, filter, config, encoding}.
PROGRAM = r"""
import re
from fail2ban.client import fail2banregex as tool
wanted = given
tool.output = lambda text: None
parser = tool.get_opt_parser()
words = ["-c", wanted["config"], "--usedns=no", "--no-check-all", "--print-all-missed", "--print-no-ignored"]
# Options come and go with the versions; those that are missing have no part in the counts.
options, _ = parser.parse_args([word for word in words if word.split("=")[0] == "-c" or word == wanted["config"]
                                or parser.has_option(word.split("=")[0])])
test = tool.Fail2banRegex(options)
answer = {}

def use(commands):
    for command in commands:
        key, values = command[2], command[3] if command[0] == "multi-set" else command[3:]
        for value in values:
            if key in ("addfailregex", "addignoreregex"):
                kind = "fail" if key == "addfailregex" else "ignore"
                getattr(test, "_%sregex" % kind).append(tool.RegexStat(value))
                getattr(test._filter, "add%sRegex" % kind.title())(value)
            elif key == "prefregex":
                test._filter.prefRegex = value
            elif key == "datepattern":
                test.setDatePattern(value)
            elif key == "maxlines":
                test.setMaxLines(value)
            elif key == "logtimezone" and value:
                test._filter.setLogTimeZone(value)

def shape(line):
    line = re.sub(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)", "ADDRESS", line)
    line = re.sub(r"(?<![\w:])(?=[0-9a-fA-F:]*:[0-9a-fA-F:]*:)[0-9a-fA-F:]{2,39}(?![\w:])",
                  lambda found: found.group(0) if re.match(r"^[\d:]{5,8}$", found.group(0)) else "ADDRESS", line)
    line = re.sub(r"'[^']*'", "'...'", line)
    line = re.sub(r"(?:0x)?\b(?=[0-9a-f]*\d)[0-9a-f]{6,}\b", "N", line)
    return re.sub(r"\d+", "N", line)

try:
    if wanted["filter"] is not None:
        if not test.readRegex(wanted["filter"], "fail"):
            raise ValueError("fail2ban-regex cannot load the filter %s" % wanted["filter"])
    else:
        use(wanted["commands"])
    if not test._failregex:
        raise ValueError("it has no regular expression")
    test.process(lines(section(), wanted["encoding"]))
    counts = test._line_stats
    addresses, none = {}, 0
    for index, regex in enumerate(test._failregex):
        for match in regex.getIPList():
            if isinstance(match[3], dict) and match[3].get("nofail"):
                continue
            address = str(match[1])
            by = addresses.setdefault(address, {})
            by[index] = by.get(index, 0) + 1
    shapes = {}
    for line in counts.missed_lines:
        found = shapes.setdefault(shape(line), [0, line])
        found[0] += 1
    ranked = sorted(addresses.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    common = sorted(shapes.items(), key=lambda item: (-item[1][0], item[0]))
    answer = {
        "lines": counts.tested, "matched": counts.matched, "ignored": counts.ignored, "missed": counts.missed,
        "failregex": [{"number": index + 1, "regex": regex.getFailRegex(), "count": regex.getStats()}
                      for index, regex in enumerate(test._failregex)],
        "ignoreregex": [{"number": index + 1, "regex": regex.getFailRegex(), "count": regex.getStats()}
                        for index, regex in enumerate(test._ignoreregex)],
        "addresses": [{"address": address, "count": sum(by.values()), "regexes": sorted(one + 1 for one in by)}
                      for address, by in ranked[:wanted["most_addresses"]]],
        "address_count": len(addresses),
        "missed_shapes": [{"shape": one[:wanted["longest"]], "count": count, "sample": sample[:wanted["longest"]]}
                          for one, (count, sample) in common[:wanted["most_shapes"]]],
        "shape_count": len(shapes),
    }
except Exception as error:
    answer = {"error": "%s: %s" % (type(error).__name__, error)}
"""


def regex(conversation, arguments):
    """The verb `regex`: {kind, name, source, truncated, encoding, lines, matched, ignored, missed, ...}."""
    host, name = arguments["host"], arguments["name"]
    client = rehearse.Client(host, host["config_dir"], "-d").finish()
    stream, notes = rehearse.parse(client["output"])
    jail = [command for command in stream if len(command) > 2 and command[1] == name and command[0] != "start"]
    kind = "jail" if any(command[0] == "add" for command in jail) else "filter"
    if kind == "filter":
        known(host, name, stream, notes)
    settings = effective(jail)
    wanted = {
        "config": host["config_dir"], "filter": name if kind == "filter" else None, "encoding": settings["encoding"],
        "commands": [command for command in jail if command[0] != "add" and command[2] in SETTINGS],
        "most_addresses": MOST_ADDRESSES, "most_shapes": MOST_SHAPES, "longest": LONGEST_SAMPLE,
    }
    given = arguments["source"]
    if "text" in given:
        answer = dict(tried(host, wanted, [base64.b64decode(given["text"])]), source=given["name"], truncated=False,
                      horizon=None)
    else:
        answer = in_logs(host, wanted, [given["log"]] if given.get("log") else logs(
            jail if kind == "jail" else None, given.get("usual_log")))
    if "error" in answer:
        raise AgentError("precondition", "%s %s cannot be tried: %s" % (kind, name, answer["error"]))
    return dict(answer, kind=kind, name=name, encoding=settings["encoding"], datepattern=settings["datepattern"])


def known(host, name, stream, notes):
    """Refuses a name that is neither a jail nor a filter, and names the jails."""
    plain = all(letter.isalnum() or letter in "-_." for letter in name) and not name.startswith(".")
    folder = os.path.join(host["config_dir"], "filter.d")
    if plain and any(os.path.isfile(os.path.join(folder, name + ending)) for ending in ("", ".conf", ".local")):
        return
    jails = sorted(command[1] for command in stream if command[0] == "add")
    names = ", ".join(jails) or "none, since fail2ban-client -d says: %s" % (notes[-1:] or ["nothing"])[0]
    raise AgentError("missing", "%r is neither an enabled jail nor a filter of this host; the enabled jails are %s"
                     % (name, names))


def effective(jail):
    """The encoding and the date pattern of a jail's commands."""
    found = {"encoding": "utf-8", "datepattern": None}
    for command in jail:
        if command[0] == "add" or len(command) < 4:
            continue
        if command[2] == "logencoding" and str(command[3]).lower() != "auto":
            found["encoding"] = known_encoding(str(command[3]))
        elif command[2] == "datepattern":
            found["datepattern"] = str(command[3])
    return found


def known_encoding(name):
    """An encoding of this Python, or UTF-8."""
    try:
        "".encode(name)
    except LookupError:
        return "utf-8"
    return name


def in_logs(host, wanted, paths):
    """What comes of the last lines of these logs, with {source, truncated, horizon}."""
    with contextlib.ExitStack() as stack:
        try:
            parts = [stack.enter_context(log_reader.LastPart(path, LARGEST_LOG // len(paths))) for path in paths]
        except (FileNotFoundError, NotADirectoryError) as error:
            raise AgentError("missing", "%s is not a file on this host" % error.filename)
        answer = tried(host, wanted, itertools.chain.from_iterable(part.blocks for part in parts))
        # From then on nothing of any log is missing.
        horizon = max((part.horizon for part in parts if part.horizon is not None), default=None)
        return dict(answer, source=", ".join(map(described, parts)), truncated=any(part.truncated for part in parts),
                    horizon=None if horizon is None else log_clock.shown(horizon))


def described(part):
    """The path of a log that was read, and what of it could not be."""
    faults = part.faults()
    if faults and not part.amount:
        raise AgentError("precondition", "%s cannot be read: %s" % faults[0])
    return part.files[0].path + "".join(" (cannot be read to its end: %s)" % fault for _, fault in faults)


def tried(host, wanted, blocks):
    """Asks fail2ban-regex's own code."""
    return own_classes.ask(server.program(host, "fail2ban-regex"), PROGRAM, wanted, [blocks], SECONDS)


def logs(jail, usual):
    """The logs that a jail reads; a filter by itself is tried on the usual one."""
    if jail is None:
        return [usual]
    found = sorted({str(command[3]) for command in jail if command[2:3] == ["addlogpath"]})
    if not found:
        raise AgentError("precondition", "this jail reads no log file (it may read the journal)")
    return found
