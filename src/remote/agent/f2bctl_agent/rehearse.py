"""Tries a draft on a copy: `-t`, the `-d` stream replayed into a throw-away server, and what that server then holds.

Nothing live is touched: the copy is in a private folder, the shadow server has its own socket and no database, and
of the stream only an allow-list of commands is replayed (`addaction` would load code, `dbfile` the live database).
"""

import ast
import atexit
import fcntl
import glob
import importlib
import os
import shutil
import subprocess
import tempfile
import time

from f2bctl_agent import configuration, early, server
from f2bctl_agent.loop import AgentError, die_with_parent

CLIENT_SECONDS = 60
SHADOW_SECONDS = 60
# How much of what a server printed is looked at.
PRINTED_CHARACTERS = 65536
POLL_SECONDS = 0.005
PREFIX = "f2bctl-rehearsal-"
# `set JAIL KEY ...` that may be replayed: what decides which addresses a jail would ban, and nothing that acts or
# reads a log.
REPLAYED = frozenset((
    "addfailregex", "addignoreregex", "prefregex", "datepattern", "logtimezone", "maxlines", "maxretry", "maxmatches",
    "findtime", "bantime", "ignoreself", "addignoreip", "ignorecache", "logencoding", "usedns", "ignorecommand",
    "bantime.increment", "bantime.factor", "bantime.formula", "bantime.multipliers", "bantime.maxtime",
    "bantime.rndtime", "bantime.overalljails",
))
MINIMAL = """[Definition]
loglevel = CRITICAL
logtarget = %(folder)s/log
syslogsocket = auto
allowipv6 = auto
socket = %(folder)s/s
pidfile = %(folder)s/p
dbfile = None
dbpurgeage = 1d
"""
READY: dict = {"stage": None}
# The stream of the files as they were when they were rehearsed without a draft, with their fingerprint.
AS_THEY_ARE: dict = {"fingerprint": None, "stream": None}
# The clients of one rehearsal.
CLIENTS = 2
NEEDED_NEXT = ("transaction", "proof", "revert", "control")


def prepare(conversation, arguments):
    """The verb `prepare`: starts the shadow and stages the copy while the operator's side still plans; answers {}.

    Nothing depends on it: a rehearsal makes what it does not find, and what is not used goes when the agent ends.
    """
    host = arguments["host"]
    if READY["stage"] is None:
        sweep()
        atexit.register(discard)
        early.expect(host, CLIENTS)
        READY["stage"] = Stage(host)
    return {}


def get_ready(host):
    """While the plan is on its way: what an approved change needs is loaded, and a client for its reload started."""
    early.expect(host, 1)
    for name in NEEDED_NEXT:
        importlib.import_module("f2bctl_agent." + name)


def discard():
    """Throws away what was prepared and not used."""
    stage, READY["stage"] = READY["stage"], None
    if stage is not None:
        stage.end()


def rehearse(conversation, arguments):
    """The verb `rehearse`: {test, dump, replay, jails} of the drafted configuration."""
    host = arguments["host"]
    importlib.import_module("f2bctl_agent.attributes").refuse_second_names(host["config_dir"], arguments["files"])
    stage = prepared(host)
    clients = []
    try:
        shadow, copy = stage.shadow, stage.copy
        configuration.draft_into(copy, [{"path": file["path"], "content": file["after"]} for file in arguments["files"]])
        for option in ("-t", "-d"):
            clients.append(Client(host, copy, option))
        test, dump = clients
        dumped = dump.finish()
        stream, notes = parse(dumped["output"])
        if not arguments["files"]:
            AS_THEY_ARE.update(fingerprint=stage.fingerprint, stream=stream)
        jails, failed = shadow.replay(stream)
        jails = described(stream, jails)
        replayed = [command for command in stream if allowed(command) and command[0] != "add"]
        started = sorted(set(jails) - set(arguments["running"]))
        foreseen = forecast(shadow.program, replayed, jails, started) if started else {}
        conversation.afterwards.append(lambda: get_ready(host))
        return {"test": relocate(test.finish(), copy, host), "dump": {"status": dumped["status"], "notes": notes},
                "failed": failed, "jails": jails, "forecast": foreseen,
                "settings": server_settings(stream), "loaded": importlib.import_module("f2bctl_agent.loaded").asked(host)}
    finally:
        for client in clients:
            client.end()
        stage.end()


def stream_of(host):
    """The stream of the files as they are: that of their rehearsal, where nothing was changed since."""
    if AS_THEY_ARE["stream"] is None or AS_THEY_ARE["fingerprint"] != configuration.fingerprint(host["config_dir"]):
        return parse(Client(host, host["config_dir"], "-d").finish()["output"])[0]
    return AS_THEY_ARE["stream"]


def forecast(program, stream, jails, started):
    """Whom the jails that start new would ban at once."""
    return importlib.import_module("f2bctl_agent.forecast").forecast(program, stream, jails, started)


def prepared(host):
    """The stage that was prepared, if the configuration is still what was copied; else a new one."""
    stage, READY["stage"] = READY["stage"], None
    if stage is not None:
        if stage.host == host and stage.fingerprint == configuration.fingerprint(host["config_dir"]):
            return stage
        stage.end()
    sweep()
    return Stage(host)


class Stage:
    """A private folder with a copy of the configuration and a shadow server, good for one rehearsal."""

    def __init__(self, host):
        self.host = host
        self.folder, self.held = own_folder()
        self.copy = os.path.join(self.folder, "copy")
        self.shadow = None
        try:
            self.shadow = Shadow(host, self.folder)
            # Before the copy: what changes meanwhile makes the fingerprint stale, never the copy newer than it.
            self.fingerprint = configuration.fingerprint(host["config_dir"])
            configuration.stage(host["config_dir"], self.copy)
        except BaseException:
            self.end()
            raise

    def end(self):
        """Ends the shadow and removes the folder."""
        if self.shadow is not None:
            self.shadow.end()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.held)


def own_folder():
    """(a new private folder, the descriptor that holds its lock): as long as this process lives nobody sweeps it
    away."""
    while True:
        path = tempfile.mkdtemp(prefix=PREFIX)
        try:
            held = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue  # swept between the two
        fcntl.flock(held, fcntl.LOCK_EX)
        if os.fstat(held).st_nlink:
            return path, held
        os.close(held)


def sweep():
    """Removes what rehearsals left whose processes are gone; their servers died with them.

    A process number would not tell: that of a process in another namespace, which shares /tmp, is unknown here.
    """
    for path in glob.glob(os.path.join(tempfile.gettempdir(), PREFIX + "*")):
        try:
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            if os.fstat(folder).st_uid == os.geteuid():
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            pass  # someone's who works in it
        finally:
            os.close(folder)


def environment(host):
    """This process's environment with the running server's locale and time zone, by which it reads its logs."""
    own = {key: value for key, value in os.environ.items() if not shapes_reading(key)}
    try:
        with open(server.options(host["config_dir"])["pidfile"], "rb") as file:
            pid = int(file.read(32))
        with open("/proc/%d/environ" % pid, "rb") as file:
            pairs = file.read().decode("utf-8", "surrogateescape").split("\0")
    except (OSError, ValueError):
        return dict(os.environ)
    own.update(pair.partition("=")[::2] for pair in pairs if "=" in pair and shapes_reading(pair.partition("=")[0]))
    return own


def shapes_reading(key):
    """Whether a variable decides which encoding Python takes for a text file, or what a time without a zone means."""
    return key.startswith("LC_") or key in ("LANG", "LANGUAGE", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONCOERCECLOCALE",
                                            "TZ")


class Client:
    """A fail2ban-client that reads the copy, in the background."""

    def __init__(self, host, copy, option):
        try:
            self.process = early.client(host, ["-c", copy, option], dies=True)
        except FileNotFoundError:
            raise AgentError("precondition", "%s is not installed on the host" % host["client"])

    def finish(self):
        """{status, output} of the whole run."""
        try:
            output = self.process.communicate(timeout=CLIENT_SECONDS)[0]
        except subprocess.TimeoutExpired:
            self.end()
            raise AgentError("precondition", "fail2ban-client did not read the copy within %d s" % CLIENT_SECONDS)
        return {"status": self.process.returncode, "output": output.decode("utf-8", "replace")}

    def end(self):
        """Ends it if nobody has waited for its end."""
        if self.process.returncode is None:
            self.process.kill()
            self.process.communicate()


class Shadow:
    """A real fail2ban-server with an empty configuration, its own socket and no database."""

    def __init__(self, host, folder):
        self.socket = os.path.join(folder, "s")
        empty = os.path.join(folder, "empty")
        os.mkdir(empty)
        with open(os.path.join(empty, "fail2ban.conf"), "w") as out:
            out.write(MINIMAL % {"folder": folder})
        with open(os.path.join(empty, "jail.conf"), "w") as out:
            out.write("[DEFAULT]\n")
        self.program = server.program(host, "fail2ban-server")
        self.printed = os.path.join(folder, "printed")
        try:
            with open(self.printed, "wb") as out:
                self.process = subprocess.Popen(
                    [self.program, "-c", empty, "-f", "start"], stdin=subprocess.DEVNULL, stdout=out,
                    stderr=subprocess.STDOUT, preexec_fn=die_with_parent, cwd="/", env=environment(host))
        except FileNotFoundError:
            raise AgentError("precondition", "%s is not installed on the host" % self.program)

    def connect(self):
        """A connection, as soon as the shadow listens."""
        until = time.monotonic() + SHADOW_SECONDS
        while True:
            try:
                shadow = server.Server(self.socket)
                shadow.command("ping")
                return shadow
            except (OSError, server.Refused):
                if self.process.poll() is not None:
                    raise AgentError("precondition", "the rehearsal's fail2ban-server ended with status %d%s" % (
                        self.process.returncode, self.last_line()))
                if time.monotonic() > until:
                    raise AgentError("precondition", "the rehearsal's fail2ban-server did not answer within %d s"
                                     % SHADOW_SECONDS)
                time.sleep(POLL_SECONDS)

    def last_line(self):
        """The last line that the server printed, after a colon."""
        try:
            with open(self.printed, encoding="utf-8", errors="replace") as file:
                lines = file.read(PRINTED_CHARACTERS).splitlines()
        except OSError:
            lines = []
        return ": " + lines[-1] if lines else ""

    def replay(self, stream):
        """({jail: snapshot} after the replay, the first command that failed or None)."""
        shadow = self.connect()
        try:
            for command in stream:
                if not allowed(command):
                    continue
                try:
                    shadow.command(*command)
                except server.Refused as error:
                    return {}, {"command": server.plain(command), "error": str(error)}
            return server.snapshot(shadow, with_bans=False), None
        finally:
            shadow.close()

    def end(self):
        """Ends the shadow; its folder goes with it."""
        self.process.kill()
        self.process.wait()


def allowed(command):
    """Whether a command of the stream may reach the shadow."""
    if command[0] == "add":
        return True
    return command[0] in ("set", "multi-set") and len(command) > 3 and command[2] in REPLAYED


def parse(output):
    """(the stream's commands, everything else that was printed) of `fail2ban-client -d`."""
    stream, notes = [], []
    for line in output.splitlines():
        try:
            command = ast.literal_eval(line) if line.startswith("[") else None
        except (ValueError, SyntaxError):
            command = None
        if isinstance(command, list) and command:
            stream.append(command)
        elif line.strip():
            notes.append(line.strip()[:2000])
    return stream, notes


def described(stream, jails):
    """The shadow's snapshot with what it must not be given: log paths, journal matches, backends and actions."""
    for command in stream:
        name = command[1] if len(command) > 1 else None
        jail = jails.get(name)
        if jail is None:
            continue
        values = jail["values"]
        if command[0] == "add":
            values["backend"] = "systemd" if str(command[2]).startswith("systemd") else "files"
        elif command[2:3] == ["addlogpath"]:
            values["logpath"] = sorted(set(values["logpath"]) | {command[3]})
        elif command[2:3] == ["addjournalmatch"] and values["backend"] == "systemd":
            values["journalmatch"] = values["journalmatch"] + alternatives(command[3:])
        elif command[0] == "set" and command[2:3] == ["addaction"]:
            jail["actions"].setdefault(command[3], {})
        elif command[2:3] == ["action"]:
            jail["actions"].setdefault(command[3], {}).update(properties(command))
    return jails


def alternatives(words):
    """The alternatives of a journal match, which `+` separates: the form in which the server keeps them."""
    found = [[]]
    for word in words:
        if word == "+":
            found.append([])
        else:
            found[-1].append(str(word))
    return found


def properties(command):
    """{property: text} of a `set JAIL action NAME KEY VALUE` or its `multi-set` form."""
    pairs = command[4] if command[0] == "multi-set" else [command[4:6]]
    return {str(pair[0]): str(pair[1]) for pair in pairs if len(pair) > 1}


def server_settings(stream):
    """{setting: value} of the server's own settings in the stream."""
    wanted = ("loglevel", "logtarget", "dbfile", "dbpurgeage")
    return {command[1]: command[2] for command in stream if command[0] == "set" and command[1] in wanted}


def relocate(finished, copy, host):
    """The result of `-t` with the live directory's name instead of the copy's."""
    return {"status": finished["status"], "output": finished["output"].replace(copy, host["config_dir"])[-8000:]}
