"""One command for the whole matrix; see `run`."""

import argparse
import os
import subprocess
import sys

import faults
import generations
import host
import openssh
import page
import procedures
import scenarios
import table


def main():
    """Reads the command line and runs what it names."""
    parser = argparse.ArgumentParser(prog="tests/matrix/run")
    parser.add_argument("what", choices=("faults", "generations", "ssh", "part", "table", "page"))
    parser.add_argument("files", nargs="*", help="for `table` and `page`: files of --result")
    parser.add_argument("--generation", action="append")
    parser.add_argument("--procedure", action="append")
    parser.add_argument("--fault", action="append")
    parser.add_argument("--scenario", action="append")
    parser.add_argument("--case", action="append", help="for `ssh`: only cases whose name holds this")
    parser.add_argument("--result", help="write what was found to this file; `table` and `page` join such files")
    parser.add_argument("--every", type=int, default=1)
    given = parser.parse_args()
    if given.what == "table":
        sys.exit(table.write(given.files))
    if given.what == "page":
        sys.exit(page.write(given.files))
    if os.geteuid() != 0:
        sys.exit("tests/matrix/run needs root: it makes namespaces and mounts of its own")
    os.makedirs(host.BASE, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "f2bm", host.BASE], check=True)
    if given.what == "faults":
        sys.exit(run_faults(given))
    if given.what == "generations":
        sys.exit(run_generations(given))
    if given.what == "ssh":
        sys.exit(run_ssh(given))
    sys.exit(run_part())


def say(text):
    """One line, at once."""
    print(text, flush=True)


def built(name):
    """The file tree of a generation; the run ends where it was not built."""
    tree = generations.tree(name)
    if tree is None:
        sys.exit("%s is not built: tests/matrix/run build --generation %s" % (name, name))
    return tree


def run_generations(given):
    """The scenarios on each generation."""
    wanted = [one for one in scenarios.ALL if not given.scenario or one.__name__ in given.scenario]
    failed = total = 0
    for name in given.generation or generations.SUITES:
        machine = host.Host(name, built(name))
        found = scenarios.run(machine, wanted, say)
        if given.result:
            page.keep(given.result, page.of_scenarios(machine, found))
        total += len(found)
        failed += sum(1 for _, wrong in found if wrong)
    say("%d scenarios, %d failed" % (total, failed))
    return 1 if failed else 0


def run_ssh(given):
    """The tests of logging in, against the OpenSSH of each generation."""
    results = openssh.run(given.generation or generations.SUITES, built, given.case or [], say)
    if given.result:
        for result in results:
            page.keep(given.result, result)
    outcomes = [outcome for result in results for cases in result["cases"].values() for outcome in cases.values()]
    say("%d cases, %d failed" % (len(outcomes), outcomes.count("failed")))
    return 1 if "failed" in outcomes else 0


def run_part():
    """What a CI run has time for: this machine's own generation, the shortest scenarios, and one row of the table."""
    machine = host.Host(generations.OWN, "/")
    found = scenarios.run(machine, scenarios.PART, say)
    matrix = faults.Matrix(machine, 30, say)
    short = ("agent-killed", "all-killed", "disk-full", "revert-fails")
    matrix.run([one for one in procedures.ALL if one.name == "onboard"],
               [one for one in faults.ALL if one.name in short])
    failed = sum(1 for _, wrong in found if wrong) + len(matrix.failures)
    say("%d scenarios, %d runs with a fault, %d failed" % (
        len(found), sum(total for _, total in matrix.cells.values()), failed))
    return 1 if failed else 0


def run_faults(given):
    """The fault matrix on one generation."""
    name = (given.generation or [generations.OWN])[0]
    matrix = faults.Matrix(host.Host(name, generations.tree(name)), given.every,
                           say)
    wanted = [one for one in procedures.ALL if not given.procedure or one.name in given.procedure]
    meant = [one for one in faults.ALL if not given.fault or one.name in given.fault]
    for one in wanted:
        matrix.run([one], meant)
        if given.result:
            table.keep(given.result, name, given.every, matrix)
    runs = sum(total for _, total in matrix.cells.values())
    passed = sum(good for good, _ in matrix.cells.values())
    print("%d procedures, %d faults, %d runs, %d failed" % (len(wanted), len(meant), runs, runs - passed))
    return 1 if passed != runs else 0


main()
