"""The journal of a change, its requests of today and of before, the table of operations, and the temporary entries."""

import fcntl
import json
import os
import unittest
from unittest import mock

from paths import Case

from f2bctl_agent import journal, operations, recover, requests, temporary
from f2bctl_agent.loop import AgentError

OLD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "journals-v1")
REQUEST = {"operations": [
    {"kind": "backup", "label": "onboard"},
    {"kind": "replace_file", "path": "jail.local", "before": "YQ==", "after": "Yg=="},
    {"kind": "replace_file", "path": "filter.d/new.local", "before": None, "after": "Yw=="},
    {"kind": "reload"},
    {"kind": "set_runtime", "settings": [{"jail": "sshd", "key": "addignoreip", "value": "192.0.2.1"}]},
    {"kind": "lift_bans", "of": [{"network": "192.0.2.0/28", "jails": None}]},
], "audit": {"operator": "maria", "command": "onboard"}}


class OnHost(Case):
    def setUp(self):
        super().setUp()
        self.host = {"state_dir": self.path("state"), "config_dir": self.path("etc")}
        os.mkdir(self.host["config_dir"])
        self.write("etc/jail.local", b"a")
        os.mkdir(self.path("etc/filter.d"))

    def change(self, identifier="one", phase=None):
        change = journal.Change(self.host, identifier)
        change.open(REQUEST, {"jails": {}})
        if phase is not None:
            change.phase(phase)
        return change


class Outcome(OnHost):
    """The verb `outcome`: how a change ended, for an operator whose connection was lost."""

    def ask(self, identifier="one"):
        conversation = mock.Mock()
        return recover.outcome(conversation, {"host": self.host, "change_id": identifier, "wait": 0})

    def hold(self):
        """Holds the host's lock as another process would."""
        descriptor = os.open(self.path("state/lock"), os.O_RDWR | os.O_CREAT, 0o600)
        self.addCleanup(os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def test_a_change_that_somebody_works_on_is_running(self):
        for phase in ("prepared", "replaced", "undoing"):
            self.change(phase, phase)
        self.hold()
        for phase in ("prepared", "replaced", "undoing"):
            self.assertEqual(self.ask(phase), {"phase": phase, "result": None, "open": True, "running": True})

    def test_a_change_that_nobody_works_on_is_open_and_not_running(self):
        self.change(phase="replaced")
        self.assertEqual(self.ask(), {"phase": "replaced", "result": None, "open": True, "running": False})

    def test_an_end_is_answered_although_another_change_has_the_lock(self):
        change = self.change()
        change.write_json("result.json", {"outcome": "changed"})
        change.phase("done")
        self.hold()
        self.assertEqual(self.ask(), {"phase": "done", "result": {"outcome": "changed"}, "open": False, "running": False})

    def test_a_change_that_never_began_is_barred_from_beginning_once_the_lock_is_free(self):
        self.change("other", "done")
        self.assertEqual(self.ask()["phase"], None)
        self.assertEqual(self.ask()["phase"], "refused")
        self.hold()
        with self.assertRaises(AgentError) as caught:
            self.ask("two")
        self.assertEqual(caught.exception.kind, "locked")


class Journal(OnHost):
    def test_it_keeps_what_was_approved_and_the_files_as_they_were(self):
        change = self.change()
        self.assertEqual(change.request(), REQUEST)
        before = change.read_json("before.json")
        self.assertEqual([item["path"] for item in before], ["jail.local", "filter.d/new.local"])
        self.assertEqual(change.image(before[0]["image"]), b"a")
        self.assertNotIn("image", before[1])
        self.assertEqual(change.current_phase(), "prepared")
        self.assertEqual(os.stat(change.folder).st_mode & 0o777, 0o700)

    def test_a_change_is_open_until_its_phase_says_that_it_has_ended(self):
        change = self.change()
        for phase in ("prepared", "replacing", "replaced", "reloaded", "awaiting", "undoing"):
            change.phase(phase)
            self.assertEqual([(found["id"], found["phase"], found["operator"], found["files"])
                              for found in journal.changes(self.host)],
                             [("one", phase, "maria", ["jail.local", "filter.d/new.local"])])
            with self.assertRaises(AgentError):
                journal.refuse_open(self.host)
        for phase in journal.CLOSED:
            change.phase(phase)
            journal.refuse_open(self.host)

    def test_a_folder_without_a_phase_never_began(self):
        change = self.change()
        os.unlink(os.path.join(change.folder, "phase"))
        self.assertEqual((change.current_phase(), journal.changes(self.host)), (None, []))

    def test_no_identifier_leads_out_of_the_journal(self):
        for name in ("", "..", "a/b", "a.b", "x" * 65, "a\0b"):
            with self.assertRaises(AgentError):
                journal.Change(self.host, name)

    def test_a_state_directory_of_others_is_refused(self):
        self.change()
        os.chmod(self.path("state"), 0o777)
        for ask in (lambda: journal.changes(self.host), lambda: journal.Change(self.host, "one")):
            with self.assertRaises(AgentError):
                ask()

    def test_the_files_that_it_came_to_are_noted_and_taken_back(self):
        change = self.change()
        self.assertIsNone(change.replaced())
        change.replaces("b")
        change.replaces("a")
        change.leaves("b")
        self.assertEqual(change.replaced(), ["a"])

    def test_only_its_own_backup_is_removed(self):
        change = self.change()
        self.assertIsNone(change.backup())
        prepared, path = self.write("etc/prepared", b"a"), self.path("etc/backup")
        change.owns_backup(path, prepared)
        os.rename(prepared, path)
        self.assertEqual(change.backup(), path)
        self.write("etc/another", b"other")
        os.rename(self.path("etc/another"), path)
        self.assertIsNone(change.backup())
        change.forget_backup()
        self.assertTrue(os.path.exists(path))

    def test_the_oldest_ended_changes_are_forgotten_and_open_ones_are_not(self):
        for number in range(8):
            change = self.change("c%d" % number, "done" if number != 1 else "replaced")
            os.utime(os.path.join(change.folder, "phase"), (1000 + number, 1000 + number))
        with mock.patch.multiple(journal, REMEMBERED=3, SPARE=2):
            journal.forget_old(self.host, "c0")
        self.assertEqual(sorted(os.listdir(self.path("state/changes"))), ["c0", "c1", "c6", "c7"])


class Requests(Case):
    def test_the_parts_of_a_request(self):
        self.assertEqual([(file["path"], file["content"]) for file in requests.files(REQUEST)],
                         [("jail.local", "Yg=="), ("filter.d/new.local", "Yw==")])
        self.assertEqual(requests.files(REQUEST)[0]["before"][:8], "ca978112")
        self.assertIsNone(requests.files(REQUEST)[1]["before"])
        self.assertEqual((requests.server_move(REQUEST), requests.backup_label(REQUEST), requests.register(REQUEST)),
                         ("reload", "onboard", None))
        self.assertTrue(requests.has_part_in_server(REQUEST))
        self.assertEqual(requests.bans_to_lift(REQUEST), [{"network": "192.0.2.0/28", "jails": None}])

    def test_entries_that_have_ended_are_not_set_again(self):
        request = json.loads(json.dumps(REQUEST))
        requests.without_entries(request, {"sshd": {"192.0.2.1"}, "other": {"192.0.2.2"}})
        self.assertEqual(requests.settings(request), [])

    def test_requests_of_the_first_version_are_read_as_if_they_had_operations(self):
        names = sorted(name for name in os.listdir(OLD) if os.path.isdir(os.path.join(OLD, name)))
        self.assertGreater(len(names), 5)
        for name in names:
            with open(os.path.join(OLD, name, "request.json")) as file:
                old = json.load(file)
            self.assertNotIn("operations", old)
            found = requests.upgraded(old)
            operations.refuse_unknown(found)
            self.assertEqual(journal.paths(old), journal.paths(found))
            self.assertEqual(requests.server_move(found), old["server"])
            self.assertEqual(requests.backup_label(found), old["backup"])
            self.assertEqual(requests.bans_to_lift(found), old["unban"])
            self.assertEqual([file["after"] for file in requests.files(found)], [file["after"] for file in old["files"]])
            self.assertEqual(requests.upgraded(found), found)


class Operations(Case):
    def test_an_operation_that_nobody_knows_is_refused(self):
        with self.assertRaises(AgentError):
            operations.refuse_unknown({"operations": [{"kind": "backup"}, {"kind": "format_disk"}]})

    def test_all_that_undoes_has_its_place_in_the_order(self):
        self.assertEqual({undo for _, undo in operations.TABLE.values()} - {operations.keep}, set(operations.UNDO_ORDER))

    def test_they_are_done_in_the_order_of_the_request(self):
        done = []
        table = {kind: (lambda _, operation: done.append(operation["kind"]), undo)
                 for kind, (_, undo) in operations.TABLE.items()}
        transaction = mock.Mock(request=REQUEST)
        with mock.patch.object(operations, "TABLE", table):
            operations.run(transaction, "lift_bans", "reload", "backup")
        self.assertEqual(done, ["backup", "reload", "lift_bans"])

    def undone(self, problems, break_down=None):
        """The steps of an undo, with what each finds, and the list that it ends with."""
        done = []

        def step(name):
            def act(undoing):
                done.append(name)
                undoing.problems += problems.get(name, [])
                if name == break_down:
                    raise ValueError("broken")
            return act

        order = tuple(step(undo.__name__) for undo in operations.UNDO_ORDER)
        by_name = dict(zip((undo.__name__ for undo in operations.UNDO_ORDER), order))
        table = {kind: (do, by_name.get(undo.__name__, undo)) for kind, (do, undo) in operations.TABLE.items()}
        change = mock.Mock(request=lambda: REQUEST)
        with mock.patch.multiple(operations, TABLE=table, UNDO_ORDER=order):
            return done, operations.undo({}, change)

    def test_files_go_back_before_the_server_reads_them_and_each_step_comes_once(self):
        self.assertEqual(self.undone({}), (["put_files_back", "bring_server_back", "remove_backup"], []))
        self.assertEqual(self.undone({"put_files_back": ["a"]})[1], ["a"])

    def test_what_was_found_is_not_lost_when_a_step_breaks_down(self):
        done, problems = self.undone({"put_files_back": ["a"]}, break_down="bring_server_back")
        self.assertEqual(done, ["put_files_back", "bring_server_back"])
        self.assertEqual(problems[0], "a")
        self.assertIn("broken", problems[1])


class Temporary(OnHost):
    ENTRY = {"entry": "192.0.2.1", "jails": ["sshd"], "since": 1, "until": 2, "operator": "maria", "reason": None}

    def test_the_register_is_read_as_it_was_written(self):
        self.assertEqual(temporary.entries(self.host), [])
        temporary.write(self.host, [self.ENTRY])
        self.assertEqual(temporary.entries(self.host), [self.ENTRY])
        self.assertEqual(os.stat(temporary.path(self.host)).st_mode & 0o777, 0o600)

    def test_a_register_that_is_damaged_is_said_to_be(self):
        temporary.write(self.host, [])
        for text in (b"", b"{}", b"[]", b"\xff", b'{"entries": [{}]}', b'{"entries": [3]}',
                     json.dumps({"entries": [dict(self.ENTRY, until="soon")]}).encode(),
                     json.dumps({"entries": [dict(self.ENTRY, jails=[1])]}).encode()):
            self.write("state/temp.json", text)
            with self.assertRaises(AgentError, msg=text):
                temporary.entries(self.host)

    def test_entries_that_have_ended_are_left_out(self):
        later = dict(self.ENTRY, entry="192.0.2.2", until=2 ** 33)
        ended = temporary.ended_since({"temporary": [self.ENTRY, later]})
        self.assertEqual(ended, {"sshd": {"192.0.2.1"}})
        jails = {"sshd": {"values": {"ignoreip": ["192.0.2.1", "192.0.2.2"]}}, "other": {"values": {}}}
        self.assertEqual(temporary.without_ended(jails, ended)["sshd"]["values"]["ignoreip"], ["192.0.2.2"])


if __name__ == "__main__":
    unittest.main()
