"""What the host remembers of each change, so that it can be undone or recovered by whoever comes next: the journal.

A change lives in STATE/changes/ID: `request.json` (what was approved), `before.json` and `before-N` (the files as they
were), `live.json` (the server as it was), `bans.json` (the rows of bans that are lifted), `backup.json` (the backup
that belongs to it), `replaced.json` (the files that it has come to), `awaiting.json` (until when it waits for its
confirmation) and `phase`. A phase is written before the step that it
names begins.
"""

import base64
import errno
import hashlib
import importlib
import json
import os
import shutil
import stat

from f2bctl_agent import configuration
from f2bctl_agent.loop import AgentError, describe

# Nothing live was touched in "prepared"; every later phase but the closed ones has to be recovered.
# "left": two runs could not put back the same things and reported it; a third would only block every other change.
CLOSED = ("done", "undone", "refused", "left")
# {until}: when the wait for a confirmation ends, in seconds of the host's clock.
AWAITING = "awaiting.json"
LARGEST_REQUEST = 64 * 1024 * 1024
# "unrecorded OUTCOME": it is over, and a full disk kept that out of the audit log; the next run puts it in.
UNRECORDED = "unrecorded"
# How many ended changes are remembered, by far more than an undo gets, and how many more there may be for a while.
REMEMBERED = 500
SPARE = 50


def values_digest(jails):
    """One hash over what the running jails are set to; counters and bans come and go and are not part of it."""
    settled = {name: {"values": jail["values"], "actions": jail["actions"]} for name, jail in jails.items()}
    return hashlib.sha256(json.dumps(settled, sort_keys=True).encode("utf-8")).hexdigest()


def state_folder(host, *names):
    """A private folder below the state directory, made when missing; a reason when it cannot be."""
    path = os.path.join(host["state_dir"], *names)
    try:
        _make_folder(path)
    except OSError as error:
        raise AgentError("precondition", "the journal cannot be written: %s" % describe(error), errno=error.errno)
    refuse_exposed(host)
    return path


def _make_folder(path):
    """Makes a folder with those above it, and each one's name durable: a journal that a power cut loses is none."""
    if os.path.isdir(path):
        return
    above = os.path.dirname(path)
    _make_folder(above)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    configuration.sync_folder(above)


def refuse_exposed(host):
    """Refuses a state directory in which others could have put a journal: undoing from it would write what they
    want."""
    state = host["state_dir"]
    if not os.path.lexists(state):
        return
    link = os.lstat(state)
    if stat.S_ISLNK(link.st_mode) and link.st_uid not in (0, os.geteuid()):
        raise AgentError("precondition", "%s is a link that another user made (uid %d)" % (state, link.st_uid))
    reason = configuration.exposed(state)
    if reason is not None:
        raise AgentError("precondition", "the journal in %s cannot be relied on: %s" % (state, reason))
    above = os.path.dirname(os.path.realpath(state))
    while True:
        mode = os.stat(above).st_mode
        if mode & 0o002 and not mode & stat.S_ISVTX:
            raise AgentError("precondition", "the journal in %s cannot be relied on: everybody may write to %s above it"
                             % (state, above))
        if above == os.path.dirname(above):
            return
        above = os.path.dirname(above)


def is_identifier(name):
    """Whether a name can be a change's: letters, digits and hyphens, so that it is one folder and no way out of it."""
    return len(name) <= 64 and all(letter.isalnum() or letter == "-" for letter in name)


def paths(request):
    """The files that a request replaces; one of f2bctl up to 0.1 has them in a list of their own."""
    return [item["path"] for item in request.get("operations", request.get("files", [])) if "path" in item]


class Change:
    """One change's folder in the journal."""

    def __init__(self, host, identifier):
        if not identifier or not is_identifier(identifier):
            raise AgentError("protocol", "%r is not a change identifier" % identifier)
        refuse_exposed(host)
        self.host = host
        self.identifier = identifier
        # Called with a step and a sentence while something takes long; nobody need listen.
        self.tell = None
        self.folder = os.path.join(host["state_dir"], "changes", identifier)

    def open(self, request, live):
        """Writes everything that an undo needs; nothing live is touched before this is durable."""
        state_folder(self.host, "changes")
        os.mkdir(self.folder, 0o700)
        before = []
        for number, name in enumerate(paths(request)):
            path = configuration.inside(self.host["config_dir"], name)
            described = configuration.describe_file(path)
            content = described.pop("content", None)
            if content is not None:
                extended = importlib.import_module("f2bctl_agent.attributes").of(path)
                described["extended"] = {name: base64.b64encode(extended[name]).decode("ascii") for name in extended}
                described["image"] = "before-%d" % number
                self.write(described["image"], base64.b64decode(content))
            described["path"] = name
            before.append(described)
        self.write_json("before.json", before)
        self.write_json("live.json", live)
        self.write_json("request.json", request)
        self.phase("prepared")
        configuration.sync_folder(os.path.dirname(self.folder))

    def write(self, name, data):
        """A durable file of this change."""
        configuration.write_durably(os.path.join(self.folder, name), data)

    def write_json(self, name, value):
        """A durable JSON file of this change."""
        self.write(name, json.dumps(value).encode("utf-8"))

    def read_json(self, name):
        """A JSON file of this change."""
        path = os.path.join(self.folder, name)
        return json.loads(configuration.read_bytes(path, LARGEST_REQUEST).decode("utf-8"))

    def request(self):
        """What was approved, with its list of operations."""
        # A first look asks for no more than the paths, and goes without that module.
        requests = importlib.import_module("f2bctl_agent.requests")
        return requests.upgraded(self.read_json("request.json"))

    def image(self, name):
        """A file as it was before."""
        return configuration.read_bytes(os.path.join(self.folder, name))

    def phase(self, name):
        """Records, durably, which step begins; where the disk has no room for a second file, in the place of the
        first."""
        try:
            self.write("phase", name.encode("ascii"))
        except OSError as error:
            path = os.path.join(self.folder, "phase")
            if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not os.path.exists(path):
                raise
            configuration.write_in_place(path, name.encode("ascii"))

    def owns_backup(self, path, prepared):
        """Notes, durably, which file will be this change's backup: `prepared` is the same file under another name."""
        self.write_json("backup.json", {"path": path, "prepared": prepared, "inode": os.stat(prepared).st_ino})

    def backup(self):
        """The path of this change's backup, or None where it has none."""
        try:
            own = self.read_json("backup.json")
            return own["path"] if os.lstat(own["path"]).st_ino == own["inode"] else None
        except FileNotFoundError:
            return None

    def forget_backup(self):
        """Removes the backup of a change that came to nothing, and nothing else of the same name."""
        try:
            own = self.read_json("backup.json")
        except FileNotFoundError:
            return
        for path in (own["path"], own["prepared"]):
            try:
                if os.lstat(path).st_ino == own["inode"]:
                    os.unlink(path)
            except FileNotFoundError:
                continue
        configuration.sync_folder(os.path.dirname(own["path"]))

    def replaces(self, path):
        """Notes, durably, that a file is about to be replaced: an undo answers for that one."""
        self.write_json("replaced.json", sorted(set(self.replaced() or []) | {path}))

    def leaves(self, path):
        """Takes the note back: the file was left alone after all."""
        self.write_json("replaced.json", sorted(set(self.replaced() or []) - {path}))

    def replaced(self):
        """The files that were, or were about to be, replaced; None where nobody has noted any."""
        try:
            return self.read_json("replaced.json")
        except FileNotFoundError:
            return None

    def temporaries(self, request):
        """Files that a change may have left beside those that it replaces, and beside jail.local, which it backs up."""
        names = {"jail.local"} | set(paths(request))
        real = {os.path.realpath(configuration.inside(self.host["config_dir"], name)) for name in names}
        return [left for path in sorted(real) for left in configuration.temporaries(path)]

    def kept_bans(self):
        """What fail2ban's database had of the bans that this change lifts: {jail: {ip: row}}."""
        try:
            return self.read_json("bans.json")
        except FileNotFoundError:
            return {}

    def has_kept_bans(self):
        """Whether it had come so far as to lift bans."""
        return os.path.exists(os.path.join(self.folder, "bans.json"))

    def current_phase(self):
        """The step that was begun last, or None for a folder that was never completed."""
        try:
            with configuration.open_regular(os.path.join(self.folder, "phase")) as file:
                return file.read(64).decode("ascii", "replace")
        except FileNotFoundError:
            return None

    def touched(self):
        """When its phase was written last, or its folder made; seconds of the host's clock."""
        phase = os.path.join(self.folder, "phase")
        return os.stat(phase if os.path.exists(phase) else self.folder).st_mtime

    def waits_until(self):
        """Until when a change in phase "awaiting" waits for its confirmation; None where nobody has noted it."""
        try:
            return float(self.read_json(AWAITING)["until"])
        except (OSError, ValueError, TypeError, KeyError, AgentError):
            return None

    def result(self):
        """What was reported at the end, or None."""
        try:
            return self.read_json("result.json")
        except (OSError, ValueError):
            return None


def forget_old(host, newest):
    """Removes the oldest of the ended changes from the journal, so that it does not grow for ever; the audit log keeps
    all.

    They go by the host's clock, which may have been set back since: `newest` is the one that stays. The phase goes
    first: a folder without one is a change that never began.
    """
    folder = os.path.join(host["state_dir"], "changes")
    names = [name for name in os.listdir(folder) if is_identifier(name)]
    if len(names) <= REMEMBERED + SPARE:
        return
    ended = []
    for name in names:
        change = Change(host, name)
        if name != newest and change.current_phase() in CLOSED + (None,):
            ended.append((change.touched(), change.folder))
    for _, path in sorted(ended)[:max(0, len(ended) + 1 - REMEMBERED)]:
        if os.path.exists(os.path.join(path, "phase")):
            os.unlink(os.path.join(path, "phase"))
        shutil.rmtree(path)


def refuse_open(host):
    """Refuses while a change is not recovered: its undo would take back what was built on it."""
    for open_change in changes(host):
        raise AgentError("conflict", "since the plan was made, change %s (%s, by %s) was interrupted and is not recovered yet"
                         % (open_change["id"], open_change["command"], open_change["operator"]), files=[])


def changes(host):
    """The changes that were begun and not ended: [{id, phase, began, who, files}]."""
    folder = os.path.join(host["state_dir"], "changes")
    refuse_exposed(host)
    found = []
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    for name in filter(is_identifier, names):
        change = Change(host, name)
        phase = change.current_phase()
        if phase is None or phase in CLOSED:
            continue
        request = change.read_json("request.json")
        found.append({
            "id": name, "phase": phase, "began": os.stat(change.folder).st_mtime,
            "operator": request["audit"].get("operator"), "command": request["audit"].get("command"),
            "files": paths(request),
            "until": change.waits_until() if phase == "awaiting" else None,
        })
    return found
