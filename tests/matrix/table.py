"""What was found, a file for each procedure, and the table of docs/faults.md that is joined from them.

Boundary: it computes nothing that was not run.
"""

import hashlib
import json
import os
import time

import faults
import generations
import host
import procedures

PAGE = os.path.join(host.REPOSITORY, "docs", "faults.md")
# What a result depends on; one that was found with others is run again.
DEPENDS = ("crowd.py", "driver.py", "faults.py", "host.py", "judge.py", "procedures.py")
HEAD = """# The fault matrix

Made by `tests/matrix/run table --result FOLDER`, from runs of `tests/matrix/run faults --result FOLDER`; not written by
hand. Each run breaks one change in one place of a whole host (own network namespace, real sshd, fail2ban and packet
filter). Afterwards the host has to be wholly as before or wholly as planned - files, jails, values, actions, rules,
whitelist, bans with their ends to 2 s, temporary entries, backups -, exit code and audit log have to say which, and what was
interrupted has to be recovered by the next run. `tests/matrix/faults.py` opens with the three rules for what the host
itself can then not be: fail2ban killed where nobody's part is to start it, a file system that lets nothing be removed,
and a temporary entry that needs a process or timer to end it.

The rows with thousands of bans have fewer points: before the change, where it moves fail2ban, and the last one.

A cell says how many runs there were, all of which passed, or how many of them did. `-` is shown where the procedure has no
such step: no reload that could fail, no running server that could be killed, no sign of life that is waited for.
"""


class Results:
    """The folder of results, a file for each procedure; None for results that nobody keeps."""

    def __init__(self, folder, generation, every):
        self.folder = folder
        self.facts = {"generation": generation, "every": every, "of": fingerprint()}
        self.cells = {}
        self.broken = []
        if folder:
            os.makedirs(folder, exist_ok=True)

    def has(self, procedure, fault):
        """Whether a cell was filled already, with the same program and the same matrix; it is then counted."""
        known = read(self._path(procedure)).get(fault) if self.folder else None
        if known is None or any(known[key] != value for key, value in self.facts.items()):
            return False
        self.cells[(procedure, fault)] = (known["good"], known["total"])
        return True

    def keep(self, procedure, fault, good, total, failures):
        """Takes in, and writes, what was found in a cell."""
        self.cells[(procedure, fault)] = (good, total)
        if not self.folder:
            return
        path = self._path(procedure)
        found = read(path)
        found[fault] = dict(self.facts, good=good, total=total, failures=failures, day=time.strftime("%F"))
        with open(path + ".new", "w") as out:
            json.dump(found, out, indent=1)
        os.rename(path + ".new", path)

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
    """A procedure's cells: {fault: cell}; empty for one that was not run."""
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def write(folder):
    """Joins the results of a folder into the page: 1 if a cell is empty or a run failed."""
    names = [one.name for one in procedures.ALL]
    cells = {(name, fault): cell for name in names for fault, cell in read(os.path.join(folder, name + ".json")).items()}
    lines = [HEAD, "| fault | what is done |", "|---|---|"]
    lines += ["| %s | %s |" % (fault.name, fault.said) for fault in faults.ALL]
    lines += ["", "| procedure | " + " | ".join(fault.name.replace("-", "-<br>") for fault in faults.ALL) + " |",
              "|---" * (len(faults.ALL) + 1) + "|"]
    for name in names:
        lines.append("| %s | %s |" % (name, " | ".join(shown(cells.get((name, fault.name))) for fault in faults.ALL)))
    total = sum(cell["total"] for cell in cells.values())
    good = sum(cell["good"] for cell in cells.values())
    missing = sum(1 for name in names for fault in faults.ALL if (name, fault.name) not in cells)
    lines += ["", "%d procedures, %d faults, %d runs, %d failed, %d cells not run (%s)." % (
        len(names), len(faults.ALL), total, total - good, missing, "; ".join(days(cells))), ""]
    lines += failed(cells)
    with open(PAGE, "w") as out:
        out.write("\n".join(lines))
    return 1 if missing or total != good else 0


def days(cells):
    """When, on what and how closely it was run."""
    return sorted({"%s on %s, each fault at the first, the last and every %d. point between" % (
        cell["day"], system(cell["generation"]), cell["every"]) for cell in cells.values()})


def system(generation):
    """A generation's name; this machine's own by its system's, where the page is written on the machine of the runs."""
    if generation != generations.OWN:
        return generation
    with open("/etc/os-release") as file:
        facts = dict(line.rstrip().split("=", 1) for line in file if "=" in line)
    return facts["PRETTY_NAME"].strip('"')


def failed(cells):
    """The part of the page with the runs that failed, if there are any."""
    lines = ["- %s, %s, point %s: %s" % (name, fault, place, "; ".join(problems)[:400].replace("|", "/"))
             for (name, fault), cell in cells.items() for place, problems in cell["failures"]]
    return ["## Runs that failed", ""] + lines + [""] if lines else []


def shown(cell):
    """A cell: how many runs, all of which passed, or how many of them did."""
    if cell is None:
        return "not run"
    good, total = cell["good"], cell["total"]
    return "-" if total == 0 else "%d" % total if good == total else "**%d of %d**" % (good, total)
