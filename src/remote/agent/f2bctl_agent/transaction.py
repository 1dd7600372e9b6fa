"""One change as one transaction: lock, compare, journal, back up, replace, reload, prove, record - or undo.

    lock -> compare -> [prepared] -> backup -> [replacing] -> rename ..., register of temporary entries -> [replaced]
         -> [reloading] -> reload -> [reloaded] -> runtime entries -> [lifting] -> unban -> prove
         -> [awaiting] a confirmation, where it is asked for -> a last look -> record -> [done] -> a look back
    a failure in brackets or later: revert from the journal -> [undone], or the phase stays "undoing": not restored

Nothing live is touched before the journal is durable, and each phase is durable before its step begins.
"""

import base64
import os
import time

from f2bctl_agent import arming, attributes, bans, configuration, control, database, firewall, journal, lock, observe
from f2bctl_agent import audit_log, confirmation, operations, proof, replacing, requests, restoring
from f2bctl_agent import revert, server, temporary
from f2bctl_agent.revert import reason
from f2bctl_agent.loop import AgentError, describe

PROOF_SECONDS = 15


def apply(conversation, arguments):
    """The verb `apply`: runs an approved plan to a safe end, whoever still listens."""
    host = arguments["host"]
    lock.acquire(conversation, {"host": host, "wait": arguments["wait"]})
    try:
        journal.state_folder(host)
        lock.sign(host, {"operator": arguments["audit"]["operator"], "command": arguments["audit"]["command"]})
        journal.refuse_open(host)
        compare_with_plan(host, arguments["expect"])
        operations.refuse_unknown(arguments)
        compare_files(host, requests.files(arguments))
        if requests.server_move(arguments) != "none" or requests.bans_to_lift(arguments):
            database.refuse_locked(host)
        if requests.server_move(arguments) == "start":
            refuse_hanging(host, "nothing was changed")
        return Transaction(conversation, host, arguments).run()
    except OSError as error:
        raise AgentError("precondition", "nothing was changed: %s" % describe(error), errno=error.errno)
    finally:
        lock.release(host)


def refuse_hanging(host, message):
    """Refuses where the server hangs: nothing may be started beside it, and it can be brought neither forward nor
    back."""
    try:
        control.refuse_hanging(host)
    except control.Failed as error:
        raise AgentError("precondition", "%s: %s" % (message, error))


def compare_with_plan(host, expect):
    """Refuses when the host is no longer what the plan was made on, and names what moved."""
    now = configuration.fingerprint(host["config_dir"])
    names = sorted(name for name in set(now) | set(expect["files"]) if now.get(name) != expect["files"].get(name))
    if names:
        raise AgentError("conflict", "changed since the plan was made: %s" % ", ".join(names), files=names)
    running = observe.running(host)
    if expect["digest"] is None:
        if running["running"]:
            raise AgentError("conflict", "fail2ban was started since the plan was made", files=[])
    elif not running["running"]:
        raise AgentError("conflict", "fail2ban was stopped since the plan was made", files=[])
    elif running["digest"] != expect["digest"]:
        raise AgentError("conflict", "the running jails were changed since the plan was made", files=[])
    if expect.get("temporary") is not None and temporary.entries(host) != expect["temporary"]:
        raise AgentError("conflict", "the temporary entries were changed since the plan was made", files=[])


def compare_files(host, files):
    """Refuses when a file that is to be replaced is not what was planned on, also one that fail2ban does not read."""
    moved = []
    for file in files:
        path = os.path.join(host["config_dir"], file["path"])
        now = configuration.digest(configuration.read_bytes(path)) if os.path.exists(path) else None
        if now != file["before"]:
            moved.append(file["path"])
    if moved:
        raise AgentError("conflict", "changed since the plan was made: %s" % ", ".join(moved), files=moved)


class Overtaken(Exception):
    """A file was edited outside f2bctl first, and none was replaced yet: the path."""


class Transaction:
    """The steps of one change, with what they found and made."""

    def __init__(self, conversation, host, request):
        self.conversation = conversation
        self.host = host
        self.request = request
        self.change = journal.Change(host, request["change_id"])
        self.change.tell = self.step
        self.result = {"change_id": request["change_id"], "backup": None, "unbanned": [], "proof": [],
                       "attributes_lost": []}
        self.replacements = []
        self.lifted = {}
        self.since = None  # for a recovery: what is known of the time between

    def run(self):
        """Prepares, then changes; what fails while nothing live was touched is a refusal, later it is undone."""
        try:
            self.prepare()
        except (OSError, AgentError) as error:
            left = self.withdraw()
            message = error.message if isinstance(error, AgentError) else describe(error)
            raise AgentError("precondition", "nothing was changed: %s%s" % (message, left))
        try:
            self.replace()
        except Overtaken as error:
            left = self.withdraw()
            raise AgentError("conflict", "nothing was changed: %s was edited outside f2bctl at the same moment%s"
                             % (error, left))
        except Exception as error:
            return self.undo(reason(error))
        return self.go_on()

    def go_on(self):
        """From the new files to the end, for a change that runs and for one that is finished later."""
        try:
            self.move_server()
            self.prove()
            operations.run(self, "confirm")
            self.look_once_more()
        except confirmation.NotConfirmed as error:
            return self.undo(reason(error), lift=confirmation.newly_banned(self.conversation, self.change))
        except Exception as error:
            return self.undo(reason(error))
        return self.finish("changed", "done")

    def prepare(self):
        """Everything that a full disk or a missing right can stop: the journal, the backup, the new files."""
        attributes.refuse_second_names(self.host["config_dir"], requests.files(self.request))
        self.step("journal", "Writing the journal.")
        self.change.open(self.request, self.live())
        audit_log.append(self.host, dict(self.request["audit"], kind="intent", change_id=self.change.identifier))
        operations.run(self, "backup")
        for file in requests.files(self.request):
            path = configuration.inside(self.host["config_dir"], file["path"])
            content = None if file["content"] is None else base64.b64decode(file["content"])
            replacement = replacing.Replacement(path, content, file.get("attributes"))
            self.replacements.append((file, replacement))
            self.lose(replacement.path, replacement.lost)

    def lose(self, path, names):
        """Notes extended attributes that a new file could not get; that is reported, and no reason to refuse."""
        if names:
            self.result["attributes_lost"].append("%s of %s" % (", ".join(names), path))

    def live(self):
        """The server and the firewall as they are before the change, for the undo and the proof."""
        running = observe.running(self.host)
        registered = temporary.entries(self.host) if self.request["expect"].get("temporary") else []
        if not running["running"]:
            return {"running": False, "jails": {}, "chains": {}, "temporary": registered}
        return {"running": True, "jails": running["jails"], "chains": firewall.observe()["chains"],
                "temporary": registered}

    def back_up(self, label):
        """A backup with jail.local's owner, mode and attributes, under a name that did not exist."""
        source = os.path.join(self.host["config_dir"], "jail.local")
        data = configuration.read_bytes(source)
        facts = os.stat(source)
        stem = "%s.bak-%s%s" % (source, time.strftime("%Y-%m-%d-%H%M%S"), "-" + label if label else "")
        prepared = os.path.join(os.path.dirname(source), ".jail.local.f2bctl-backup-%d" % os.getpid())
        try:
            self.lose("the backup", self.copy_privately(prepared, data, facts, source))
            self.result["backup"] = self.name_backup(prepared, stem)
        finally:
            configuration.forget(prepared)
        configuration.sync_folder(os.path.dirname(source))

    @staticmethod
    def copy_privately(path, data, facts, source):
        """A durable copy with owner, mode and extended attributes of the original: the names that could not be kept."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            lost = attributes.take_over(out.fileno(), source, facts)
            os.fsync(out.fileno())
        return lost

    def name_backup(self, prepared, stem):
        """Gives the finished backup the first free name; it is there whole or not at all, and the journal knows it."""
        for attempt in range(1, 1000):
            path = stem if attempt == 1 else "%s-%d" % (stem, attempt)
            self.change.owns_backup(path, prepared)
            try:
                os.link(prepared, path)
            except FileExistsError:
                continue
            return path
        raise AgentError("precondition", "no free name for a backup beside %s" % stem)

    def withdraw(self):
        """Takes back what a preparation that failed has left; nothing live was touched.

        What could not be removed is named, and the change stays open, so that the next run removes it.
        """
        for _, replacement in self.replacements:
            replacement.abandon()
        self.attempt(self.change.forget_backup)
        left = self.left_behind()
        if not left:
            self.attempt(lambda: self.change.phase("refused"))
        self.attempt(self.record_refusal)
        if not left:
            return ""
        return "; these files, which fail2ban does not read, stay until the next change: %s" % ", ".join(left)

    @staticmethod
    def attempt(act):
        """The disk that refused a preparation may refuse this too; nothing depends on it."""
        try:
            act()
        except (OSError, AgentError):
            pass

    def left_behind(self):
        """Files of this change that are still there, though it came to nothing."""
        found = self.change.temporaries(self.request)
        backup = self.result["backup"]
        return found + ([backup] if backup is not None and os.path.lexists(backup) else [])

    def record_refusal(self):
        """Records that the intent came to nothing."""
        audit_log.append(self.host, dict(self.request["audit"], kind="outcome", change_id=self.change.identifier,
                                       outcome="refused"))

    def replace(self):
        """Puts the new files in force, in the request's order: every prefix of it can start."""
        if not self.replacements and requests.register(self.request) is None:
            return
        self.change.phase("replacing")
        if self.replacements:
            self.step("replace", "Replacing %s." % ", ".join(journal.paths(self.request)))
        before = {file["path"]: file for file in self.change.read_json("before.json")}
        foreign = [replacement.path for file, replacement in self.replacements
                   if revert.file_state(replacement.path, before[file["path"]], file) == "foreign"]
        if foreign:
            raise Overtaken(foreign[0])
        operations.run(self, "replace_file", "register_temporary")
        self.change.phase("replaced")

    def replace_file(self, path):
        """Puts one file in force, unless it is so already, as for a change that is finished later."""
        before = {file["path"]: file for file in self.change.read_json("before.json")}
        for file, replacement in self.replacements:
            if file["path"] != path:
                continue
            self.change.replaces(path)
            if revert.file_state(replacement.path, before[path], file) == "foreign":
                self.change.leaves(path)
                if not self.change.replaced():
                    raise Overtaken(replacement.path)
                raise control.Failed("%s was edited outside f2bctl at the same moment" % replacement.path)
            replacement.commit()

    def arm(self):
        """Sees to it that temporary entries end by themselves, and notes who does it."""
        self.result["ender"] = arming.arm(self.conversation.session, self.host, temporary.entries(self.host))

    def move_server(self):
        """Reload or start, then what a reload drops, then the bans to lift."""
        if requests.server_move(self.request) != "none":
            self.change.phase("reloading")
            operations.run(self, "reload", "restart", "start")
            self.change.phase("reloaded")
        operations.run(self, "set_runtime", "lift_bans")

    def lift_bans(self, wanted):
        """Lifts bans, when what the database has of them is noted."""
        self.keep_bans(wanted)
        self.change.phase("lifting")
        self.step("unban", "Lifting bans.")
        self.lifted = bans.lift(self.host, wanted, self.step)
        if self.since is not None:
            self.lifted = together(self.lifted, self.change.kept_bans())
        self.result["unbanned"] = unbanned(self.lifted, bans.unblock(self.host, wanted))

    def set_runtime(self, wanted):
        """Sets what is in no file; a server that refuses it is named with the jail and the value."""
        if requests.server_move(self.request) == "start":
            control.await_jails(self.host, {entry["jail"] for entry in wanted})
        for entry in wanted:
            try:
                control.set_values(self.host, entry["jail"], [(entry["key"], entry["value"])])
            except server.Refused as error:
                raise control.Failed("%s of %s in jail %s failed: fail2ban-server answered: %s"
                                     % (entry["key"], entry["value"], entry["jail"], error))

    def start(self):
        """Starts the server; one that others have started before this was finished reads the new files."""
        expected = self.request["expected"] or {}
        if self.since is not None and control.is_running(self.host):
            changed = revert.changed_actions(expected, proof.look(self.host["config_dir"])[0])
            control.reload(self.host, changed, self.step)
        else:
            control.start(self.host, expected)

    def keep_bans(self, wanted):
        """Notes what fail2ban's database has of the bans to lift, beside what an earlier try has noted."""
        kept = self.change.kept_bans()
        for name, found in bans.rows(self.host, wanted).items():
            kept[name] = dict(found, **kept.get(name, {}))
        self.change.write_json("bans.json", kept)

    def prove(self):
        """Asks the server and the firewall whether what was approved is what runs."""
        if self.request["expected"] is None:
            return
        self.step("prove", "Proving the result against the running server.")
        live = self.change.read_json("live.json")
        standing = {name: self.standing(name, live["jails"][name]["bans"])
                    for name in set(live["jails"]) & set(self.request["expected"])}
        bantimes = {name: (live["jails"][name]["values"].get("bantime"),
                           self.request["expected"][name]["values"].get("bantime")) for name in standing}
        meant = proof.Meant(self.request["expected"], standing, live["chains"], self.lifted, bantimes, live["jails"])
        self.result["proof"], problems = proof.wait(self.host["config_dir"], meant, PROOF_SECONDS, self.step)
        if problems:
            raise control.Failed("the proof failed: %s" % "; ".join(problems))

    def standing(self, name, before):
        """The bans of before that have to stand: not those that were lifted, by this change or meanwhile by others."""
        lifted = set(self.lifted.get(name, ()))
        kept = [ban for ban in before if ban["ip"] not in lifted]
        return kept if self.since is None else self.since.standing(name, kept, self.request)

    def look_once_more(self):
        """The last thing before the record: between the proof and this, a sign may have been waited for."""
        self.look_after_ends()
        lost = self.lost("changed")
        if lost is not None and self.request["expected"] is not None:
            raise control.Failed("after the proof, %s" % lost)

    def lost(self, outcome):
        """Why fail2ban does not run as this outcome says; None if it does, or if it did not run before either."""
        live = self.change.read_json("live.json")
        if outcome == "changed" and self.request["expected"] is not None:
            return control.lost(self.host, self.request["expected"])
        if not live["running"]:
            return None
        # A change that has no part in the server answers for its being there, not for each jail.
        return control.lost(self.host, live["jails"] if self.request["expected"] is not None else ())

    def look_back(self):
        """What stopped while the end was being written is reported, and recorded in the audit log.

        Nobody can see a server die after the last look; this one comes after everything that the change itself does.
        """
        outcome = self.result["outcome"]
        if outcome not in ("changed", "restored"):
            return
        try:
            self.result["lost"] = self.lost(outcome)
            if self.result["lost"] is not None and self.request["expected"] is not None:
                self.result["outcome"] = "lost"
                self.result["audit"] = audit_log.append(self.host, dict(
                    self.request["audit"], kind="outcome", change_id=self.change.identifier, outcome="not_restored",
                    failure="after it had ended as `%s`, %s" % (outcome, self.result["lost"])))
                self.change.write_json("result.json", self.result)
        except (OSError, AgentError) as error:
            self.result.setdefault("unrecorded", []).append(reason(error))

    def lift(self, wanted):
        """Lets the operator in again, first of all; a server that does not answer is left to the revert."""
        try:
            if wanted:
                bans.lift(self.host, wanted)
        except (OSError, server.Refused):
            pass

    def undo(self, why, lift=()):
        """Puts the host back; 'restored' is only reported after it was checked."""
        self.step("undo", "It failed (%s); putting the host back." % why)
        for _, replacement in self.replacements:
            replacement.abandon()
        self.result["failure"] = why
        if self.since is not None:
            self.since.phase = self.change.current_phase()
        try:
            self.lift(lift)
            problems = operations.undo(self.host, self.change, self.since and self.since.restore_server)
        except Exception as error:  # whatever happens here, the operator must learn that the host is not restored
            problems = [reason(error)]
        self.look_after_ends()
        self.result["unbanned"] = []
        self.result["not_restored"] = problems
        if problems:
            return self.finish("not_restored", None)
        self.result["backup"] = None
        return self.finish("restored", "undone")

    def finish(self, outcome, phase):
        """Records how it ended, in the journal and in the audit log; an unrestored change keeps its open phase."""
        self.result["outcome"] = outcome
        if self.since is not None:
            self.result["left_alone"] = self.since.others
        end(self.host, self.change, self.request, self.result, phase)
        try:
            journal.forget_old(self.host, self.change.identifier)
        except OSError:
            pass  # the next change tries again; this one is over
        self.look_back()
        return self.result

    def look_after_ends(self):
        """Temporary entries still end by themselves when this change is over."""
        found, why = arming.look_after(self.conversation.session, self.host)
        if found is not None:
            self.result["ender"] = found
        if why is not None:
            self.result["unended"] = why

    def step(self, step, text):
        """Tells whoever listens."""
        self.conversation.event(step, text)


def together(lifted, earlier):
    """{jail: [ip]} of the bans lifted now and of those that an interrupted try had come to."""
    return {name: sorted(set(lifted.get(name, ())) | set(earlier.get(name, ()))) for name in set(lifted) | set(earlier)}


def unbanned(lifted, unblocked):
    """[{ip, jails, chains}] of who was let go of: in which jails, and in which chains that no jail's ban was the reason
    of."""
    found = {}
    for key, places in (("jails", lifted), ("chains", unblocked)):
        for name in sorted(places):
            for ip in places[name]:
                found.setdefault(ip, {"ip": ip, "jails": []}).setdefault(key, []).append(name)
    return [found[ip] for ip in sorted(found)]


def for_the_record(result):
    """What a result has for the audit log: of many addresses the first ones, and how many there were."""
    found = {key: result.get(key) for key in ("outcome", "failure", "not_restored", "backup")}
    found["proof"] = [dict(row, **some_of("banned", row.get("banned", []))) for row in result.get("proof") or []]
    return dict(found, **some_of("unbanned", result.get("unbanned") or []))


def some_of(key, items):
    """The first of a list under its key, and its length beside it where there are more."""
    few = {key: items[:restoring.NAMED]}
    return dict(few, **{key + "_count": len(items)}) if len(items) > restoring.NAMED else few


def end(host, change, request, result, phase):
    """The last writes of a change; a disk that refuses them does not make a proven change unproven, so it is
    reported."""
    unwritten = []
    files = [{key: file[key] for key in ("path", "before", "after")} for file in requests.files(request)]
    record = dict(request["audit"], kind="outcome", change_id=change.identifier, files=files,
                  **for_the_record(result))
    record.update({key: value for key, value in (("settled", request.get("settled")),
                                                 ("left_alone", result.get("left_alone"))) if value})
    if result["outcome"] == "changed" and "done" in request:
        record["done"] = request["done"]
    try:
        result["audit"] = audit_log.append(host, record)
    except Exception as error:  # the change itself is over: nothing here may make it look otherwise
        unwritten.append(reason(error))
        phase = phase and "%s %s" % (journal.UNRECORDED, result["outcome"])
    for act in (lambda: change.write_json("result.json", result), lambda: change.phase(phase) if phase else None):
        try:
            act()
        except Exception as error:  # as above
            unwritten.append(reason(error))
    if unwritten:
        result["unrecorded"] = unwritten
    if phase and change.current_phase() != phase:
        result["outcome"] = journal.UNRECORDED
