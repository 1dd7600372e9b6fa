"""fail2ban-server over its own socket: commands, and one comparable snapshot of everything that a jail runs with.

Boundary: it asks and tells; what the values ought to be is decided elsewhere. The same snapshot is taken of the live
server and of the throw-away one of a rehearsal, so that the two can be compared value by value.
"""

import codecs
import configparser
import contextlib
import errno
import io
import os
import pickle
import re
import shutil
import socket
import struct
import time

from f2bctl_agent import configuration
from f2bctl_agent.loop import AgentError

END = b"<F2B_END_COMMAND>"
CLOSE = b"<F2B_CLOSE_COMMAND>"
LARGEST_REPLY = 64 * 1024 * 1024
FOREVER = None
BUSY_SECONDS = 0.02
# How deep Python's own interpolation goes; includes that name each other end there, too.
DEEPEST = 10

# What `get JAIL KEY` answers that decides who is banned. The order is the order in which a plan shows changes.
VALUES = (
    "maxretry", "findtime", "bantime", "ignoreip", "ignoreself", "ignorecommand", "failregex", "ignoreregex",
    "prefregex", "datepattern", "logencoding", "logtimezone", "usedns", "maxlines", "maxmatches",
    "bantime.increment", "bantime.factor", "bantime.formula", "bantime.multipliers", "bantime.maxtime",
    "bantime.rndtime", "bantime.overalljails",
)
# Properties of a command action that say how it bans; what it counts for itself (banEpoch) is not among them.
RUNTIME_PROPERTIES = ("banEpoch", "ESCAPE_CRE", "ESCAPE_VN_CRE")


class Refused(Exception):
    """fail2ban-server answered a command with an error."""


class _Stranger(Exception):
    """Stands for any class that a reply names: a reply is data, none of its classes is ever loaded."""

    file_name = None

    def __setstate__(self, state):
        # A whitelist's entry `file:PATH` (1.1.1) comes as a set of addresses that knows its file.
        self.file_name = state.get("fileName") if isinstance(state, dict) else None

    def __str__(self):
        return "file:%s" % self.file_name if self.file_name is not None else Exception.__str__(self)


class _Reply(pickle.Unpickler):
    """Reads the server's replies; plain data comes as it is, every class comes as `_Stranger`."""

    def find_class(self, module, name):
        if (module, name) == ("builtins", "set"):
            return set
        return _Stranger


class Server:
    """One connection to a fail2ban-server's socket."""

    def __init__(self, path, timeout=30):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        until = time.monotonic() + timeout
        while True:
            try:
                self.socket.connect(path)
                break
            except BlockingIOError:
                # Its queue is full: others ask at this very moment.
                if time.monotonic() < until:
                    time.sleep(BUSY_SECONDS)
                    continue
                self.socket.close()
                raise OSError(errno.EAGAIN, "fail2ban-server has had no time for %d s" % timeout, path)
            except OSError as error:
                self.socket.close()
                raise OSError(error.errno, error.strerror or str(error), path)

    def command(self, *words):
        """Sends one command and returns its answer; a refusal is `Refused` with fail2ban's own words."""
        self.socket.sendall(pickle.dumps(list(words), 2) + END)
        received = bytearray()
        while not received.endswith(END):
            chunk = self.socket.recv(65536)
            if not chunk:
                raise OSError(104, "fail2ban-server closed the connection", self.path)
            received += chunk
            if len(received) > LARGEST_REPLY:
                raise AgentError("server", "fail2ban-server's answer to %r does not end" % (words,))
        try:
            status, value = _Reply(io.BytesIO(bytes(received[: -len(END)]))).load()
        except Exception as error:  # a pickle is a program: what it does wrong has no end of names
            raise AgentError("server", "fail2ban-server's answer to %r is not understood (%s)"
                             % (words, type(error).__name__))
        if status != 0:
            raise Refused(str(value) if not isinstance(value, _Stranger) else " ".join(map(str, value.args)))
        return value

    @contextlib.contextmanager
    def zone(self):
        """Reads local times as the server means them: its own environment may have another time zone than this
        login."""
        own = os.environ.get("TZ")
        _set_zone(self._zone_name(own))
        try:
            yield
        finally:
            _set_zone(own)

    def _zone_name(self, unknown):
        """The server's TZ, or None where it has none; `unknown` where its environment cannot be read."""
        try:
            peer = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            with open("/proc/%d/environ" % struct.unpack("3i", peer)[0], "rb") as file:
                words = dict(word.partition(b"=")[::2] for word in file.read().split(b"\0"))
        except OSError:
            return unknown
        return os.fsdecode(words[b"TZ"]) if b"TZ" in words else None

    def close(self):
        """Ends the connection as fail2ban's client does."""
        try:
            self.socket.sendall(CLOSE + END)
        except OSError:
            pass
        self.socket.close()


def _set_zone(name):
    if name is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = name
    time.tzset()


def options(config_dir):
    """fail2ban.conf's [Definition] with its .local and fail2ban.d, interpolated, over fail2ban's defaults."""
    found = {"socket": "/var/run/fail2ban/fail2ban.sock", "pidfile": "/var/run/fail2ban/fail2ban.pid",
             "dbfile": "/var/lib/fail2ban/fail2ban.sqlite3"}
    try:
        os.stat(os.path.join(config_dir, "fail2ban.conf"))
    except PermissionError:
        raise  # the defaults would be another server's
    except OSError:
        pass  # a directory without that file means the defaults
    drop_in = os.path.join(config_dir, "fail2ban.d")
    extra = sorted(os.listdir(drop_in)) if os.path.isdir(drop_in) else []
    names = ["fail2ban.conf"] + ["fail2ban.d/" + name for name in extra if name.endswith(".conf")]
    names += ["fail2ban.local"] + ["fail2ban.d/" + name for name in extra if name.endswith(".local")]
    for name in names:
        found.update(_definition(os.path.join(config_dir, name)))
    return {key: interpolated(found, key) for key in found}


def _definition(path, depth=0):
    """A file's [DEFAULT] and [Definition] between those of the files that its [INCLUDES] names; nothing if it can't be
    read."""
    parser = configparser.RawConfigParser(inline_comment_prefixes=";", strict=False)
    try:
        parser.read_string(configuration.read_bytes(path).decode("utf-8"), path)
    except (configparser.Error, UnicodeDecodeError, OSError, AgentError):
        return {}
    included = {"before": {}, "after": {}}
    for when in included:
        if depth < DEEPEST and parser.has_option("INCLUDES", when):
            for name in parser.get("INCLUDES", when).split():
                included[when].update(_definition(os.path.join(os.path.dirname(path), name), depth + 1))
    own = parser.items("Definition") if parser.has_section("Definition") else parser.defaults().items()
    return dict(included["before"], **dict(own, **included["after"]))


def interpolated(values, key):
    """A value with each `%(name)s` replaced by that value, as deep as fail2ban's own reader goes; `%%` is one `%`."""
    text = values[key]
    for _ in range(DEEPEST):
        if "%(" not in text:
            break
        text = re.sub(r"%\((\w+)\)s", lambda found: values.get(found.group(1).lower(), found.group(0)), text)
    return text.replace("%%", "%")


def program(host, name):
    """The path of another program of fail2ban's, which is beside its client."""
    path = os.path.join(os.path.dirname(host["client"]), name)
    return shutil.which(path) or path


def connect(config_dir, timeout=30):
    """A connection to the server that this configuration belongs to."""
    return Server(options(config_dir)["socket"], timeout)


def jail_names(server):
    """The running jails, sorted."""
    # A name may hold a comma; the list has a blank after each of its own.
    text = dict(server.command("status")).get("Jail list", "")
    return sorted(name.strip() for name in text.split(", ") if name.strip())


def snapshot(server, with_bans=True):
    """Every jail of a server: {name: {values, actions, bans, counters, unknown}}."""
    return {name: jail(server, name, with_bans) for name in jail_names(server)}


def jail(server, name, with_bans=True):
    """One jail; what could not be read is in `unknown` with its reason instead of a value."""
    found: dict = {"values": {}, "actions": {}, "bans": [], "counters": {}, "unknown": {}}
    for key in VALUES:
        try:
            found["values"][key] = plain(server.command("get", name, key))
        except Refused as error:
            found["unknown"][key] = str(error)
    found["values"]["logencoding"] = encoding(found["values"].get("logencoding"))
    found["values"]["ignoreip"] = sorted(map(str, found["values"].get("ignoreip") or []))
    _status(server, name, found)
    if with_bans:
        found["bans"] = bans(server, name)
    found["actions"] = actions(server, name)
    return found


def encoding(name):
    """An encoding by the one name that Python has for it: `auto` becomes `UTF-8` or `utf-8` by the server's locale."""
    try:
        return codecs.lookup(name).name
    except (LookupError, TypeError):
        return name


def _status(server, name, found):
    """Counters, and the log that the jail reads, from `status JAIL`."""
    parts = {title: dict(rows) for title, rows in server.command("status", name)}
    seen, acted = parts.get("Filter", {}), parts.get("Actions", {})
    found["counters"] = {
        "currently_failed": seen.get("Currently failed", 0), "total_failed": seen.get("Total failed", 0),
        "currently_banned": acted.get("Currently banned", 0), "total_banned": acted.get("Total banned", 0),
    }
    found["values"]["backend"] = "systemd" if "Journal matches" in seen else "files"
    found["values"]["logpath"] = sorted(map(str, seen.get("File list", []) or []))
    found["values"]["journalmatch"] = []
    if "Journal matches" in seen:
        found["values"]["journalmatch"] = plain(server.command("get", name, "journalmatch"))


def actions(server, name):
    """{action: {property: text}} of a jail's actions, or {action: {}} for one written in Python."""
    found = {}
    for action in server.command("get", name, "actions"):
        found[action] = {}
        for key in server.command("get", name, "actionproperties", action):
            if key in RUNTIME_PROPERTIES:
                continue
            try:
                value = server.command("get", name, "action", action, key)
            except Refused:
                continue
            if isinstance(value, (str, int, float)):
                found[action][key] = str(value)
    return found


def bans(server, name):
    """[{ip, since, until}] with seconds of the Unix clock; `until` None means for ever."""
    lines = server.command("get", name, "banip", "--with-time")
    with server.zone():
        return sorted(map(_ban, lines), key=lambda ban: ban["ip"])


def _ban(line):
    address, times = str(line).split("\t", 1)
    begin, rest = times.split(" + ", 1)
    seconds = int(rest.split(" = ", 1)[0])
    since = int(time.mktime(time.strptime(begin.strip(), "%Y-%m-%d %H:%M:%S")))
    return {"ip": address.strip(), "since": since, "until": FOREVER if seconds < 0 else since + seconds}


def plain(value):
    """A reply as JSON can carry it: sets sorted, tuples as lists, anything else than data as text."""
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)
