"""Asking a program of fail2ban's: what it is given comes through, however it ends. No fail2ban is needed for that."""

import contextlib
import sys
import time
import unittest
from unittest import mock

from paths import Case

from f2bctl_agent import forecast, own_classes
from f2bctl_agent.loop import AgentError

COUNT = """
answer = [[len(line) for line in lines(section(), encoding)] for encoding in given]
"""


class Asking(Case):
    def setUp(self):
        super().setUp()
        self.program = self.write("fail2ban-server", b"#!%s -I\n" % sys.executable.encode())

    def ask(self, *others, **named):
        return own_classes.ask(self.program, *others, **named)

    def test_sections_are_lines_in_their_encoding(self):
        sections = [[b"a\nb\xe9\r\n", b"ccc"], [], ["é\n".encode("utf-16-le"), b"", "日本\n".encode("utf-16-le")], [b"\xff\xfe\n"]]
        self.assertEqual(self.ask(COUNT, ["latin-1", "utf-8", "utf-16-le", "utf-8"], sections), [[1, 3, 3], [], [1, 2], [2]])

    def test_only_the_end_of_a_line_ends_it(self):
        self.assertEqual(self.ask(COUNT, ["utf-8"], [["a\x0bb\x0cc\x85d\u2028e\rf\n".encode("utf-8")]]), [[11]])

    def test_much_comes_through(self):
        block = b"x" * 99 + b"\n"
        self.assertEqual(self.ask("\nanswer = sum(1 for line in lines(section(), 'utf-8'))", None, [[block * 10000] * 8]), 80000)

    def test_one_that_fails_says_why(self):
        for body in ("\nraise ValueError('no such filter')", "\nsection().__next__()\nraise ValueError('no such filter')"):
            with self.assertRaisesRegex(AgentError, "") as caught:
                self.ask(body, None, [[b"x" * 1000000 + b"\n"] * 8])
            self.assertIn("ValueError: no such filter", caught.exception.message)

    def test_one_that_does_not_end_is_ended(self):
        for body in ("\nimport time\ntime.sleep(60)", "\nwhile True: pass"):
            began = time.monotonic()
            with self.assertRaises(AgentError) as caught:
                self.ask(body, None, [[b"x" * 1000000 + b"\n"] * 8], seconds=1)
            self.assertIn("did not end within 1 s", caught.exception.message)
            self.assertLess(time.monotonic() - began, 20)


class ReadingBack(Case):
    def test_a_jail_has_the_lines_since_findtime(self):
        now = int(time.time())
        text = b"".join(time.strftime("%Y-%m-%d %H:%M:%S x\n", time.localtime(now - 100000 + 10 * number)).encode()
                        for number in range(10000))
        values = {"logpath": [self.write("log", text), self.path("missing")], "findtime": 600}
        with contextlib.ExitStack() as stack:
            [blocks] = forecast.read_back(values, stack)
            read = b"".join(blocks)
        self.assertGreaterEqual(read.count(b"\n"), 60)
        self.assertLess(len(read), len(text) // 2)

    def test_a_log_that_is_too_long_or_is_no_log_is_unknown_with_the_reason(self):
        jails = {"long": {"values": {"backend": "files", "findtime": 600, "logpath": [self.write("log", b"x\n" * 1000)]}},
                 "pipe": {"values": {"backend": "files", "findtime": 600, "logpath": ["/dev/zero"]}},
                 "journal": {"values": {"backend": "systemd"}}}
        with mock.patch.object(forecast, "MOST_BYTES", 100):
            found = forecast.forecast(self.path("missing"), [], jails, sorted(jails))
        self.assertEqual(sorted(found), ["long", "pipe"])
        self.assertIn("has more than", found["long"]["unknown"])
        self.assertIn("not a regular file", found["pipe"]["unknown"])


if __name__ == "__main__":
    unittest.main()
