"""Random steps on one host: commands, kills at any point, edits and reloads outside f2bctl, bans; a model says after each
step what the host has to be, and fail2ban's own view decides.

    step -> the states that may follow from the model's -> the host is one of them, or the step is named with its seed

A command that is killed may have been done or not, so two states may follow; which of them it is, the host shows, when the
next command has recovered it. Boundary: the model knows lists, one threshold, bans and run-time entries; bytes of jail.local
are compared where an undo has to bring them back.
"""

import copy
import ipaddress
import json
import os
import random
import re
import subprocess
import time

import judge
from judging import Wrong, expect

JAILS = ("asterisk-auth", "asterisk-scan", "sshd")
JAIL_LOCAL = "etc/fail2ban/jail.local"
POOL = ["198.51.100.%d/28" % (16 * number) for number in range(16)]
NAMES = ("Blue Lotus Hotels", "Sunrise Motels", "Vista Seven Hotels", "Acme \"North\" Inn")
SECTION = re.compile(rb"(?ms)^\[asterisk-scan\]\n.*?^maxretry *= *(\d+)$")
LIST = re.compile(rb"(?m)^ignoreip *= *(.*)$")
TOLERANCE_SECONDS = 3
# Enough points for every change; a number beyond the last one kills nobody.
POINTS = 45


class Model:
    """What the host has to be."""

    def __init__(self, machine):
        text = machine.read(JAIL_LOCAL)
        self.entries = set(LIST.search(text).group(1).decode().split())
        self.customers = {}
        self.maxretry = int(SECTION.search(text).group(1))
        self.loaded = (frozenset(self.entries), self.maxretry)
        self.runtime = {jail: set() for jail in JAILS}
        self.bans = {}
        self.undoable = None  # (the file before and after the newest change of f2bctl's, whether that was an undo)
        seen = machine.look()["server"]
        for jail in JAILS:
            self.bans.update({(jail, ip): end for ip, end in seen[jail]["bans"].items()})
            self.runtime[jail] = {entry for entry in seen[jail]["ignoreip"] if entry not in shown(self.entries)}

    def drifts(self):
        """Whether the file has what is not in force."""
        return self.loaded != (frozenset(self.entries), self.maxretry)

    def load(self):
        """What is in the file is in force."""
        self.loaded = (frozenset(self.entries), self.maxretry)

    def lift(self, network):
        """The bans of a network's members end."""
        members = ipaddress.ip_network(network)
        self.bans = {key: end for key, end in self.bans.items() if ipaddress.ip_address(key[1]) not in members}


def shown(entries):
    """Entries as fail2ban shows them."""
    found = set()
    for entry in entries:
        network = ipaddress.ip_network(entry, strict=False)
        found.add(str(network.network_address) if network.num_addresses == 1 else str(network))
    return found


class Walk:
    """One walk over a host."""

    def __init__(self, machine, seed, talk):
        self.machine, self.talk = machine, talk
        self.dice = random.Random(seed)
        self.model = Model(machine)
        self.done = []

    def go(self, steps):
        """That many steps; raises `Wrong` at the first after which the host is not what it has to be."""
        kinds = [self.onboard] * 5 + [self.offboard] * 4 + [self.unban] * 3 + [self.tune] * 3 + [self.undo] * 2 + \
            [self.ban] * 4 + [self.edit] * 2 + [self.reload_outside] * 2 + [self.whitelist_at_run_time] * 2 + \
            [self.check] * 3 + [self.reload] * 2
        for number in range(1, steps + 1):
            kind = self.dice.choice(kinds)
            self.done.append("%d %s" % (number, kind.__name__))
            began = time.monotonic()
            meant = kind()
            self.compare(meant)
            self.talk("%4d %-22s %5.1f s" % (number, self.done[-1].split(" ", 1)[1], time.monotonic() - began))

    def note(self, *words):
        """What the step that runs is about."""
        self.done[-1] += " " + " ".join(map(str, words))

    # Steps: each does something and returns the states of which the host then has to be one.

    def change(self, words, becomes, needs_load=True):
        """A command of f2bctl's that leads to `becomes`; now and then it is killed, or external edits are put into force."""
        words = list(words)
        before, after = self.model, becomes
        drifts = before.drifts() and needs_load
        with_drift = self.dice.random() < 0.5
        if with_drift:
            words.append("--with-drift")
        if needs_load:
            after.load()
        text = self.machine.read(JAIL_LOCAL)
        self.note(*words)
        fate = self.dice.random()
        if fate < 0.25:
            return self.killed(words, [before, after], text)
        code, document = self.machine.operator(*words, "--yes")
        if drifts and not with_drift and code == 5:
            return [before]
        expect(code == 0, words, code, document.get("error"), document.get("text"))
        self.remember(after, text, words[0] == "undo")
        return [after]

    def remember(self, after, text, is_undo):
        """An undo takes back the newest change of a file."""
        now = self.machine.read(JAIL_LOCAL)
        if now != text:
            after.undoable = (text, now, is_undo)

    def killed(self, words, states, text):
        """The agent dies at some point, or the operator's side does; the next command recovers what is left."""
        if self.dice.random() < 0.6:
            plan = {"do": "kill", "at": self.dice.randint(1, POINTS)}
            self.note("killed at", plan["at"])
            self.machine.write("run/f2bm/log", b"")
            self.machine.write("run/f2bm/plan.json", json.dumps(plan).encode())
            self.machine.operator(*words, "--yes")
            self.machine.remove("run/f2bm/plan.json")
        else:
            delay = self.dice.uniform(0.2, 3)
            self.note("client killed after %.1f s" % delay)
            process = self.machine.operator(*words, "--yes", start=True)
            try:
                process.wait(delay)
            except subprocess.TimeoutExpired:
                process.kill()
            process.communicate()
        code, document = self.machine.operator("backup", "--label", "settle", "--yes", timeout=300)
        expect(code == 0, "recovery", code, document.get("error"))
        expect(not judge.open_changes(self.machine), "an open change")
        self.remember(states[1], text, words[0] == "undo")
        return states

    def onboard(self):
        network, name = self.dice.choice(POOL), self.dice.choice(NAMES)
        after = copy.deepcopy(self.model)
        name = after.customers.setdefault(network, name)
        is_new = network not in self.model.entries
        after.entries.add(network)
        after.lift(network)
        due = is_new or network not in self.model.loaded[0] or after.bans != self.model.bans
        return self.change(("onboard", network, "--customer", name), after, needs_load=due and (
            is_new or network not in self.model.loaded[0]))

    def offboard(self):
        network = self.dice.choice(sorted(self.model.customers) or POOL)
        after = copy.deepcopy(self.model)
        after.customers.pop(network, None)
        after.entries.discard(network)
        in_force = network in self.model.loaded[0]
        return self.change(("offboard", network), after, needs_load=network in self.model.entries or in_force)

    def unban(self):
        banned = sorted({ip for _, ip in self.model.bans}) or ["203.0.113.250"]
        after = copy.deepcopy(self.model)
        address = self.dice.choice(banned)
        after.lift(address)
        return self.change(("unban", address), after, needs_load=False)

    def tune(self):
        after = copy.deepcopy(self.model)
        after.maxretry = self.dice.choice((20, 30, 50, 80, 100))
        due = self.model.maxretry != after.maxretry or self.model.loaded[1] != after.maxretry
        return self.change(("tune", "asterisk-scan", "maxretry", str(after.maxretry)), after, needs_load=due)

    def reload(self):
        return self.change(("reload",), copy.deepcopy(self.model))

    def undo(self):
        if self.model.undoable is None:
            return [self.model]
        before, after, was_undo = self.model.undoable
        if was_undo:
            code, document = self.machine.operator("undo", "--yes")
            expect(code in (0, 3) and not document["changed"], "a second undo", code, document)
            return [self.model]
        if self.machine.read(JAIL_LOCAL) != after:
            code, document = self.machine.operator("undo", "--yes")
            expect(code == 3, "an undo over an edit", code, document.get("outcome"))
            return [self.model]
        meant = copy.deepcopy(self.model)
        meant.entries = set(LIST.search(before).group(1).decode().split())
        meant.customers = {network: name for network, name in meant.customers.items() if network in meant.entries}
        meant.customers.update({network: name_in(before, network) for network in meant.entries & set(POOL)})
        meant.maxretry = int(SECTION.search(before).group(1))
        for network in meant.entries - self.model.entries:
            meant.lift(network)
        states = self.change(("undo",), meant)
        if states == [meant]:
            expect(self.machine.read(JAIL_LOCAL) == before, "the bytes after an undo")
        return states

    def ban(self):
        jail = self.dice.choice(JAILS)
        address = "203.0.113.%d" % self.dice.randint(100, 140) if self.dice.random() < 0.7 else \
            "198.51.100.%d" % self.dice.randint(1, 254)
        self.note(jail, address)
        self.machine.client("set", jail, "banip", address)
        self.machine.until(lambda: address in self.machine.look()["server"][jail]["bans"])
        after = copy.deepcopy(self.model)
        after.bans[(jail, address)] = self.machine.look()["server"][jail]["bans"][address]
        return [after]

    def edit(self):
        """Somebody edits jail.local, and does not reload."""
        after = copy.deepcopy(self.model)
        text = self.machine.read(JAIL_LOCAL)
        what = self.dice.choice(("comment", "threshold", "entry"))
        self.note(what)
        if what == "comment":
            text += b"# edited by hand\n"
        elif what == "threshold":
            after.maxretry = self.dice.choice((25, 45, 90))
            found = SECTION.search(text)
            text = text[:found.start(1)] + str(after.maxretry).encode() + text[found.end(1):]
        else:
            entry = "192.0.2.%d" % self.dice.randint(100, 200)
            after.entries.add(entry)
            found = LIST.search(text)
            text = text[:found.end(1)] + b" " + entry.encode() + text[found.end(1):]
        self.machine.write(JAIL_LOCAL, text)
        return [after]

    def reload_outside(self):
        """Somebody's own reload forgets what was set at run time and keeps the bans."""
        self.machine.client("reload")
        after = copy.deepcopy(self.model)
        after.load()
        after.runtime = {jail: set() for jail in JAILS}
        self.machine.until(lambda: set(self.bans_seen()) >= set(after.bans))
        return [after]

    def whitelist_at_run_time(self):
        """Somebody whitelists an address in one running jail; no change loses it."""
        jail, entry = self.dice.choice(JAILS), "192.0.2.%d" % self.dice.randint(30, 90)
        self.note(jail, entry)
        after = copy.deepcopy(self.model)
        if all(entry in entries for name, entries in after.runtime.items() if name != jail):
            return [after]  # in every jail it might be a deleted line, about which f2bctl asks
        self.machine.client("set", jail, "addignoreip", entry)
        after.runtime[jail].add(entry)
        return [after]

    def check(self):
        """`whitelist check` says of each jail what its running list says."""
        address = "%s.%d" % (self.dice.choice(("198.51.100", "192.0.2", "203.0.113")), self.dice.randint(1, 254))
        self.note(address)
        code, document = self.machine.operator("whitelist", "check", address)
        expect(code == 0, code, document)
        seen = self.machine.look()["server"]
        for decision in document["jails"]:
            networks = [ipaddress.ip_network(entry) for entry in seen[decision["jail"]]["ignoreip"]]
            ignored = any(ipaddress.ip_address(address) in network for network in networks)
            expect(decision["ignored"] is ignored, address, decision, networks)
        banned = sorted(jail for jail in JAILS if address in seen[jail]["bans"])
        expect(document["banned_in"] == banned, address, document["banned_in"], banned)
        return [self.model]

    # What the host is.

    def bans_seen(self):
        """{(jail, address): end} as fail2ban has it."""
        seen = self.machine.look()["server"] or {}
        return {(jail, ip): end for jail in seen for ip, end in seen[jail]["bans"].items()}

    def compare(self, states):
        """The host is one of these states, which is the model's from now on."""
        seen = self.machine.look()
        reasons = []
        for state in states:
            problems = differences(seen, state)
            if not problems:
                self.model = state
                break
            reasons.append("; ".join(problems))
        else:
            raise Wrong("after %s: %s" % (self.done[-1], " | or: ".join(reasons)))
        records, broken = judge.audit_log(self.machine)
        expect(not broken, "the audit log", broken)
        expect(not judge.open_changes(self.machine), "an open change", self.done[-1])


def name_in(text, network):
    """The customer of a network in a text of jail.local."""
    found = re.search(rb"(?m)^# %s \| ([^|\n]*?)(?: \||$)" % re.escape(network.encode()), text)
    return found.group(1).decode().strip() if found else NAMES[0]


def differences(seen, model):
    """What of a host is other than a state of the model."""
    found = []
    text = seen["files"]["jail.local"][0]
    entries = set(LIST.search(text).group(1).decode().split())
    if entries != model.entries:
        found.append("jail.local lists %s" % sorted(entries ^ model.entries))
    if int(SECTION.search(text).group(1)) != model.maxretry:
        found.append("jail.local has maxretry %s" % SECTION.search(text).group(1))
    for network in model.customers:
        if network in model.entries and (b"# %s | " % network.encode()) not in text:
            found.append("no line about %s" % network)
    server = seen["server"]
    if server is None or sorted(server) != sorted(JAILS):
        return found + ["the jails are %s" % (server and sorted(server))]
    in_force, maxretry = model.loaded
    for jail in JAILS:
        wanted = shown(in_force) | shown(model.runtime[jail])
        if set(server[jail]["ignoreip"]) != wanted:
            found.append("%s ignores %s" % (jail, sorted(set(server[jail]["ignoreip"]) ^ wanted)))
    if server["asterisk-scan"]["maxretry"] != maxretry:
        found.append("maxretry in force is %s" % server["asterisk-scan"]["maxretry"])
    bans = {(jail, ip): end for jail in JAILS for ip, end in server[jail]["bans"].items()}
    if set(bans) != set(model.bans):
        found.append("bans %s" % sorted(set(bans) ^ set(model.bans)))
    found += ["the ban of %s in %s ends %+d s" % (ip, jail, end - model.bans[(jail, ip)])
              for (jail, ip), end in bans.items()
              if (jail, ip) in model.bans and abs(end - model.bans[(jail, ip)]) > TOLERANCE_SECONDS]
    rules = "\n".join(seen["firewall"])
    blocked = {ip for _, ip in model.bans}
    found += ["%s is banned without a rule" % ip for ip in blocked if not re.search(r"(?m)(^|[\s,{])%s([/\s,}]|$)" % re.escape(ip), rules)]
    return found


def run(machine, steps, seed, talk):
    """A walk from a host that was just reset: how many steps went wrong, 0 or 1."""
    subprocess.run(["rm", "-rf", machine.path("var/lib/f2bctl")], check=True)
    machine.reset()
    walk = Walk(machine, seed, talk)
    try:
        walk.go(steps)
    except (Wrong, RuntimeError, subprocess.SubprocessError, LookupError, TypeError, ValueError, AttributeError, OSError) as error:
        talk("%s: seed %d, step %s\n  %s: %s" % (machine.generation, seed, walk.done[-1], type(error).__name__, error))
        talk("  before it: " + "; ".join(walk.done[-8:-1]))
        if os.environ.get("F2BCTL_KEEP"):
            subprocess.run(["cp", "-a", machine.path("var/lib/f2bctl"), os.environ["F2BCTL_KEEP"]], check=False)
        return 1
    finally:
        machine.remove("run/f2bm/plan.json")
    talk("%s: seed %d, %d steps, none wrong" % (machine.generation, seed, steps))
    return 0
