"""The running Asterisk as /proc shows it: here a process of that name, with files and sockets open as Asterisk has them."""

import os
import subprocess
import sys
import unittest
from unittest import mock

from paths import Case

from f2bctl_agent import asterisk
from f2bctl_agent.loop import AgentError

# Opens what its arguments name, and is called asterisk from then on, until its stdin ends.
PROGRAM = """
import os, socket, sys
held = [open(path, "a") for path in sys.argv[2:]]
held += [open(sys.argv[1], "r"), open(sys.argv[1] + ".sqlite3", "w")]
def bound(family, kind, address):
    one = socket.socket(family, kind)
    one.bind(address)
    if kind == socket.SOCK_STREAM:
        one.listen()
    held.append(one)
    return one.getsockname()[1]
ports = [bound(socket.AF_INET, socket.SOCK_DGRAM, ("0.0.0.0", 0)), bound(socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 0)),
         bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)), bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))]
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.connect(("127.0.0.1", 9))
with open("/proc/self/comm", "w") as name:
    name.write("asterisk")
print(*ports, flush=True)
sys.stdin.read()
"""


class Running(Case):
    def setUp(self):
        super().setUp()
        self.log = self.write("messages.log", b"")

    def start(self, *paths):
        """A process with these files open; (its number, its ports)."""
        process = subprocess.Popen([sys.executable, "-I", "-c", PROGRAM, self.log] + list(paths), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        return process.pid, [int(word) for word in process.stdout.readline().split()]

    def look(self, pid, *paths):
        """(the process, the logs that are read): other tests may have processes of that name at the same time."""
        found = asterisk.observe(list(paths) or [self.log])
        return [process for process in found["processes"] if process["pid"] == pid][0], found["read"]

    def test_the_logs_that_are_open_to_append_to(self):
        full = self.path("full")
        process, read = self.look(self.start(full, self.log)[0])
        self.assertEqual([log["path"] for log in process["logs"]], [full, self.log])
        self.assertEqual(process["logs"][1]["file"], read[0]["file"])
        self.assertEqual({log["folder"] for log in process["logs"]}, set(read[0]["folders"]))
        self.assertEqual((process["unknown"], process["own_network"]), (None, False))

    def test_a_rotated_and_a_deleted_log_are_known_by_their_file(self):
        pid, _ = self.start(self.log, self.path("full"))
        os.rename(self.log, self.log + ".1")
        os.unlink(self.path("full"))
        self.write("messages.log", b"")
        process, read = self.look(pid)
        self.assertEqual([(log["path"], log["deleted"]) for log in process["logs"]],
                         [(self.log + ".1", False), (self.path("full"), True)])
        self.assertNotIn(read[0]["file"], [log["file"] for log in process["logs"]])

    def test_a_log_is_the_same_under_a_link(self):
        os.mkdir(self.path("links"))
        link = self.path("links/messages")
        os.symlink(self.log, link)
        process, read = self.look(self.start(self.log)[0], link, self.path("none/there.log"))
        self.assertEqual(read[0]["file"], process["logs"][0]["file"])
        self.assertIn(process["logs"][0]["folder"], read[0]["folders"])
        self.assertEqual((read[1]["file"], read[1]["folders"]), (None, []))

    def test_another_program_that_writes_the_log(self):
        pid, _ = self.start(self.path("full"))
        self.assertEqual(self.look(pid)[1][0]["writers"], [])
        with open(self.log, "a"):
            self.assertEqual(len(self.look(pid)[1][0]["writers"]), 1)

    def test_ports_that_others_can_reach(self):
        pid, (udp, tcp, _, _) = self.start(self.log)
        process, _ = self.look(pid)
        self.assertEqual(process["sockets"], [{"protocol": "tcp", "port": tcp}, {"protocol": "udp", "port": udp}])

    def test_a_process_that_may_not_be_looked_at(self):
        pid, _ = self.start(self.log)
        for error, expected in ((PermissionError(13, "Permission denied", "/proc/1/fd"), "Permission denied (/proc/1/fd)"),
                                (ProcessLookupError(3, "No such process"), None)):
            with mock.patch.object(asterisk, "_descriptors", side_effect=error):
                found = [process for process in asterisk.observe([self.log])["processes"] if process["pid"] == pid]
            self.assertEqual([process["unknown"] for process in found], [expected] if expected else [])

    def test_no_asterisk_is_an_empty_list_unless_other_processes_are_hidden(self):
        with mock.patch.object(asterisk, "_pids", return_value=[os.getpid()]):
            self.assertEqual(asterisk.observe([self.log])["processes"], [])
            with mock.patch.object(os.path, "isdir", return_value=False), self.assertRaises(AgentError) as caught:
                asterisk.observe([])
        self.assertEqual(caught.exception.kind, "permission")


class Addresses(unittest.TestCase):
    @unittest.skipUnless(sys.byteorder == "little", "the kernel prints addresses in the machine's own order")
    def test_loopback(self):
        own = ["0100007F", "3500007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"]
        others = ["00000000", "010200C0", "00000000000000000000000000000000", "B80D0120000000000000000001000000",
                  "0000000000000000FFFF0000010200C0"]
        for text in own + others:
            self.assertEqual(asterisk._is_loopback(text), text in own, text)


if __name__ == "__main__":
    unittest.main()
