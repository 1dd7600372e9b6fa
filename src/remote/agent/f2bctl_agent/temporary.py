"""The register of temporary whitelist entries: STATE/temp.json, written under the host's lock.

An entry is in force in running jails only, never in a file. Boundary: who may be whitelisted, for how long and where is
not decided here, and the ends are brought by `ending`.
"""

import json
import os
import time

from f2bctl_agent import configuration, journal
from f2bctl_agent.loop import AgentError

TEXTS = ("entry", "operator")
MOMENTS = ("since", "until")


def path(host):
    """Where the register is."""
    return os.path.join(host["state_dir"], "temp.json")


def entries(host):
    """The register: [{entry, jails, since, until, operator, reason}], times in whole seconds of the Unix clock."""
    try:
        text = configuration.read_bytes(path(host)).decode("utf-8")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        raise AgentError("precondition", "%s is not UTF-8" % path(host))
    try:
        return [_entry(item) for item in json.loads(text)["entries"]]
    except (ValueError, KeyError, TypeError):
        raise AgentError("precondition", "%s is not a register of temporary entries" % path(host))


def _entry(item):
    found = {key: item[key] for key in TEXTS + MOMENTS + ("jails",)}
    found["reason"] = item.get("reason")
    if not all(isinstance(found[key], str) for key in TEXTS) or not all(isinstance(found[key], int) for key in MOMENTS):
        raise ValueError("a field of another type")
    if not all(isinstance(name, str) for name in found["jails"]):
        raise ValueError("a jail that is no name")
    return found


def write(host, wanted):
    """Writes the register durably; mode 0600, as everything in the state directory."""
    journal.state_folder(host)
    text = json.dumps({"schema": 1, "entries": wanted}, indent=1)
    configuration.write_durably(path(host), text.encode("utf-8"))


def put_back(host, moved):
    """Undoes a change's part of the register; what moved since by another change or by its end stays as it is."""
    before, after = by_entry(moved["before"]), by_entry(moved["after"])
    now = by_entry(entries(host))
    merged = dict(now)
    for name in set(before) | set(after):
        if before.get(name) == after.get(name) or now.get(name) != after.get(name):
            continue
        merged.pop(name, None)
        if name in before:
            merged[name] = before[name]
    if merged != now:
        write(host, sorted(merged.values(), key=lambda item: (item["until"], item["entry"])))


def by_entry(found):
    """{entry: item}."""
    return {item["entry"]: item for item in found}


def ended_since(live):
    """{jail: entries} that were registered when a change began and have ended since: an undo must not set them
    again."""
    found = {}
    for item in live.get("temporary", []):
        if item["until"] <= time.time():
            for name in item["jails"]:
                found.setdefault(name, set()).add(item["entry"])
    return found


def without_ended(jails, ended):
    """The jails as they are meant, without the entries that have ended meanwhile."""
    for name, gone in ended.items():
        values = jails.get(name, {}).get("values", {})
        if "ignoreip" in values:
            values["ignoreip"] = [entry for entry in values["ignoreip"] if entry not in gone]
    return jails
