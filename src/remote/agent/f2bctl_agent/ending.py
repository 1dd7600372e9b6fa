"""The end of temporary entries, on the host alone: out of the running jails, out of the register, into the audit log.

    lock -> read the register again (an end may have been moved, an entry kept) -> delignoreip -> record -> register

What was taken out and could not be recorded stays in the register, so that it is recorded when that works again.

Boundary: it is started by `arming`; nobody listens to it.
"""

import ipaddress
import os
import signal
import time

from f2bctl_agent import arming, audit_log, control, ender, lock, rehearse, server, temporary
from f2bctl_agent.loop import AgentError

OPERATOR = "f2bctl on the host"
COMMAND = "temp end"
LOCK_SECONDS = 3600
# A clock that is set, or a machine that sleeps, must not move an end by more than this.
LONGEST_SLEEP_SECONDS = 10
RETRY_SECONDS = 5


def run(host, how):
    """The process's own life: "once" ends what is due (a timer's), "stay" goes on until no entry is left."""
    os.umask(0o077)
    arming.hold_hangups()
    taken = {}
    while True:
        try:
            following = end_due(host, taken, lambda: _forget(host))
        except FileNotFoundError:
            return  # the host's configuration or state is gone, and the entries with it
        except (OSError, AgentError, server.Refused):
            signal.sigtimedwait({signal.SIGHUP}, RETRY_SECONDS)
            continue
        if following is None or how == "once":
            return
        while time.time() < following:
            left = min(following - time.time(), LONGEST_SLEEP_SECONDS)
            if not os.path.isdir(host["state_dir"]):
                return
            if signal.sigtimedwait({signal.SIGHUP}, max(left, 0)) is not None:
                break


def _forget(host):
    try:
        os.unlink(ender.pid_file(host))
    except OSError:
        pass


class Silence:
    """Stands for the conversation where nobody listens."""

    def event(self, step, text, **facts):
        """Tells nobody."""

    def look(self, seconds):
        """Waits; there is nobody who could ask or follow anything."""
        time.sleep(seconds)


def end_due(host, taken, leaving):
    """Ends what is due, under the lock, and returns the next end; with none left, `leaving` is called before the lock
    is given back, so that nobody counts on a caller who is about to go.

    `taken` is {entry: jails} of what earlier tries took out and could not record; it is kept up to date."""
    lock.acquire(Silence(), {"host": host, "wait": LOCK_SECONDS})
    try:
        lock.sign(host, {"operator": OPERATOR, "command": COMMAND})
        following = _end_due(host, taken)
        if following is None:
            leaving()
        return following
    finally:
        lock.release(host)


def _end_due(host, taken):
    left = temporary.entries(host)
    due = [item for item in left if item["until"] <= time.time()]
    if due:
        _take_out(host, due, taken)
    for item in due:
        _record(host, item, taken.get(item["entry"], []))
        left.remove(item)
        temporary.write(host, left)
        taken.pop(item["entry"], None)
    return min([item["until"] for item in left]) if left else None


def _take_out(host, due, taken):
    """Removes entries from the running jails, which `taken` notes. One that a file gives meanwhile stays in force."""
    try:
        live = server.connect(host["config_dir"])
    except (FileNotFoundError, ConnectionRefusedError):
        return  # a server that is down has forgotten them
    try:
        given = configured(host)
        running = set(server.jail_names(live))
        for item in due:
            for name in item["jails"]:
                if name not in running or (name, network(item["entry"])) in given:
                    continue
                if item["entry"] in map(str, live.command("get", name, "ignoreip") or []):
                    live.command("set", name, "delignoreip", item["entry"])
                    taken.setdefault(item["entry"], []).append(name)
    finally:
        live.close()


def configured(host):
    """{(jail, network)} that the configuration gives; empty where it cannot be read, since an end is a promise."""
    try:
        stream, _ = rehearse.parse(control.client(host, "-d"))
    except (control.Failed, AgentError, OSError):
        return set()
    return whitelisted(stream)


def whitelisted(stream):
    """{(jail, network)} of the whitelist in a stream of commands."""
    found = set()
    for command in stream:
        if len(command) >= 4 and command[0] == "set" and command[2] == "addignoreip":
            found |= {(command[1], network(word)) for word in command[3:]}
    return found


def network(text):
    """An entry as a network, or as it is where it is none."""
    try:
        return ipaddress.ip_network(str(text), strict=False)
    except ValueError:
        return text


def _record(host, item, jails):
    until = time.strftime("%F %T %Z", time.localtime(item["until"]))
    where = "in %s" % ", ".join(jails) if jails else "which was in force nowhere any more"
    audit_log.append(host, {
        "kind": "outcome", "outcome": "changed", "operator": OPERATOR, "command": COMMAND, "arguments": [item["entry"]],
        "reason": item["reason"], "ticket": None,
        "summary": "Ended the temporary entry %s %s: it was due until %s (set by %s)."
                   % (item["entry"], where, until, item["operator"]),
    })
