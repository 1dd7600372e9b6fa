"""Would fail2ban accept the configuration as it is? Asked before a working server reads it again.

A reload of what it cannot take drops jails, and their bans with them. Whoever puts a host back, or recovers a change
later, reads what others may have left there meanwhile, which no rehearsal has seen.

Boundary: it tries on a copy, as a rehearsal does, and judges nothing but whether it works.
"""

import importlib

from f2bctl_agent import configuration, control
from f2bctl_agent.loop import AgentError


def trouble(host, names, files=()):
    """Why a reload would fail or lose one of these jails, in one clause; None where it would not.

    `names` are those that must not be lost; `files` are drafted into the copy first. What cannot be tried (no room for
    a copy, say) keeps nobody from the reload.
    """
    # A change that succeeds never comes here, and one that needs no rehearsal goes without that module.
    rehearse = importlib.import_module("f2bctl_agent.rehearse")
    try:
        stage = rehearse.prepared(host)
    except (OSError, AgentError):
        return None
    clients = []
    try:
        configuration.draft_into(stage.copy, files)
        for option in ("-t", "-d"):
            clients.append(rehearse.Client(host, stage.copy, option))
        test, dump = [client.finish() for client in clients]
        if test["status"] != 0:
            return control.last_lines(rehearse.relocate(test, stage.copy, host)["output"].strip())
        jails, failed = stage.shadow.replay(rehearse.parse(dump["output"])[0])
    except (OSError, AgentError):
        return None
    finally:
        for client in clients:
            client.end()
        stage.end()
    if failed is not None:
        return "%s: %s" % (" ".join(map(str, failed["command"])), failed["error"])
    gone = sorted(set(names) - set(jails))
    return "it has no jail %s" % ", ".join(gone) if gone else None
