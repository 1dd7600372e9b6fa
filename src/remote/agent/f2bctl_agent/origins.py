"""Where the entries of each jail's whitelist come from, and whom a jail would ignore, asked of fail2ban's own classes.

Boundary: it reads and asks; nothing is started, and an `ignorecommand` is never run. The order in which fail2ban reads its
files, its interpolation and its splitting are not repeated here: fail2ban's own reader reads the files twice, the second
time with a mark behind each word of the values that reach `ignoreip`, and the marks come out where the words do.
"""

from f2bctl_agent import loaded, own_classes, server
from f2bctl_agent.loop import AgentError, describe

# A server's own list shows any /0 as one of these, whichever address was written.
SHOWN_FOR_ALL = ("0.0.0.0", "::")

# What both programs know of a list: the words as the running server would show them.
LISTS = """
import pickle, re
from fail2ban.server.filter import Filter
seen = {}
def plain(entry):
    name = getattr(entry, "fileName", None)
    return "file:" + name if name is not None else str(pickle.loads(pickle.dumps(entry, 2)))
def shown(word):
    if word not in seen:
        filter = Filter(None)
        try:
            filter.addIgnoreIP(word)
            seen[word] = [plain(entry) for entry in filter.getIgnoreIP()]
        except Exception as error:
            seen[word] = None
    return seen[word]
"""
ORIGINS = LISTS + """
import os, stat
LARGEST = 16 * 1024 * 1024
from fail2ban.client.configparserinc import SafeConfigParserWithIncludes as Parser
from fail2ban.client.jailreader import JailReader
from fail2ban.helpers import splitwords
OPEN, CLOSE = "\\ue000", "\\ue001"
MARK = re.compile(OPEN + "([0-9]+)" + CLOSE)
WORD = re.compile(r"(?:%\\([^)]*\\)s|[^\\s,])+")
own_read, places, reach, files = Parser._read, [], set(), set()
def unmarked(text):
    return MARK.sub("", text)
def marked(lines, path):
    for number, line in enumerate(lines, 1):
        if not line.startswith("[") and line.lstrip()[:1] not in ("#", ";"):
            mark = OPEN + str(len(places)) + CLOSE
            places.append([path, number])
            line = WORD.sub(lambda word: word.group(0) + mark, line)
        yield line
def options(parser):
    yield from parser._sections.items()
    yield "DEFAULT", parser._defaults
def read(parser, lines, path, *others, **named):
    files.add(path)
    lines = list(lines)
    if any(OPEN in line or CLOSE in line for line in lines):
        raise ValueError("%s holds a character that would be taken for a mark" % path)
    own_read(parser, iter(lines), path, *others, **named)
    if not reach:
        return
    twin = Parser()
    own_read(twin, marked(lines, path), path, *others, **named)
    for section, values in options(twin):
        section = unmarked(section)
        target = parser._defaults if section == "DEFAULT" else parser._sections[section]
        for key, value in values.items():
            key = unmarked(key)
            if key in reach and isinstance(value, str) and unmarked(value).lstrip() == target[key].lstrip():
                target[key] = value
Parser._read = read
def readers(names):
    share = {}
    for name in names:
        try:
            reader = JailReader(name, share_config=share, basedir=given["config"])
            reader.read()
            if reader.getOptions() is False or not reader.isEnabled():
                raise ValueError("the files as they are would not start this jail")
            yield name, reader
        except Exception as error:
            answer["jails"][name] = {"unknown": "%s: %s" % (type(error).__name__, unmarked(str(error)))}
def reaching(parser):
    found, added = set(), {"ignoreip"}
    while added - found:
        found |= added
        for section, values in options(parser):
            for key in found & set(values):
                for name in re.findall(r"%\\(([^)]*)\\)s", str(values[key])):
                    name = parser.optionxform(name)
                    added |= {name, name.rpartition("/")[2]}
    return found
def entries(value):
    waiting = []
    for word in splitwords(value):
        marks = [int(mark) for mark in MARK.findall(word)]
        if unmarked(word):
            waiting.append(unmarked(word))
        if marks:
            for text in waiting:
                yield {"word": text, "shown": shown(text), "place": places[marks[0]]}
            waiting = []
    for text in waiting:
        yield {"word": text, "shown": shown(text), "place": None}
def members(word):
    from fail2ban.server.ipdns import FileIPAddrSet
    path = FileIPAddrSet.RE_FILE_IGN_IP.match(word).group(1)
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        raise ValueError("it is no file, or too large")
    with open(path) as file:
        text = file.read()
    found = []
    for number, line in enumerate(text.split("\\n"), 1):
        found += [{"word": text, "place": [path, number]} for text in splitwords(line, ignoreComments=True)]
    if [one["word"] for one in found] != splitwords(text, ignoreComments=True):
        raise ValueError("it reads otherwise line by line")
    return found
answer["jails"], answer["members"] = {}, {}
before = {}
for name, reader in readers(given["jails"]):
    before[name] = reader.options.get("ignoreip")
    reach |= reaching(reader._cfg)
for name, reader in readers(before):
    value, own = reader.options.get("ignoreip"), reader._cfg._sections.get(name, {})
    if splitwords(unmarked(value or "")) != splitwords(before[name] or ""):
        answer["jails"][name] = {"unknown": "its list reads otherwise with marks in it"}
    else:
        answer["jails"][name] = {"value": {"own": "ignoreip" in own, "entries": list(entries(value or ""))}}
named = [text for list in answer["jails"].values() for entry in list.get("value", {}).get("entries", [])
         for text in entry["shown"] or [] if text.startswith("file:")]
for text in sorted(set(named + given["running"])):
    try:
        answer["members"][text] = {"value": members(text)}
    except Exception as error:
        answer["members"][text] = {"unknown": str(error)}
answer["files"] = sorted(files)
"""
DECISIONS = LISTS + """
def decisions(name, jail, addresses):
    sources = []
    def asked(words, address, ignore_self=False):
        filter, sources[:] = Filter(None), []
        filter.ignoreSelf = ignore_self
        filter.logIgnoreIp = lambda ip, log, ignore_source="unknown source": sources.append(ignore_source)
        for word in words:
            try:
                filter.addIgnoreIP(word)
            except Exception:
                pass
        return filter.inIgnoreIPList(address)
    found = []
    for address in addresses:
        one = {"ignored": bool(asked(jail["words"], address)), "words": [], "ignoreself": False, "command": False}
        if one["ignored"]:
            one["words"] = [word for word in dict.fromkeys(jail["words"]) if asked([word], address)]
        elif jail["unsure"] and asked(jail["unsure"], address):
            one.update(ignored=None, words=jail["unsure"])
        elif jail["ignoreself"] and asked([], address, True):
            one.update(ignored=True, ignoreself=True)
        elif jail["ignorecommand"]:
            one.update(ignored=None, command=True)
        found.append(one)
    return found
for name, jail in given["jails"].items():
    try:
        answer[name] = {"value": decisions(name, jail, given["addresses"])}
    except Exception as error:
        answer[name] = {"unknown": "%s: %s" % (type(error).__name__, error)}
"""


def begin(host):
    """Asks for {jails: {name: {value: {own, entries: [{word, shown, place}]}}}, members, files, loaded} of the running jails, by
    the disk; returns what waits for the answer, or raises why there is none. `members` has the entries of each `file:PATH`."""
    try:
        question, times = asked(host)
    except Exception as error:
        return failing(error)
    return lambda: dict(question.answer(), loaded=times)


def failing(error):
    """What raises an error when it is called."""
    def fail():
        raise error
    return fail


def asked(host):
    """The question for the running jails, and the times of the files."""
    try:
        live = server.connect(host["config_dir"])
    except OSError as error:
        raise AgentError("precondition", "fail2ban is not running (%s)" % describe(error))
    try:
        names, times = server.jail_names(live), loaded.observe(host, live)
        running = [entry for name in names for entry in map(str, live.command("get", name, "ignoreip") or [])]
    finally:
        live.close()
    return origins(host, names, running), times


def origins(host, names, running):
    """The question for these jails, whose lists have these entries."""
    files = sorted({entry for entry in running if entry.startswith("file:")})
    given = {"config": host["config_dir"], "jails": names, "running": files}
    return own_classes.Question(server.program(host, "fail2ban-server"), ORIGINS, given)


def decide(conversation, arguments):
    """The verb `decide`: {jails: {name: {value: [decision]}}}, one decision for each address, in the running jails.

    A decision is {ignored, words, ignoreself, command}; `ignored` None where it hangs on a command that is not run, or on
    what the server does not show.
    """
    host = arguments["host"]
    live = server.connect(host["config_dir"])
    try:
        jails = {name: running(live, name) for name in server.jail_names(live)}
        times = loaded.observe(host, live)
    finally:
        live.close()
    unchanged = times["at"] is not None and times["changed"] < times["at"]
    try:
        written = origins(host, sorted(jails), []).answer()["jails"]
    except (AgentError, OSError, ValueError):
        written = {}
    for name, jail in jails.items():
        jail.update(words_of(jail["shown"], written.get(name, {}).get("value", {}).get("entries", []), unchanged))
    asked = {"jails": jails, "addresses": arguments["addresses"]}
    return {"jails": own_classes.ask(server.program(host, "fail2ban-server"), DECISIONS, asked)}


def running(live, name):
    """What the running server says of a jail's whitelist."""
    return {
        "shown": sorted(map(str, live.command("get", name, "ignoreip") or [])),
        "ignoreself": bool(live.command("get", name, "ignoreself")),
        "ignorecommand": str(live.command("get", name, "ignorecommand") or ""),
    }


def words_of(shown, entries, unchanged):
    """{words, unsure}: the list as it was written, since the server's own answer does not tell a /0 from an address.

    That is certain of files that are `unchanged` since they were read.
    """
    written = {}
    for entry in entries:
        for text in entry["shown"] or []:
            written.setdefault(text, []).append(entry["word"])
    words, unsure = [], []
    for text in shown:
        words += written.get(text) or [text]
        if text in SHOWN_FOR_ALL and not (unchanged and text in written):
            unsure.append(text + "/0")
    return {"words": words, "unsure": unsure}
