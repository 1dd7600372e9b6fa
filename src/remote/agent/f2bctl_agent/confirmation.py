"""A change that could lock its operator out is kept only if a new login confirms it while it waits.

The confirmation (`sign`) is a file in the change's folder, written by another agent on a new connection; its token ties it to the change.
The waiting agent holds the lock, so the other one must not ask for it. To have it reverted at once needs no new login,
which may be what fails: that may come over the old connection as well.
"""

import os
import time

from f2bctl_agent import configuration, control, journal, proof
from f2bctl_agent.loop import AgentError
from f2bctl_agent.waiting import pause

FILE = "sign"
REVERT = "revert"
POLL_SECONDS = 0.1
# fail2ban looks into a log and at its bans once a second each; a login that is quicker than a ban proves nothing.
BAN_SECONDS = 3


class NotConfirmed(control.Failed):
    """Nobody has logged in again: the change may have locked its operator out."""


def await_confirmation(conversation, change, wanted):
    """Waits for the confirmation; `control.Failed`, and so the undo, if it does not come or says to revert."""
    forget(change)
    # Reports say until when it waits.
    change.write_json(journal.AWAITING, {"until": time.time() + BAN_SECONDS + wanted["seconds"]})
    change.phase("awaiting")
    conversation.event("settling", "Waiting %d s, so that a ban would come before the new login."
                       % BAN_SECONDS)
    pause(BAN_SECONDS)
    conversation.event("sign_of_life", "Waiting up to %d s for a new login to confirm the change; without that the host "
                       "rolls it back automatically." % wanted["seconds"])
    until = time.monotonic() + wanted["seconds"]
    while time.monotonic() < until:
        given = read(change) or taken_back(conversation, change)
        if given == wanted["token"]:
            return refuse_banned(conversation, change)
        if given is not None:
            raise NotConfirmed("the new login failed, and f2bctl requested the rollback")
        pause(POLL_SECONDS)
    if conversation.ended or not conversation.connected:
        raise NotConfirmed("the operator left: the connection ended before the change was confirmed, and no new login "
                       "confirmed it within %d s" % wanted["seconds"])
    raise NotConfirmed("nobody logged in again within %d s: this change may have locked its operator out"
                   % wanted["seconds"])


def refuse_banned(conversation, change):
    """A confirmation that came in before a ban of its own address does not count."""
    for wish in newly_banned(conversation, change):
        jails = proof.look(change.host["config_dir"])[0]
        for name in sorted(jails):
            # A jail that started with this change bans nobody from before it.
            if wish["network"] in [ban["ip"] for ban in jails[name]["bans"]] and name not in wish["before"]:
                raise NotConfirmed("jail %s has banned the operator's own address %s" % (name, wish["network"]))


def newly_banned(conversation, change):
    """What to lift so that the operator gets in again: the own address, in each jail that did not ban it before."""
    words = (conversation.session["ssh_connection"] or "").split()
    if len(words) != 4:
        return []
    address = words[0].partition("%")[0]
    jails = change.read_json("live.json")["jails"]
    before = [name for name in jails if any(ban["ip"] == address for ban in jails[name]["bans"])]
    return [{"network": address, "jails": sorted(set(jails) - set(before)), "before": before}]


def taken_back(conversation, change):
    """REVERT if that has come for this change over the old connection, else None; the request gets no answer."""
    for request in conversation.requests:
        if request.get("verb") == "sign":
            asked = request["arguments"]
            if asked.get("change_id") == change.identifier and asked.get("token") == REVERT:
                conversation.requests.remove(request)
                return REVERT
    return None


def read(change):
    """The token that was given, or None."""
    try:
        with configuration.open_regular(os.path.join(change.folder, FILE)) as file:
            return file.read(256).decode("ascii", "replace")
    except FileNotFoundError:
        return None


def forget(change):
    """Removes the confirmation of an earlier wait; this wait has another token."""
    try:
        os.unlink(os.path.join(change.folder, FILE))
    except FileNotFoundError:
        pass


def give(conversation, arguments):
    """The verb `sign`: {token} to keep a waiting change, {token: "revert"} to have it undone at once."""
    change = journal.Change(arguments["host"], arguments["change_id"])
    if change.current_phase() != "awaiting":
        raise AgentError("missing", "change %s is not waiting for confirmation" % arguments["change_id"])
    change.write(FILE, arguments["token"].encode("ascii"))
    return {}
