"""The agent's verbs, and the module that each lives in; a module is compiled only when its verb is first used."""

import importlib

from f2bctl_agent.loop import AgentError

VERBS = {
    "observe": ("observe", "observe"),
    "prepare": ("rehearse", "prepare"),
    "rehearse": ("rehearse", "rehearse"),
    "lock": ("lock", "acquire"),
    "unlock": ("lock", "unlock"),
    "apply": ("transaction", "apply"),
    "sign": ("confirmation", "give"),
    "replay": ("replay", "replay"),
    "look_back": ("look_back", "look_back"),
    "action_files": ("columns", "action_files"),
    "columns": ("columns", "columns"),
    "presence": ("presence", "presence"),
    "counted": ("replay", "counted"),
    "recover": ("recover", "recover"),
    "outcome": ("recover", "outcome"),
    "record": ("audit_log", "record"),
    "read": ("configuration", "read"),
    "tree": ("configuration", "tree"),
    "audit": ("audit_pages", "audit"),
    "regex": ("regex", "regex"),
    "decide": ("origins", "decide"),
    "follow": ("follow", "follow"),
}
# What only looks or tries on a copy: an agent that is ended (SIGTERM) may leave it half done.
INTERRUPTIBLE = frozenset((
    "observe", "prepare", "rehearse", "lock", "unlock", "replay", "look_back", "action_files", "columns", "presence",
    "counted", "decide", "read", "tree", "audit", "regex", "follow",
))


def handler(verb):
    """The function that serves a verb."""
    if verb not in VERBS:
        raise AgentError("protocol", "unknown verb %r" % verb)
    module, function = VERBS[verb]
    return getattr(importlib.import_module("f2bctl_agent." + module), function)
