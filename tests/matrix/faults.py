"""The fault matrix: every procedure, every fault, at every point where the host could be left half-changed.

Each run breaks one change in one place and then looks: the host has to be wholly as before or wholly as planned, exit
code and audit log have to say which, and what was interrupted has to be recovered by the next run. Three rules say what that
means where the host itself cannot be either of the two:

- fail2ban-server is killed and nobody's part is to start it (a change that is not about it, or that had ended): the answer
  has to say that it is down, and after `f2bctl start` the host has to be wholly as the answer said.
- The file system turns read-only: what cannot be removed from it has to be named, and the next run has to remove it.
- A temporary entry that is left has to have somebody who ends it.
"""

import collections
import json
import os
import signal
import subprocess
import time

import host as host_module
import judge

Fault = collections.namedtuple("Fault", "name said do places needs")
# `places`: every = each point of the change, start = before it begins, reload = its reload or start, undo = each point
# of the undo that a failed reload leads to, sign = while it waits for a sign of life, sparse = a few points of it.
ALL = [
    Fault("agent-killed", "the agent gets SIGKILL", "kill", "every", ""),
    Fault("all-killed", "agent and f2bctl get SIGKILL at once", "crash", "every", ""),
    Fault("operator-killed", "f2bctl gets SIGKILL", "operator", "every", ""),
    Fault("connection-cut", "the session's sshd gets SIGKILL", "cut", "every", ""),
    Fault("link-silent", "the session's sshd gets SIGSTOP", "freeze", "sparse", ""),
    Fault("disk-full", "the disk fills to its last byte", "fill", "every", ""),
    Fault("read-only", "the agent can write nothing more", "read_only", "every", ""),
    Fault("server-killed", "fail2ban-server gets SIGKILL", "server", "every", "running"),
    Fault("server-killed-in-reload", "the same during the reload", "moves:server,sound", "reload", "reloads"),
    Fault("another-hand", "jail.local is edited outside f2bctl", "another_hand", "every", ""),
    Fault("immutable-file", "jail.local is immutable (chattr +i)", "immutable:etc/fail2ban/jail.local", "start", ""),
    Fault("immutable-folder", "/etc/fail2ban is immutable", "immutable:etc/fail2ban", "start", ""),
    Fault("immutable-state", "the journal is immutable", "immutable:var/lib/f2bctl/changes", "start", ""),
    Fault("file-mounted", "jail.local is a mount point", "mount", "start", ""),
    Fault("reload-fails", "the reload drops every jail", "moves:broken,sound", "reload", "reloads"),
    Fault("proof-fails", "a jail runs with another value", "moves:otherwise,sound", "reload", "reloads"),
    Fault("revert-fails", "no reload works any more", "moves:broken", "reload", "reloads"),
    Fault("killed-in-undo", "the agent is killed while undoing", "moves:broken,sound", "undo", "reloads"),
    Fault("no-new-login", "no new login succeeds", "no_login", "sign", "sign"),
]
SPARSE = 12
# A server that was started restores its bans in the background.
RESTORE_SECONDS = 10


class Matrix:
    """One host on which procedures are broken; what is found goes to `results` (`table.Results`)."""

    def __init__(self, host, every, results, talk):
        self.host = host
        self.every = every
        self.results = results
        self.talk = talk
        self.clean = None

    def run(self, procedure, faults):
        """Fills the cells of one procedure that are still empty."""
        left = [fault for fault in faults if not self.results.has(procedure.name, fault.name)]
        if left:
            self.reference(procedure)
        for fault in left:
            self.cell(procedure, fault)

    def patience(self, seconds):
        """Time for a host that restores, lifts or lists thousands of bans, each with a process of its own, seconds."""
        return seconds + self.host.facts.get("bans", 0) / 5

    def reference(self, procedure):
        """One run without a fault: the points that it passes, and the host as planned."""
        self.procedure, self.clean = procedure, True
        self.host.reset(procedure.prepare)
        before = self.host.look()
        code, document, labels = self.change({"do": "none"})
        if code != 0:
            raise RuntimeError("%s without a fault ended with %d: %s" % (procedure.name, code, document))
        self.labels = labels
        self.signs = any(step["action"] == "sign_of_life" for step in document["plan"]["steps"])
        self.planned = self.host.look()
        self.planned["added"] = [name for name in self.planned["backups"] if name not in before["backups"]]
        self.planned["removed"] = sorted(name for name in before["backups"] if name not in self.planned["backups"])
        if judge.state(self.planned, before, self.planned)[0] != "planned":
            raise RuntimeError("%s without a fault changed nothing that could be seen" % procedure.name)
        self.clean = False

    def change(self, plan, outside=None):
        """Runs the procedure under a plan: (exit code, document, the labels of the points)."""
        host = self.host
        for name in ("log", "reached", "plan.taken"):
            if os.path.exists(host.path("run/f2bm", name)):
                os.unlink(host.path("run/f2bm", name))
        host.write("run/f2bm/log", b"")
        host.write("run/f2bm/plan.json", json.dumps(plan).encode())
        words = self.procedure.words(host) if callable(self.procedure.words) else self.procedure.words
        process = host.operator(*words, "--yes", start=True)
        if outside:
            self.outside(process, outside)
        code, document = host.finish(process, timeout=self.patience(150))
        if os.path.exists(host.path("run/f2bm/plan.json")):
            raise RuntimeError("no agent came by the driver: %s" % document)
        lines = host.read("run/f2bm/log").decode().splitlines()
        self.struck = any(line.startswith("!") for line in lines) or \
            "moves" in plan and any(" client " in line for line in lines)
        return code, document, [line.partition(" ")[2] for line in lines if not line.startswith("!")]

    def outside(self, process, what):
        """A fault that the harness brings about when the agent has come to the point."""
        reached = self.host.path("run/f2bm/reached")
        while not os.path.exists(reached):
            if process.poll() is not None:
                return
            time.sleep(0.005)
        with open(reached) as file:
            agent = int(file.read())
        session = self.session(agent)
        if what in ("crash", "operator"):
            process.send_signal(signal.SIGKILL)
            process.wait()
        if what == "crash":
            os.kill(agent, signal.SIGKILL)
        elif what == "cut":
            os.kill(session, signal.SIGKILL)
        elif what == "freeze":
            os.kill(session, signal.SIGSTOP)
            self.frozen = session
        elif what == "no_login":
            self.logins("-I")
        if os.path.exists(reached):
            os.unlink(reached)

    def session(self, agent):
        """The sshd process that the agent talks through."""
        pid = agent
        while pid > 1:
            with open("/proc/%d/stat" % pid) as file:
                name, _, rest = file.read().partition("(")[2].rpartition(")")
            if name.startswith("sshd"):
                return pid
            pid = int(rest.split()[1])
        raise RuntimeError("no sshd above the agent")

    def logins(self, how):
        """Shuts the door for new logins, or opens it."""
        self.host.chroot("iptables", how, "INPUT", "-p", "tcp", "--syn", "--dport", "22", "-j", "REJECT", check=False)

    # One cell ---------------------------------------------------------------------------------------------------

    def cell(self, procedure, fault):
        """All runs of one procedure with one fault."""
        places = self.places(procedure, fault)
        failures = []
        began = time.monotonic()
        for place in places:
            if not self.clean:
                self.host.reset(procedure.prepare)
            problems = self.one(fault, place)
            if problems:
                failures.append((str(place), problems))
                self.talk("FAILED %s x %s at %s (%s): %s" % (procedure.name, fault.name, place, self.label(place),
                                                             " | ".join(problems)))
                self.clean = False
                self.forget()
        passed = len(places) - len(failures)
        self.results.keep(procedure.name, fault.name, passed, len(places), failures)
        if places:
            self.talk("%-12s %-24s %3d of %3d  %4.0f s" % (procedure.name, fault.name, passed, len(places),
                                                          time.monotonic() - began))

    def forget(self):
        """A state directory without a past: what one run left open must not be another's."""
        self.host.forget_temporary()
        state = self.host.path("var/lib/f2bctl")
        subprocess.run(["rm", "-rf", state], check=True)
        for folder in (state, state + "/changes"):
            os.mkdir(folder, 0o700)

    def label(self, place):
        """What happens at a point, in the run without a fault."""
        return self.labels[place - 1] if isinstance(place, int) and 0 < place <= len(self.labels) else "start"

    def places(self, procedure, fault):
        """The points at which a fault is tried; none where the procedure has no such step."""
        if fault.needs == "reloads" and not procedure.reloads or fault.name not in (procedure.faults or [fault.name]):
            return []
        if fault.needs == "running" and procedure.name == "start":
            return []
        count = len(self.labels)
        if fault.places == "every":
            # Each fault begins at another point, so that few faults at every sixth point still come to all of them.
            first = [0]
            if fault.do == "server":
                # One that is dead before a change begins is `start`'s business, one that dies when the lock is given back
                # is nobody's: the change looks back for the last time just before.
                first, count = [], count - 1
                assert self.labels[-1].startswith("unlink") and self.labels[-1].endswith("lock.json"), self.labels[-1]
            if procedure.few_points:
                return first + sorted({self.moving(), count})
            return first + sorted({*range(1 + ALL.index(fault) % self.every, count + 1, self.every), 1, count})
        if fault.places == "sparse":
            return list(range(1, count + 1, max(SPARSE, self.every)))
        if fault.places == "undo":
            points = list(self.undo_points())
            if procedure.few_points:
                return sorted({points[len(points) // 2], points[-1]})
            return sorted({*points[::self.every], points[-1]})
        if fault.places == "sign":
            waiting = [number for number, label in enumerate(self.labels, 1) if label.startswith("rename")
                       and "phase" in label]
            return waiting[-2:-1] if self.signs else []
        return [0]

    def moving(self):
        """The point at which a change moves fail2ban, or else half of its way."""
        moves = [number for number, label in enumerate(self.labels, 1) if label.startswith("client")]
        return moves[0] if moves else len(self.labels) // 2

    def undo_points(self):
        """The points of an undo, learnt from one that goes through."""
        if not self.clean:
            self.host.reset(self.procedure.prepare)
        _, _, labels = self.change({"do": "none", "moves": ["broken", "sound"]})
        self.clean = False
        moved = next((number for number, label in enumerate(labels, 1) if label.startswith("client")), None)
        if moved is None:
            raise RuntimeError("the change never came to its reload: %s" % labels[-3:])
        return range(moved + 1, len(labels) + 1)

    def one(self, fault, place):
        """One run: what is wrong afterwards, in sentences; nothing if all is well."""
        host = self.host
        before = host.look()
        if not before["register"]:
            host.forget_temporary()  # one that has nothing left to end may still be about to leave
        self.frozen = None
        plan, outside = self.plan(fault, place)
        self.bring(fault, True)
        known = set(os.listdir(host.path("var/lib/f2bctl/changes")))
        try:
            code, document, _ = self.change(plan, outside)
        finally:
            self.bring(fault, False)
        self.settle_down()
        problems = []
        if not self.struck and (place or fault.places != "start"):
            # A change that was refused on its way to the fault proves nothing about it.
            problems = ["the fault was never reached: exit %d, %s" % (code, document.get("error"))]
        new = sorted(set(os.listdir(host.path("var/lib/f2bctl/changes"))) - known)
        problems += self.judged(before, code, document, fault)
        records, broken = judge.audit_log(host)
        problems += broken
        now = self.now
        state = self.state
        for change in new:
            if not os.path.exists(host.path("var/lib/f2bctl/changes", change, "request.json")):
                continue
            ended, meant = judge.told(records, change)
            if state != meant:
                problems.append("the audit log says %s, and the host is %s" % (ended, state))
        if now["register"] and host.ender() is None:
            problems.append("nobody is there to end %s" % sorted(now["register"]))
        # The other hand's line stays where it was saved: the next run must not meet it.
        self.clean = state == "before" and not problems and fault.do != "another_hand"
        for name in [name for name in now["backups"] if name.endswith("-settle")]:
            host.remove("etc/fail2ban/" + name)
        return problems

    def plan(self, fault, place):
        """(the driver's plan, what the harness does at the point)."""
        what, _, rest = fault.do.partition(":")
        if what == "moves":
            plan = {"do": "none", "moves": rest.split(",")}
            if place:
                plan.update(do="kill", at=place)
            return plan, None
        if what in ("immutable", "mount"):
            return {"do": "none"}, None
        outside = what if what in ("crash", "operator", "cut", "freeze", "no_login") else None
        do = "outside" if outside else what
        return ({"do": do, "at": place} if place else {"do": "none", "before": do}), outside

    def bring(self, fault, on):
        """Faults of the host that stand before the change begins; and the end of every fault."""
        host = self.host
        what, _, path = fault.do.partition(":")
        if what == "immutable":
            subprocess.run(["chattr", "+i" if on else "-i", host.path(path)], check=True)
        elif what == "mount":
            jail_local = host.path("etc/fail2ban/jail.local")
            subprocess.run(["mount", "--bind", jail_local, jail_local] if on else ["umount", jail_local], check=True)
        if on:
            return
        if self.frozen:
            os.kill(self.frozen, signal.SIGKILL)
        if what == "no_login":
            self.logins("-D")
        if os.path.exists(host.path("var/lib/filler")):
            os.unlink(host.path("var/lib/filler"))

    def settle_down(self):
        """Waits until no agent works on the host any more."""
        self.host.until(lambda: not self.agents(), self.patience(90))

    def agents(self):
        """The agents that still run on the host."""
        found = []
        for name in os.listdir("/proc"):
            try:
                with open("/proc/%s/cmdline" % name, "rb") as file:
                    words = file.read().split(b"\0")
                if name.isdigit() and b"-I" in words[:3] and any(b"zlib" in word for word in words) and \
                        os.readlink("/proc/%s/root" % name) == self.host.root:
                    found.append(int(name))
            except OSError:
                continue
        return found

    def judged(self, before, code, document, fault):
        """Exit code against the host, and the next run's settling."""
        host, problems = self.host, []
        message = (document.get("error") or {}).get("message", document.get("outcome"))
        said = "exit %d (%s)" % (code, message)
        unsettled = judge.open_changes(host)
        self.state = "half"
        self.now = now = host.look()
        if fault.do == "server" and now["server"] is None and code in (0, 7):
            return self.after_loss(before, code, document, said)
        if fault.do == "read_only" and code == 3:
            now, unnamed = judge.leftovers(now, before, message)
            problems += ["%s, and does not name %s" % (said, unnamed)] if unnamed else []
        self.state, why = judge.state(now, before, self.planned)
        state = self.state
        if code == 0 and state != "planned":
            problems.append("%s, and the host is %s: %s" % (said, state, why))
        elif code in (3, 4, 5, 6) and state != "before":
            problems.append("%s, and the host is %s: %s" % (said, state, why))
        elif code not in (0, 3, 4, 5, 6, 7, -9):
            problems.append(said)
        # What a full disk kept out of the audit log is reported, and the next run puts it in; where nothing can be written any
        # more, nobody can close a journal either.
        told = "unrecorded" in [one["code"] for one in document.get("warnings") or []]
        ended = {(0, "planned"): "unrecorded changed", (6, "before"): "unrecorded restored"}.get((code, state))
        left = [one for one in unsettled if not told or one[1] != ended]
        if code in (0, 3, 4, 5, 6) and left and fault.do != "read_only":
            problems.append("%s, and the journal is open: %s" % (said, left))
        if code == 7 and state != "half" and not unsettled and fault.name not in UNKNOWN:
            problems.append("%s, and the host is wholly %s" % (said, state))
        if unsettled or code in (7, -9):
            problems += self.next_run(before, said)
        return problems

    def after_loss(self, before, code, document, said):
        """fail2ban is down and the change did not fail over it: that has to be said, and `start` has to be enough."""
        warned = "fail2ban_lost" in [one["code"] for one in document.get("warnings") or []]
        if not warned:
            return ["%s, fail2ban is down, and nothing says so" % said]
        started, document = self.host.operator("start", "--yes", timeout=self.patience(150))
        if started != 0:
            return ["%s; `start` then ended with %d: %s" % (said, started, document.get("error"))]
        self.set_at_run_time(before)
        until = time.monotonic() + self.patience(RESTORE_SECONDS)
        while True:
            self.now = judge.without_empty_chains(self.host.look())
            state, why = judge.state(self.now, judge.without_empty_chains(before),
                                     judge.without_empty_chains(self.planned))
            if state != "half" or time.monotonic() > until:
                break
        self.state = state
        return ["%s; after `start`: %s" % (said, why)] if state == "half" else []

    def set_at_run_time(self, before):
        """What was set at run time alone is gone with any server that is killed: it is set again by hand."""
        running, entry = self.host.look()["server"], host_module.RUNTIME_ENTRY
        wanted = [(jail, entry) for seen in (before, self.planned) for jail, known in (seen["server"] or {}).items()
                  if entry in known["ignoreip"]]
        wanted += [(jail, entry) for entry, (jails, _, _) in self.host.register().items() for jail in jails]
        for jail, entry in wanted:
            if jail in running:
                self.host.client("set", jail, "addignoreip", entry)

    def next_run(self, before, said):
        """The next run recovers what was left, and the host is then wholly one of the two."""
        host = self.host
        code, document = host.operator("backup", "--label", "settle", "--yes", timeout=self.patience(150))
        if code != 0:
            if self.procedure.name != "start":
                return ["%s; the next run ended with %d: %s" % (said, code, document.get("error"))]
        if judge.open_changes(host):
            return ["%s; the next run left the journal open" % said]
        self.now = host.look()
        self.state, why = judge.state(self.now, before, self.planned)
        return [] if self.state != "half" else ["%s; after the next run: %s" % (said, why)]


# Where f2bctl may rightly not know how it ended, although the host does.
UNKNOWN = ("link-silent",)
