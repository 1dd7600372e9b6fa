"""Makes the sent modules importable as the package f2bctl_agent, and starts the conversation.

It runs with `modules` (name -> source) and `connection` (SSH_CONNECTION as it was before sudo) in its namespace; with
`prefetch` (requests as JSON) where only the modules that these need have come, and the others follow on stdin; and with
`entrance` (module, function, arguments) where something else than the conversation is to begin.
"""

import importlib
import importlib.abc
import importlib.machinery
import sys


class Sent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds f2bctl_agent and its modules among the sent sources; nothing of it touches the host's disk."""

    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, fullname, path=None, target=None):
        package, _, module = fullname.partition(".")
        if package != "f2bctl_agent" or (module and module not in self.sources):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=not module)

    def exec_module(self, module):
        name = module.__name__.partition(".")[2]
        if name:
            code = compile(self.sources[name], "f2bctl_agent/%s.py" % name, "exec")
            exec(code, module.__dict__)


sys.meta_path.insert(0, Sent(modules))  # noqa: F821 (given by the bootstrap line)

if "entrance" in globals():
    module, function, words = entrance  # noqa: F821
    getattr(importlib.import_module("f2bctl_agent." + module), function)(*words)
else:
    from f2bctl_agent import loop, verbs  # noqa: E402

    session = {"ssh_connection": connection, "sources": modules, "interruptible": verbs.INTERRUPTIBLE}  # noqa: F821
    loop.serve(verbs.handler, session, globals().get("prefetch"))
