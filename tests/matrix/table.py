"""What was found, a file for each procedure, and the table of docs/faults.md that is joined from them.

Boundary: it computes nothing that was not run.
"""

import hashlib
import json
import os
import time

import faults
import host
import procedures

PAGE = os.path.join(host.REPOSITORY, "docs", "faults.md")
# What a result depends on; one that was found with others is run again.
DEPENDS = ("driver.py", "faults.py", "host.py", "judge.py", "procedures.py")
HEAD = """# The fault matrix

Made by `tests/matrix/run table --result FOLDER`, from runs of `tests/matrix/run faults --result FOLDER`; not written by
hand. Each run breaks one change in one place of a whole host (own network namespace, real sshd, fail2ban and packet
filter). Afterwards the host has to be wholly as before or wholly as planned - files, jails, values, actions, rules,
whitelist, bans with their ends to 2 s, temporary entries, backups -, exit code and trail have to say which, and what was
interrupted has to be settled by the next run. `tests/matrix/faults.py` opens with the three rules for what the host
itself can then not be: fail2ban killed where nobody's part is to start it, a file system that lets nothing be removed,
and a temporary entry that needs somebody who ends it.

A cell says how many runs there were, all of which passed, or how many of them did. `-` stands where the procedure has no
such step: no reload that could fail, no jail.local of its own, no sign of life that is waited for.
"""


class Results:
    """The folder of results; None for results that nobody keeps."""

    def __init__(self, folder, generation, every):
        self.folder = folder
        self.facts = {"generation": generation, "every": every, "of": fingerprint()}
        self.cells = {}
        self.broken = []
        if folder:
            os.makedirs(folder, exist_ok=True)

    def has(self, procedure):
        """Whether a procedure was run already, with the same program and the same matrix; its cells are then counted."""
        known = read(self._path(procedure)) if self.folder else None
        if known is None or any(known[key] != value for key, value in self.facts.items()):
            return False
        self.cells.update({(procedure, fault): (good, total) for fault, good, total in known["cells"]})
        return True

    def keep(self, procedure, matrix):
        """Takes in, and writes, what was found for a procedure."""
        self.cells.update(matrix.cells)
        if not self.folder:
            return
        found = dict(self.facts, procedure=procedure, day=time.strftime("%F"),
                     cells=[[fault, good, total] for (_, fault), (good, total) in matrix.cells.items()],
                     failures=[[fault, str(place), problems] for _, fault, place, problems in matrix.failures])
        with open(self._path(procedure) + ".new", "w") as out:
            json.dump(found, out)
        os.rename(self._path(procedure) + ".new", self._path(procedure))

    def _path(self, procedure):
        return os.path.join(self.folder, procedure + ".json")


def fingerprint():
    """One hash over the program and the matrix."""
    found = hashlib.sha256()
    for path in [host.BINARY] + [os.path.join(host.HERE, name) for name in DEPENDS]:
        with open(path, "rb") as file:
            found.update(file.read())
    return found.hexdigest()


def read(path):
    """A result, or None."""
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def write(folder):
    """Joins the results of a folder into the page: 1 if a cell is empty or a run failed."""
    names = [one.name for one in procedures.ALL]
    results = {name: read(os.path.join(folder, name + ".json")) for name in names}
    cells = {(name, fault): (good, total) for name, result in results.items() if result
             for fault, good, total in result["cells"]}
    lines = [HEAD, "| fault | what is done |", "|---|---|"]
    lines += ["| %s | %s |" % (fault.name, fault.said) for fault in faults.ALL]
    lines += ["", "| procedure | " + " | ".join(fault.name.replace("-", "-<br>") for fault in faults.ALL) + " |",
              "|---" * (len(faults.ALL) + 1) + "|"]
    for name in names:
        lines.append("| %s | %s |" % (name, " | ".join(shown(cells.get((name, fault.name))) for fault in faults.ALL)))
    total = sum(many for _, many in cells.values())
    good = sum(few for few, _ in cells.values())
    missing = sum(1 for name in names for fault in faults.ALL if (name, fault.name) not in cells)
    lines += ["", "%d procedures, %d faults, %d runs, %d failed, %d cells not run (%s)." % (
        len(names), len(faults.ALL), total, total - good, missing, ", ".join(days(results))), ""]
    lines += failed(results)
    with open(PAGE, "w") as out:
        out.write("\n".join(lines))
    return 1 if missing or total != good else 0


def days(results):
    """When, on what and how closely it was run."""
    return sorted({"%s on %s, each fault at the first, the last and every %d. point between" % (
        result["day"], result["generation"], result["every"]) for result in results.values() if result})


def failed(results):
    """The part of the page with the runs that failed, if there are any."""
    lines = ["- %s, %s, point %s: %s" % (name, fault, place, "; ".join(problems)[:400].replace("|", "/"))
             for name, result in results.items() if result for fault, place, problems in result["failures"]]
    return ["## Runs that failed", ""] + lines + [""] if lines else []


def shown(cell):
    """A cell: how many runs, all of which passed, or how many of them did."""
    if cell is None:
        return "not run"
    good, total = cell
    return "-" if total == 0 else "%d" % total if good == total else "**%d of %d**" % cell
