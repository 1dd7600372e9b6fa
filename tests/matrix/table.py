"""The table of docs/faults.md, joined from the results of runs. Boundary: it computes nothing that was not run."""

import json
import os
import time

import faults
import host
import procedures

PAGE = os.path.join(host.REPOSITORY, "docs", "faults.md")
HEAD = """# The fault matrix

Made by `tests/matrix/run table`, from runs of `tests/matrix/run faults`; not written by hand. Each run breaks one change
in one place of a whole host (own network namespace, real sshd, fail2ban and packet filter). Afterwards the host has to be
wholly as before or wholly as planned - files, jails, values, actions, rules, whitelist, bans with their ends to 2 s,
backups -, exit code and trail have to say which, and what was interrupted has to be settled by the next run.

A cell says how many of its runs passed; `-` stands where the procedure has no such step.
"""


def keep(path, generation, every, matrix):
    """Writes what was found so far."""
    cells = [[procedure, fault, good, total] for (procedure, fault), (good, total) in matrix.cells.items()]
    failures = [[procedure, fault, str(place), problems] for procedure, fault, place, problems in matrix.failures]
    with open(path, "w") as out:
        json.dump({"generation": generation, "every": every, "cells": cells, "failures": failures,
                   "day": time.strftime("%F")}, out)


def write(paths):
    """Joins results into the page: 1 if a cell is empty or a run failed."""
    results = []
    for path in paths:
        with open(path) as file:
            results.append(json.load(file))
    cells = {}
    for result in results:
        for procedure, fault, good, total in result["cells"]:
            before = cells.get((procedure, fault), (0, 0))
            cells[(procedure, fault)] = (before[0] + good, before[1] + total)
    names = [one.name for one in procedures.ALL]
    lines = [HEAD, "| fault | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for fault in faults.ALL:
        row = [shown(cells.get((name, fault.name))) for name in names]
        lines.append("| %s: %s | %s |" % (fault.name, fault.said, " | ".join(row)))
    total = sum(many for _, many in cells.values())
    good = sum(few for few, _ in cells.values())
    missing = sum(1 for name in names for fault in faults.ALL if (name, fault.name) not in cells)
    days = ", ".join(sorted({"%s on %s, every %d. point" % (result["day"], result["generation"], result["every"])
                             for result in results}))
    lines += ["", "%d procedures, %d faults, %d runs, %d failed, %d cells not run (%s)." % (
        len(names), len(faults.ALL), total, total - good, missing, days), ""]
    failures = [failure for result in results for failure in result["failures"]]
    if failures:
        lines += ["## Runs that failed", ""]
        lines += ["- %s, %s, point %s: %s" % (one, fault, place, "; ".join(problems)[:400].replace("|", "/"))
                  for one, fault, place, problems in failures] + [""]
    with open(PAGE, "w") as out:
        out.write("\n".join(lines))
    return 1 if missing or total != good else 0


def shown(cell):
    """A cell: runs that passed of those that ran."""
    if cell is None:
        return "not run"
    return "-" if cell[1] == 0 else "%d of %d" % cell
