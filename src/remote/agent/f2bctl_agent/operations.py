"""The table of operations: what does each kind, and what undoes it.

    done in the order of the request; undone: the files, the register, the running server, the backup

What undoes a move of the server, a setting or a lifted ban is one comparison of the server with the journal: it brings
back what differs, whichever operation it was. Boundary: the phases, and what a failure leads to, are `transaction`'s.
"""

from f2bctl_agent import confirmation, control, requests, restoring, revert, temporary
from f2bctl_agent.loop import AgentError, describe


def back_up(run, operation):
    """Copies jail.local beside itself."""
    run.step("backup", "Backing up jail.local.")
    run.back_up(operation["label"])


def replace_file(run, operation):
    """Puts a prepared file in the place of the old one."""
    run.replace_file(operation["path"])


def write_register(run, operation):
    """Writes the register; nothing is whitelisted for a time before it is certain that the time will end."""
    run.step("register", "Writing the register of temporary entries.")
    temporary.write(run.host, operation["after"])
    run.arm()


def reload(run, _operation):
    """Reads the configuration again; what a reload does not apply is restarted by operations of its own."""
    run.step("reload", "Reloading fail2ban.")
    if requests.of(run.request, "restart"):
        restoring.wait(run.host, run.step)
    control.read_again(run.host)


def restart(run, operation):
    """Restarts one jail, which keeps its bans and takes up what has changed."""
    control.restart_jail(run.host, operation["jail"], run.step)


def start(run, _operation):
    """Starts the server."""
    run.step("start", "Starting fail2ban.")
    run.start()


def set_runtime(run, operation):
    """Sets values in running jails."""
    run.set_runtime(operation["settings"])


def lift_bans(run, operation):
    """Lifts bans, when what is known of them is noted."""
    run.lift_bans(operation["of"])


def confirm(run, _operation):
    """Waits for the new login."""
    if run.request["sign"] is not None:
        confirmation.await_confirmation(run.conversation, run.change, run.request["sign"])


class Undoing:
    """A change that is undone; `restore` stands in for `revert.restore_server` where others may have worked on
    since."""

    def __init__(self, host, change, restore):
        self.host = host
        self.change = change
        self.request = change.request()
        self.restore = restore or revert.restore_server
        self.problems = []


def put_files_back(undoing):
    """The files, each that still is as the change left it."""
    undoing.problems += revert.restore_files(undoing.host, undoing.change)


def put_register_back(undoing):
    """The change's part of the register of temporary entries."""
    try:
        temporary.put_back(undoing.host, requests.register(undoing.request))
    except (OSError, AgentError) as error:
        why = describe(error) if isinstance(error, OSError) else error.message
        undoing.problems.append("the register of temporary entries could not be put back: %s" % why)


def bring_server_back(undoing):
    """Jails, values, actions and bans."""
    undoing.problems += undoing.restore(undoing.host, undoing.change, undoing.request, bool(undoing.problems))


def remove_backup(undoing):
    """The backup of a change that came to nothing; where something could not be put back, it is kept."""
    if not undoing.problems:
        undoing.change.forget_backup()


def keep(_undoing):
    """Nothing is left of it that could be undone."""


# kind: (what does it, what undoes it)
TABLE = {
    "backup": (back_up, remove_backup),
    "replace_file": (replace_file, put_files_back),
    "register_temporary": (write_register, put_register_back),
    "reload": (reload, bring_server_back),
    "restart": (restart, bring_server_back),
    "start": (start, bring_server_back),
    "set_runtime": (set_runtime, bring_server_back),
    "lift_bans": (lift_bans, bring_server_back),
    "confirm": (confirm, keep),
}
# The server is brought back by the files that are there then.
UNDO_ORDER = (put_files_back, put_register_back, bring_server_back, remove_backup)


def refuse_unknown(request):
    """Refuses what this agent has no table entry for, before anything is touched."""
    for operation in request["operations"]:
        if operation["kind"] not in TABLE:
            raise AgentError("protocol", "%r is not an operation" % operation["kind"])


def run(transaction, *kinds):
    """Does the operations of these kinds, in the request's order."""
    for operation in requests.of(transaction.request, *kinds):
        TABLE[operation["kind"]][0](transaction, operation)


def undo(host, change, restore=None):
    """Undoes a change from its journal: the list of what could not be put back, empty when all is as before."""
    try:
        change.phase("undoing")
    except OSError:
        pass  # a full disk must not keep the host from being put back; the phase before it is an open one too
    undoing = Undoing(host, change, restore)
    acts = {TABLE[operation["kind"]][1] for operation in undoing.request["operations"]}
    try:
        for act in UNDO_ORDER:
            if act in acts:
                act(undoing)
    except Exception as error:  # whatever it is, what was found so far must not be lost with it
        undoing.problems.append(revert.reason(error))
    return undoing.problems
