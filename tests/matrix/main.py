"""One command for the whole matrix; see `run`."""

import argparse
import os
import queue
import subprocess
import sys
import threading

import asterisk
import faults
import generations
import host
import many
import openssh
import page
import procedures
import scenarios
import table
import wandering


def main():
    """Reads the command line and runs what it names."""
    parser = argparse.ArgumentParser(prog="tests/matrix/run")
    kinds = ("faults", "generations", "many", "ssh", "asterisk", "random", "part", "table", "page")
    parser.add_argument("what", choices=kinds)
    parser.add_argument("files", nargs="*", help="for `page`: files of --result")
    parser.add_argument("--generation", action="append")
    parser.add_argument("--procedure", action="append")
    parser.add_argument("--fault", action="append")
    parser.add_argument("--scenario", action="append")
    parser.add_argument("--case", action="append", help="for `ssh`: only cases whose name holds this")
    parser.add_argument("--result", help="where to write what was found: a file, which `page` joins with others; for `faults` "
                                         "and `table` a folder, and what lies there already is not run again")
    parser.add_argument("--every", type=int, default=1, help="only every Nth point of a change, another first one for each fault")
    parser.add_argument("--bans", type=int, action="append", help="for `many`: how many addresses are banned")
    parser.add_argument("--steps", type=int, default=100, help="for `random`: how many steps")
    parser.add_argument("--seed", type=int, default=1, help="for `random`: what decides the steps")
    parser.add_argument("--hosts", type=int, default=1, help="how many hosts work at once; most of a run is waiting")
    given = parser.parse_args()
    if given.what == "table":
        sys.exit(table.write(given.result))
    if given.what == "page":
        sys.exit(page.write(given.files))
    if os.geteuid() != 0:
        sys.exit("tests/matrix/run needs root: it makes namespaces and mounts of its own")
    subprocess.run(["mount", "-t", "tmpfs", "f2bm", host.BASE], check=True)
    if given.what == "faults":
        sys.exit(run_faults(given))
    if given.what == "generations":
        sys.exit(run_generations(given))
    if given.what == "many":
        sys.exit(run_many(given))
    if given.what == "ssh":
        sys.exit(run_ssh(given))
    if given.what == "asterisk":
        sys.exit(run_asterisk(given))
    if given.what == "random":
        sys.exit(run_random(given))
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


def run_many(given):
    """The procedures on a host with many bans."""
    failed = 0
    for name in given.generation or [generations.OWN]:
        machine = host.Host(name, built(name))
        for count in given.bans or [1500]:
            failed += many.run(machine, count, say)
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


def run_random(given):
    """Random steps on each generation, against a model and fail2ban's own view."""
    wrong = sum(wandering.run(host.Host(name, built(name)), given.steps, given.seed, say)
                for name in given.generation or [generations.OWN])
    return 1 if wrong else 0


def run_asterisk(given):
    """Hostile and ordinary SIP against each Asterisk, and what the filters of both variants count of it."""
    results = [asterisk.play(name, built(name), host.BASE, say) for name in given.generation or generations.WITH_ASTERISK]
    say("\n" + asterisk.table(results))
    wrong = sum(len(names) for result in results for variant in result["variants"].values()
                for kind, names in variant.items() if kind != "left")
    say("%d attempts, %d escaped, framed or counted twice" % (sum(result["sent"] for result in results), wrong))
    return 1 if wrong or not all(result["sent"] for result in results) else 0


def run_part():
    """What a CI run has time for: this machine's own generation, the shortest scenarios, some random steps, and one row of
    the table.

    The two work side by side, on a host each: most of a run is waiting.
    """
    found = []
    results = table.Results(None, generations.OWN, 40)
    left = queue.SimpleQueue()
    left.put(next(one for one in procedures.ALL if one.name == "onboard"))
    short = [one for one in faults.ALL if one.name in ("all-killed", "disk-full", "server-killed", "revert-fails")]
    walked = []

    def first():
        machine = host.Host(generations.OWN, "/")
        found.extend(scenarios.run(machine, scenarios.PART, say))
        walked.append(wandering.run(machine, 8, 3, say))

    parts = [threading.Thread(target=first),
             threading.Thread(target=work, args=(1, generations.OWN, 40, left, short, results))]
    for part in parts:
        part.start()
    for part in parts:
        part.join()
    runs = sum(total for _, total in results.cells.values())
    failed = runs - sum(good for good, _ in results.cells.values()) + sum(1 for _, wrong in found if wrong)
    failed += sum(walked)
    complete = len(found) == len(scenarios.PART) and len(results.cells) == len(short) and len(walked) == 1
    say("%d scenarios, %d runs with a fault, random steps, %d failed%s" % (
        len(found), runs, failed, "" if complete else ", not complete"))
    return 1 if failed or not complete else 0


def run_faults(given):
    """The fault matrix on one generation: the procedures that are left are shared out among the hosts."""
    name = (given.generation or [generations.OWN])[0]
    meant = [one for one in faults.ALL if not given.fault or one.name in given.fault]
    wanted = [one for one in procedures.ALL if not given.procedure or one.name in given.procedure]
    results = table.Results(given.result, name, given.every)
    left = queue.SimpleQueue()
    for one in wanted:
        left.put(one)
    workers = [threading.Thread(target=work, args=(number, name, given.every, left, meant, results))
               for number in range(min(given.hosts, left.qsize()))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    runs = sum(total for _, total in results.cells.values())
    failed = runs - sum(good for good, _ in results.cells.values()) + len(results.broken)
    # A host that cannot be made ends its worker, and what it should have taken stays in the queue.
    complete = runs > 0 and left.empty()
    say("%d procedures, %d faults, %d runs, %d failed%s" % (
        len(wanted), len(meant), runs, failed, "" if complete else ", not complete"))
    return 1 if failed or not complete else 0


def work(number, generation, every, left, meant, results):
    """One host's part: procedure after procedure, until none is left."""
    machine = host.Host(generation, generations.tree(generation), number)
    while True:
        try:
            procedure = left.get_nowait()
        except queue.Empty:
            return
        matrix = faults.Matrix(machine, every, results, say)
        try:
            matrix.run(procedure, meant)
        except (RuntimeError, OSError, subprocess.SubprocessError, KeyError, TypeError, ValueError) as error:
            # A procedure that cannot even be tried is a hole in the table, and no reason to leave the others out.
            say("BROKEN %s: %s: %s" % (procedure.name, type(error).__name__, error))
            results.broken.append(procedure.name)
            matrix.forget()


main()
