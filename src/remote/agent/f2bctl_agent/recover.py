"""Recovers a change that was interrupted: undoes it from its journal, or finishes what was approved.

Boundary: which of the two is the operator's choice and comes with the request.
"""

import base64
import os

from f2bctl_agent import arming, configuration, journal, loadable, lock, meanwhile, operations, replacing, requests
from f2bctl_agent import revert, temporary, transaction
from f2bctl_agent.loop import AgentError


def recover(conversation, arguments):
    """The verb `recover`: {how: "undo" | "finish"} for one open change, under the lock.

    `recovered_by` is who does it: {operator, command, key}; without it, the run that began the change and lost its
    connection. `sign` is the confirmation to wait for, if the change needs one.
    """
    host = arguments["host"]
    lock.acquire(conversation, {"host": host, "wait": arguments["wait"]})
    try:
        change = journal.Change(host, arguments["change_id"])
        change.tell = conversation.event
        phase = change.current_phase()
        if phase is None:
            raise AgentError("missing", "no change %s on this host" % arguments["change_id"])
        if phase in journal.CLOSED:
            return {"outcome": "unchanged", "phase": phase}
        request = change.request()
        sweep(change, request)
        if arguments.get("recovered_by") is not None:
            request["settled"] = dict(arguments["recovered_by"], how=arguments["how"])
        if is_over(change, phase):
            return close(host, change, request, phase)
        if request.get("settled") is None:
            return undo(conversation, change, request, phase, None)
        if phase != "prepared" and requests.has_part_in_server(request):
            transaction.refuse_hanging(host, "an interrupted change cannot be recovered now")
        since = meanwhile.Since(host, change, phase)
        if arguments["how"] == "finish" and phase != "undoing":
            refuse_unloadable(host, request)
            request["sign"] = request["sign"] and arguments["sign"]
            return finish(conversation, change, request, since)
        return close_start(conversation, change, request, phase) or undo(conversation, change, request, phase, since)
    finally:
        if not arguments.get("keep_lock"):
            lock.release(host)


def is_over(change, phase):
    """Whether a change had come to its checked end, and only the mark of it is missing."""
    result = change.result()
    return phase.startswith(journal.UNRECORDED) or bool(result and result["outcome"] in ("changed", "restored"))


def close(host, change, request, phase):
    """Writes what a full disk or a kill kept out of the records."""
    result = change.result() or {}
    if phase.startswith(journal.UNRECORDED):
        result["outcome"] = phase.split()[1]
        transaction.end(host, change, request, result,
                        "done" if result["outcome"] == "changed" else "undone")
    else:
        change.phase("done" if result["outcome"] == "changed" else "undone")
    return result


def close_start(conversation, change, request, phase):
    """Closes a start that has come to all that was approved as done; None for anything else."""
    live = change.read_json("live.json")
    if phase in ("prepared", "undoing") or live["running"]:
        return None
    forget_ended(request, live)
    rows = meanwhile.proven_start(conversation, change, request)
    if rows is None:
        return None
    result = {"change_id": change.identifier, "outcome": "changed", "unbanned": [], "proof": rows,
              "backup": change.backup()}
    transaction.end(change.host, change, request, result, "done")
    return result


def undo(conversation, change, request, phase, since):
    """Back to the state before the change; in phase "prepared" nothing live was touched yet.

    `since` is what others may have done in the time between; None for the run that began the change.
    """
    host = change.host
    conversation.event("undo", "Undoing the interrupted change %s." % change.identifier)
    if phase == "prepared":
        change.forget_backup()
        problems = []
    else:
        problems = operations.undo(host, change, since and since.restore_server)
    found, why = arming.look_after(conversation.session, host)
    outcome = "not_restored" if problems else "restored"
    result = {"outcome": outcome, "failure": "interrupted in phase %s" % phase, "not_restored": problems,
              "ender": found, "unended": why, "left_alone": since.others if since else [], "backup": change.backup()}
    earlier = (change.result() or {}).get("not_restored")
    phase = "undone" if not problems else "left" if problems == earlier else None
    transaction.end(host, change, request, result, phase)
    return result


def finish(conversation, change, request, since):
    """Forward to the state that was approved, with the same proof and the same confirmation."""
    host = change.host
    conversation.event("finish", "Finishing the interrupted change %s." % change.identifier)
    forget_ended(request, change.read_json("live.json"))
    before = {file["path"]: file for file in change.read_json("before.json")}
    run = transaction.Transaction(conversation, host, request)
    run.since = since
    run.result["backup"] = change.backup()
    for file in requests.files(request):
        path = configuration.inside(host["config_dir"], file["path"])
        state = revert.file_state(path, before[file["path"]], file)
        if state == "foreign":
            raise AgentError("conflict", "%s was edited outside f2bctl since then; finishing or undoing the change would lose "
                             "that edit" % path, files=[file["path"]])
        if state == "before":
            content = None if file["content"] is None else base64.b64decode(file["content"])
            run.replacements.append((file, replacing.Replacement(path, content, file.get("attributes"))))
    try:
        if since.phase == "prepared" and run.result["backup"] is None:
            operations.run(run, "backup")
        run.replace()
    except Exception as error:
        return run.undo(revert.reason(error))
    return run.go_on()


def refuse_unloadable(host, request):
    """A reload of a configuration that an external edit broke would drop jails with their bans."""
    if requests.server_move(request) == "none":
        return
    why = loadable.trouble(host, request["expected"] or (), requests.files(request))
    if why is not None:
        raise AgentError("precondition", "an interrupted change cannot be finished now, because fail2ban refuses the "
                         "configuration on disk: %s" % why)


def forget_ended(request, live):
    """Takes out of an approved change the temporary entries that have ended since; their end is not undone by it."""
    ended = temporary.ended_since(live)
    temporary.without_ended(request["expected"] or {}, ended)
    requests.without_entries(request, ended)
    moved = requests.register(request)
    if moved is not None:
        gone = {entry for entries in ended.values() for entry in entries}
        moved["after"] = [item for item in moved["after"] if item["entry"] not in gone or item not in live["temporary"]]


def sweep(change, request):
    """Removes the temporary files that a killed transaction left beside the configuration."""
    for left in change.temporaries(request):
        os.unlink(left)


def outcome(conversation, arguments):
    """The verb `outcome`: how a change ended, for an operator whose connection was lost.

    It waits for the lock, up to `wait` seconds, so that a change that still runs has come to its end; one that takes
    longer is `running`. A change that has not begun is barred from beginning: its request may still be in a pipe that
    nobody has read.
    """
    host = arguments["host"]
    change = journal.Change(host, arguments["change_id"])
    phase = change.current_phase()
    if phase in journal.CLOSED:
        return answer(change, phase)
    try:
        lock.acquire(conversation, {"host": host, "wait": arguments["wait"]})
    except AgentError as error:
        phase = change.current_phase()
        if error.kind != "locked" or phase is None:
            raise
        return answer(change, phase, running=phase not in journal.CLOSED)
    try:
        phase = change.current_phase()
        if phase is None:
            journal.state_folder(host, "changes", change.identifier)
            change.phase("refused")
        return answer(change, phase)
    finally:
        lock.release(host)


def answer(change, phase, running=False):
    """What `outcome` answers; `running` says that someone who has the lock still works on the change."""
    return {"phase": phase, "result": change.result(), "open": phase is not None and phase not in journal.CLOSED,
            "running": running}
