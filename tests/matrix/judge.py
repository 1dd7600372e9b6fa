"""Is a host wholly as before a change, wholly as planned, or something in between? And does its trail say so?

Boundary: it compares what `Host.look` has seen; nothing here changes a host.
"""

import hashlib
import json
import os

TOLERANCE_SECONDS = 2
# An entry is extended some time after it was set; what is meant are hours.
REGISTER_TOLERANCE_SECONDS = 300
CLOSED = ("done", "undone", "refused", "left")


def differences(now, meant, before):
    """What is other than meant, in sentences; bans have to end when they did before."""
    found = []
    for name in sorted(set(now["files"]) | set(meant["files"])):
        if now["files"].get(name) != meant["files"].get(name):
            found.append("file %s differs" % name)
    found += server_differences(now["server"], meant["server"], before["server"])
    found += register_differences(now["register"], meant["register"])
    if now["firewall"] != meant["firewall"]:
        lost = [line for line in meant["firewall"] if line not in now["firewall"]]
        new = [line for line in now["firewall"] if line not in meant["firewall"]]
        found.append("packet filter: lost %s, new %s, %d rules for %d" % (
            lost[:2], new[:2], len(now["firewall"]), len(meant["firewall"])))
    return found


def register_differences(now, meant):
    """Temporary entries: the jails, and how long they last; a plan's own moment is another in each run."""
    found = []
    for entry in sorted(set(now) ^ set(meant)):
        found.append("temporary entry %s %s" % (entry, "is there" if entry in now else "is gone"))
    for entry in sorted(set(now) & set(meant)):
        (jails, since, until), (wanted, began, ended) = now[entry], meant[entry]
        if jails != wanted or abs((until - since) - (ended - began)) > REGISTER_TOLERANCE_SECONDS:
            found.append("temporary entry %s lasts %d s in %s, not %d s in %s" % (
                entry, until - since, jails, ended - began, wanted))
    return found


def server_differences(now, meant, before):
    """The running jails, their values, actions and bans."""
    if now is None or meant is None:
        return [] if now is meant else ["fail2ban %s" % ("is down" if now is None else "runs")]
    found = ["jail %s" % name for name in sorted(set(now) ^ set(meant))]
    for name in sorted(set(now) & set(meant)):
        for key in meant[name]:
            if key != "bans" and now[name][key] != meant[name][key]:
                found.append("%s %s is %r, not %r" % (name, key, now[name][key], meant[name][key]))
        if set(now[name]["bans"]) != set(meant[name]["bans"]):
            found.append("%s bans %s, not %s" % (name, sorted(now[name]["bans"]), sorted(meant[name]["bans"])))
        ends = (before or {}).get(name, {}).get("bans", {})
        for ip, end in now[name]["bans"].items():
            if ip in ends and abs(ends[ip] - end) > TOLERANCE_SECONDS:
                found.append("%s: the ban of %s ends %+d s" % (name, ip, end - ends[ip]))
    return found


def state(now, before, planned):
    """("before" | "planned" | "half", why it is not). A plan's `removed` are the backups that it takes away."""
    extra = {name: kept for name, kept in now["backups"].items() if name not in before["backups"]}
    extra = {name: kept for name, kept in extra.items() if not name.endswith("-settle")}
    gone = sorted(name for name in before["backups"] if name not in now["backups"])
    wrong = ["backup %s is not the file as it was" % name for name, kept in extra.items()
             if kept[0] != before["files"]["jail.local"][0]]
    wrong += ["backup %s was altered" % name for name, kept in before["backups"].items()
              if now["backups"].get(name, kept) != kept]
    not_before = differences(now, before, before) + ["backup %s was left" % name for name in extra] + \
        ["backup %s is gone" % name for name in gone] + wrong
    if not not_before:
        return "before", []
    not_planned = differences(now, planned, before) + wrong
    if len(extra) != len(planned.get("added", ())):
        not_planned.append("%d backups, not %d" % (len(extra), len(planned.get("added", ()))))
    if gone != planned.get("removed", []):
        not_planned.append("the backups %s are gone, not %s" % (gone, planned.get("removed", [])))
    if not not_planned:
        return "planned", []
    return "half", ["not as before: " + "; ".join(not_before), "not as planned: " + "; ".join(not_planned)]


def open_changes(host):
    """The changes that the journal has not closed."""
    folder = host.path("var/lib/f2bctl/changes")
    found = []
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        try:
            with open(os.path.join(folder, name, "phase")) as file:
                phase = file.read()
        except FileNotFoundError:
            continue
        if phase not in CLOSED:
            found.append((name, phase))
    return found


def audit_log(host):
    """(the records of the host's trail, what is wrong with its chain); checked as text, without f2bctl."""
    records, problems, previous = [], [], None
    path = host.path("var/lib/f2bctl/audit.jsonl")
    if not os.path.exists(path):
        return [], []
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            record = json.loads(line)
        except ValueError:
            problems.append("line %d is torn" % number)
            continue
        body = line[:line.rindex(b',"hash":"')] + b"}"
        if hashlib.sha256(body).hexdigest() != record["hash"]:
            problems.append("line %d has another hash" % number)
        if previous and (record["previous"] != previous["hash"] or record["sequence"] != previous["sequence"] + 1):
            problems.append("line %d does not follow the one before" % number)
        previous = record
        records.append(record)
    return records, problems


def leftovers(now, before, message):
    """(the host without files that fail2ban does not read and a refusal has named, those that it has not named)."""
    new = {kind: [name for name in now[kind] if name not in before[kind] and not name.endswith("-settle")]
           for kind in ("files", "backups")}
    new["files"] = [name for name in new["files"] if os.path.basename(name).startswith(".") and ".f2bctl-" in name]
    without = dict(now, **{kind: {name: kept for name, kept in now[kind].items() if name not in new[kind]}
                           for kind in new})
    return without, [name for names in new.values() for name in names if name not in message]


def told(records, change):
    """How the trail says that a change ended, and what the host then has to be: "planned" or "before".

    A change that lost fail2ban behind its end has a second record, which names the first; `start` leads to that one.
    """
    outcomes = [record for record in records if record.get("change_id") == change and record["kind"] == "outcome"]
    if not outcomes:
        return "nothing", "before"
    last = outcomes[-1]["outcome"]
    if "after it had ended as `changed`" in (outcomes[-1].get("failure") or ""):
        return last, "planned"
    return last, "planned" if last == "changed" else "before"


def without_empty_chains(seen):
    """A host without the chains of jails that ban nobody: a server that was started makes them with the first ban."""
    lines = seen["firewall"]
    chains = {line.split()[1] for line in lines if line.startswith("-N f2b-")}
    empty = {chain for chain in chains if not any(line.startswith("-A %s -s " % chain) for line in lines)}
    return dict(seen, firewall=[line for line in lines if not empty & set(line.split())])
