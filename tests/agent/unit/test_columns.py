"""The action log as columns: which events of which file, at which times, and what is left out of a flood."""

import gzip
import os
import time
import unittest
from unittest import mock

from paths import Case

from f2bctl_agent import columns
from f2bctl_agent.loop import AgentError

NOW = 1795800000


def stamp(moment):
    """A local time as fail2ban writes it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment)).encode("ascii")


def line(moment, words, module=b"actions", level=b"NOTICE "):
    """A line of the action log."""
    return stamp(moment) + b",123 fail2ban.%-15s [4242]: " % module + level + b" " + words + b"\n"


def found(moment, address, own=None, more=b""):
    """A failure that a jail found."""
    return line(moment, b"[scan] Found " + address + b" - " + stamp(own or moment) + more, b"filter", b"INFO   ")


class Of(Case):
    def setUp(self):
        super().setUp()
        columns.Budget.left, columns.Budget.end = columns.MOST_BYTES, time.monotonic() + 30

    def of(self, name="log", since=None):
        inode = os.stat(self.path(name)).st_ino
        return columns.columns(None, {"path": self.path(name), "inode": inode, "since": since})

    def events(self, answer):
        moment, events = 0, []
        for name, step in zip(map(int, answer["events"].split()), map(int, answer["times"].split())):
            moment += step
            events.append((answer["names"][name], moment))
        return events

    def test_each_kind_of_line_with_its_own_time(self):
        text = line(NOW, b"Jail 'scan' started", b"jail", b"INFO   ") + found(NOW + 1, b"198.51.100.7")
        text += found(NOW + 70, b"198.51.100.7", NOW + 5) + line(NOW + 71, b"[scan] Ban 198.51.100.7")
        text += line(NOW + 72, b"[scan] 198.51.100.7 already banned") + line(NOW + 80, b"[scan] Unban 198.51.100.7")
        text += line(NOW + 81, b"[scan] Restore Ban 2001:db8::7") + line(NOW + 82, b"[scan] Ignore 192.0.2.5 by ip", b"filter", b"INFO   ")
        text += line(NOW + 83, b"[scan] Found 198.51.100.7, bad - " + stamp(NOW + 83) + b", 1 # -> 3.0", b"filter", b"INFO   ")
        text += b"nonsense\n" + line(NOW, b"[scan] Found nobody") + line(NOW, b"rollover performed")
        self.write("log", text, NOW + 90)
        self.assertEqual(self.events(self.of()), [
            ("Jail 'scan' started", NOW), ("[scan] Found 198.51.100.7", NOW + 1), ("[scan] Found 198.51.100.7", NOW + 5),
            ("[scan] Ban 198.51.100.7", NOW + 71), ("[scan] 198.51.100.7 already banned", NOW + 72),
            ("[scan] Unban 198.51.100.7", NOW + 80), ("[scan] Restore Ban 2001:db8::7", NOW + 81),
            ("[scan] Ignore 192.0.2.5", NOW + 82), ("[scan] Found 198.51.100.7 # 3", NOW + 83)])

    def test_of_a_flood_the_newest_are_kept(self):
        self.write("log", b"".join(found(NOW + number, b"198.51.100.7") for number in range(100)), NOW + 100)
        with mock.patch.object(columns, "MOST_EVENTS", 10):
            answer = self.of()
        events = self.events(answer)
        self.assertEqual((len(events), events[0][1], answer["first"]), (10, NOW + 90, NOW + 90))
        with mock.patch.object(columns, "MOST_NAMES", 1):
            self.write("log", found(NOW, b"198.51.100.7") + found(NOW, b"198.51.100.8"), NOW)
            answer = self.of()
        self.assertEqual((len(self.events(answer)), answer["dropped"]), (1, 1))

    def test_files_that_are_known_again_and_bounds(self):
        self.write("log.2.gz", gzip.compress(found(NOW - 900, b"198.51.100.7")), NOW - 900)
        self.write("log.1", found(NOW - 500, b"198.51.100.7"), NOW - 500)
        self.write("log", found(NOW, b"198.51.100.7"), NOW)
        with mock.patch.object(time, "time", lambda: NOW):
            files = columns.action_files(None, {"host": {"log": self.path("log")}, "since": 600})["files"]
            again = columns.action_files(None, {"host": {"log": self.path("log")}, "since": 6000})["files"]
        self.assertEqual([file["path"] for file in files], [self.path("log"), self.path("log.1")])
        self.assertEqual((files[0]["ends"], files[1], len(again)), (None, again[1], 3))
        self.assertEqual(self.events(self.of("log.2.gz"))[0][1], NOW - 900)
        self.write("log.1", found(NOW - 400, b"198.51.100.7"), NOW - 400)
        with mock.patch.object(time, "time", lambda: NOW):
            changed = columns.action_files(None, {"host": {"log": self.path("log")}, "since": 600})["files"]
        self.assertNotEqual(changed[1]["ends"], files[1]["ends"])
        columns.Budget.left = 0
        self.assertTrue(self.of()["truncated"])
        with self.assertRaises(AgentError):
            columns.columns(None, {"path": self.path("log"), "inode": 1, "since": None})
        self.assertEqual(columns.action_files(None, {"host": {"log": self.path("none")}, "since": 6})["files"], [])


if __name__ == "__main__":
    unittest.main()
