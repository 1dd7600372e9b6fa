"""The tables of docs/generations.md, joined from the results of runs. Boundary: it computes nothing that was not run."""

import json
import os
import time

import generations
import host

PAGE = os.path.join(host.REPOSITORY, "docs", "generations.md")
HEAD = """# Four generations of Debian

Made by `tests/matrix/run page`, from runs of `tests/matrix/run generations` and `tests/matrix/run ssh`; not written by hand.
"""
SCENARIOS = """## The runbook's procedures and what can go wrong

Each scenario runs as root on a whole host: a Debian file tree, a network namespace, a real sshd, fail2ban and packet filter
(iptables on bullseye and bookworm, nftables on trixie and sid). What the scenario saw is checked without f2bctl: with
fail2ban's own library, the packet filter's rules, and packets over UDP and TCP.
"""
SSH = """## Logging in

The tests of `tests/ssh`, each with the sshd, ssh, ssh-keygen, ssh-agent and ssh-add of the generation. A name says what
is tried, the good case or the bad one; in a bad case the message is checked as well.
"""


def of_scenarios(machine, found):
    """The result of scenarios on one host."""
    shown = {name: "failed" if wrong else "ok" for name, wrong in found}
    versions = "fail2ban %s, OpenSSH %s, Python %s" % machine.versions()
    return {"kind": "scenarios", "generation": machine.generation, "version": versions, "cases": {"": shown}}


def keep(path, result):
    """Adds a result to a file of one JSON document a line."""
    with open(path, "a") as out:
        out.write(json.dumps(dict(result, day=time.strftime("%F"))) + "\n")


def write(paths):
    """Joins results into the page: 1 if a case was not run or failed."""
    results = []
    for path in paths:
        with open(path) as file:
            results += [json.loads(line) for line in file]
    lines, wrong = [HEAD], 0
    for kind, head in (("scenarios", SCENARIOS), ("ssh", SSH)):
        part, missing = table([one for one in results if one["kind"] == kind])
        lines += [head] + part
        wrong += missing
    with open(PAGE, "w") as out:
        out.write("\n".join(lines))
    return 1 if wrong else 0


def table(results):
    """(lines of a table, how many of its cells are not `ok`); of several results of one cell the last one counts."""
    cells, heads, days = {}, {}, set()
    for result in results:
        heads[result["generation"]] = "%s (%s)" % (result["generation"], result["version"])
        days.add(result["day"])
        for group, cases in result["cases"].items():
            for case, outcome in cases.items():
                cells.setdefault((group, case), {})[result["generation"]] = outcome
    names = [name for name in generations.SUITES if name in heads]
    lines = ["| case | " + " | ".join(heads[name] for name in names) + " |", "|---" * (len(names) + 1) + "|"]
    wrong = 0
    for (group, case), row in sorted(cells.items()):
        outcomes = [row.get(name, "not run") for name in names]
        wrong += sum(1 for outcome in outcomes if outcome != "ok")
        said = (group + ": " if group else "") + case.replace("_", " ")
        lines.append("| %s | %s |" % (said, " | ".join(outcomes)))
    count = sum(len(row) for row in cells.values())
    lines += ["", "%d cases on %d generations: %d runs, %d not ok (%s)." % (
        len(cells), len(names), count, wrong, ", ".join(sorted(days))), ""]
    return lines, wrong
