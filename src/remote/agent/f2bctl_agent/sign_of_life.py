"""A change that could lock its operator out is kept only if he logs in again while it waits.

The sign is a file in the change's folder, written by another agent on a new connection; its token ties it to the change.
The waiting agent holds the lock, so the other one must not ask for it.
"""

import os
import time

from f2bctl_agent import configuration, control, journal
from f2bctl_agent.loop import AgentError

FILE = "sign"
REVERT = "revert"
POLL_SECONDS = 0.1


def await_sign(conversation, change, wanted):
    """Waits for the sign; `control.Failed`, and so the undo, if it does not come or says to revert."""
    change.phase("awaiting")
    conversation.event("sign_of_life", "Waiting up to %d s for a new login; without one the host reverts by itself."
                       % wanted["seconds"])
    until = time.monotonic() + wanted["seconds"]
    while time.monotonic() < until:
        given = read(change)
        if given == wanted["token"]:
            return
        if given is not None:
            raise control.Failed("the operator told it to revert")
        time.sleep(POLL_SECONDS)
    raise control.Failed("nobody logged in again within %d s: this change may have locked its operator out"
                         % wanted["seconds"])


def read(change):
    """The sign that was given, or None."""
    try:
        with configuration.open_regular(os.path.join(change.folder, FILE)) as file:
            return file.read(256).decode("ascii", "replace")
    except FileNotFoundError:
        return None


def give(conversation, arguments):
    """The verb `sign`: {token} to keep a waiting change, {token: "revert"} to have it undone at once."""
    change = journal.Change(arguments["host"], arguments["change_id"])
    if change.current_phase() != "awaiting":
        raise AgentError("missing", "change %s is not waiting for a sign of life" % arguments["change_id"])
    change.write(FILE, arguments["token"].encode("ascii"))
    return {}
