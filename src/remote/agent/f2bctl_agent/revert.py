"""Puts a host back as a change found it: files, running jails, actions, runtime values, bans, firewall.

It works from the journal alone, so that it serves a change that fails, one that was interrupted, and nobody's login.
"""

import os

from f2bctl_agent import bans, configuration, control, loadable, proof, replacing, requests, restoring, server
from f2bctl_agent import temporary
from f2bctl_agent.loop import AgentError, describe

PROOF_SECONDS = 15
# Settings of a filter that fail2ban keeps over a reload when the configuration no longer has them.
KEPT = ("prefregex", "datepattern", "maxlines", "logtimezone")
# What can be set in a running jail without touching the file, when the file's value is external.
SETTABLE = ("maxretry", "maxmatches", "findtime", "bantime", "usedns", "maxlines", "ignorecommand", "datepattern",
            "logencoding")


def restore_files(host, change):
    """Puts each file back that still is as the change left it; one that was edited since is left alone."""
    planned = {file["path"]: file for file in requests.files(change.request())}
    replaced = change.replaced()
    problems = []
    # Backwards, so that every prefix of the way back can start as well.
    for before in reversed(change.read_json("before.json")):
        path = configuration.inside(host["config_dir"], before["path"])
        try:
            state = file_state(path, before, planned[before["path"]])
            if state == "foreign" and replaced is not None and before["path"] not in replaced:
                continue  # external, and this change never came to it
            if state == "foreign":
                problems.append("%s was edited outside f2bctl meanwhile and was left as it is" % path)
            elif state == "after":
                content = change.image(before["image"]) if before["exists"] else None
                replacing.put_back(path, content, before if before["exists"] else None)
        except OSError as error:
            problems.append("%s could not be put back: %s" % (path, describe(error)))
    return problems


def file_state(path, before, planned):
    """Whether a file is as `before` the change, as `after` it, or `foreign` to it."""
    now = configuration.digest(configuration.read_bytes(path)) if os.path.exists(path) else None
    if now == (before["sha256"] if before["exists"] else None):
        return "before"
    return "after" if now == planned["after"] else "foreign"


def restore_server(host, change, request, force):
    """Brings the running server back to the snapshot before the change, and proves it."""
    live = change.read_json("live.json")
    temporary.without_ended(live["jails"], temporary.ended_since(live))
    control.refuse_hanging(host)
    if not live["running"]:
        if requests.server_move(request) == "start" and control.is_running(host):
            control.stop(host)
        return []
    if not control.is_running(host):
        start(host, live["jails"], request)
    standing = {name: jail["bans"] for name, jail in live["jails"].items()}
    meant = proof.Meant(live["jails"], standing, live["chains"], before=live["jails"], between=request["expected"])
    return bring_back(host, change, request, meant, force)


def start(host, jails, request):
    """Starts a server that was killed. Its rules stay in the firewall where it could not take the configuration."""
    why = loadable.trouble(host, ())
    if why is not None:
        raise control.Failed("fail2ban was not started, because it refuses the configuration on disk: %s" % why)
    control.start(host, jails, request["expected"] or {})


def bring_back(host, change, request, meant, force):
    """Makes a running server what is meant, and proves it: what could not be brought about.

    A configuration that an external edit broke is not read again: what can be set in the running jails is set.
    """
    restoring.wait(host, change.tell)
    jails, chains = proof.look(host["config_dir"])
    if not force and not proof.compare(meant, jails, chains)[1]:
        return proof.wait(host["config_dir"], meant, PROOF_SECONDS, change.tell)[1]
    # What runs and did not before goes first, whatever is on disk: a reload could start it again, and it may be what
    # shuts the operator out.
    control.stop_jails(host, sorted(set(jails) - set(meant.jails)))
    why = loadable.trouble(host, set(meant.jails) & set(jails))
    if why is None and needs_reload(meant.jails, jails, request):
        control.reload(host, changed_actions(meant.jails, jails), change.tell)
        control.stop_jails(host, sorted(set(proof.look(host["config_dir"])[0]) - set(meant.jails)))
    restore_values(host, meant.jails)
    if bans.restore(host, meant.bans, change, may_restart=why is None):
        restore_values(host, meant.jails)  # a jail that was restarted has the files' values again
    problems = proof.wait(host["config_dir"], meant, PROOF_SECONDS, change.tell)[1]
    if problems and why is not None:
        problems.append("the configuration was not reloaded, because fail2ban refuses it: %s" % why)
    return problems


def needs_reload(before, now, request):
    """Whether the files have to be read again: they were put back, or a jail or an action is gone.

    A change that replaced no file put into force an external edit on disk; reading that again undoes nothing,
    and what can be set in the running jails is set there.
    """
    if not set(before) <= set(now) or changed_actions(before, now):
        return True
    return bool(requests.files(request)) and any(proof.settings_problems(before[name], now[name]) for name in before)


def changed_actions(before, now):
    """The running jails that a plain reload would leave as they are: by their actions, or by a filter's setting."""
    def kept(jail):
        return jail["actions"], [jail["values"].get(key) for key in KEPT]
    return sorted(name for name in set(before) & set(now) if kept(before[name]) != kept(now[name]))


def restore_values(host, before):
    """Runtime values that the files do not give: temporary whitelist entries, and edits that were never reloaded."""
    jails = proof.look(host["config_dir"])[0]
    for name in sorted(set(before) & set(jails)):
        then, now = before[name]["values"], jails[name]["values"]
        pairs = [(key, then[key]) for key in SETTABLE if then.get(key) is not None and then.get(key) != now.get(key)]
        pairs += [("addignoreip", entry) for entry in then["ignoreip"] if entry not in now["ignoreip"]]
        pairs += [("delignoreip", entry) for entry in now["ignoreip"] if entry not in then["ignoreip"]]
        if pairs:
            control.set_values(host, name, pairs)


def reason(error):
    """A failure in one clause."""
    if isinstance(error, OSError):
        return describe(error)
    if isinstance(error, server.Refused):
        return "fail2ban-server answered: %s" % error
    if isinstance(error, (control.Failed, AgentError)):
        return str(error)
    return "%s: %s" % (type(error).__name__, error)
