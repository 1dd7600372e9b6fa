"""Looking back: what is cut out of logs, from which files, with which line numbers, and where the horizon is."""

import gzip
import time
import unittest
from unittest import mock

from paths import Case

from f2bctl_agent import look_back, wanted

NOW = 1795800000


def line(moment, text):
    """A line of Asterisk's log."""
    return time.strftime("[%Y-%m-%d %H:%M:%S] NOTICE[1] ", time.localtime(moment)).encode("ascii") + text + b"\n"


def failed(address):
    """What stands in a line about an address."""
    return b"Request 'REGISTER' from '<sip:6004@192.0.2.1>' failed for '" + address + b":5060' (callid: a) - No matching"


class Asked(Case):
    def holds(self, network, text):
        asked = wanted.Wanted([network])
        found = [line for _, line in asked.lines(b"x\n" + text + b"\ny\n")]
        self.assertIn(len(found), (0, 1))
        return bool(found)

    def test_an_address_is_not_the_beginning_or_the_end_of_another(self):
        for text, is_it in ((b"'198.51.100.2:5060'", True), (b"198.51.100.22", False), (b"1198.51.100.2", False),
                            (b"198.51.100.2.9", False), (b"9.198.51.100.2", False), (b"IPV4/UDP/198.51.100.2/5060", True),
                            (b"Found 198.51.100.2 - 2026", True), (b"seen 198.51.100.2.", True),
                            (b"198.51.100.22 and 198.51.100.2", True), (b"::ffff:198.51.100.2", True)):
            self.assertEqual(self.holds("198.51.100.2", text), is_it, text)

    def test_an_ipv6_address_in_each_form(self):
        for text, is_it in ((b"[2001:db8::5]:5060", True), (b"IPV6/UDP/2001:db8::5/5060", True), (b"2001:db8::55", False),
                            (b"from 2001:DB8::5, x", True), (b"2001:0db8:0000:0000:0000:0000:0000:0005", True),
                            (b"2001:db8:0:0:0:0:0:5 - x", True), (b"12001:db8::5", False), (b"2001:db8::5:5", False)):
            self.assertEqual(self.holds("2001:db8::5", text), is_it, text)

    def test_networks_by_what_they_have_in_common(self):
        self.assertTrue(self.holds("203.0.113.0/28", b"x 203.0.113.15 y"))
        self.assertFalse(self.holds("203.0.113.0/28", b"x 203.0.113.16 y"))
        self.assertTrue(self.holds("203.0.96.0/20", b"x 203.0.111.1"))
        self.assertTrue(self.holds("2001:db8:0:7::/64", b"2001:db8:0:7::1 x"))
        self.assertTrue(self.holds("2001:db8::/48", b"2001:db8::1 x"))
        self.assertFalse(self.holds("2001:db8:7::/48", b"2001:db8:8::1 x"))

    def test_an_account_where_asterisk_says_one(self):
        for text, is_it in ((b"from '<sip:6004@192.0.2.1>' failed", True), (b'AccountID="6004",', True), (b"sip:60041@x", False),
                            (b"endpoint '6004' (1.2.3.4", True), (b"[6004] 6004", False), (b"NOTICE[6004] x", False)):
            found = list(wanted.Wanted([], ["6004"]).lines(text + b"\n"))
            self.assertEqual(bool(found), is_it, text)


class Cut(Case):
    def cut(self, since=None, asked="198.51.100.2", most=100):
        return look_back.cut(self.path("log"), wanted.Wanted([asked]), since, look_back.Budget(), most)

    def test_a_log_with_its_rotated_files_in_the_order_of_time(self):
        self.write("log.2.gz", gzip.compress(line(NOW - 900, b"x") + line(NOW - 800, failed(b"198.51.100.2"))), NOW - 800)
        self.write("log.1", line(NOW - 700, failed(b"198.51.100.22")) + line(NOW - 600, failed(b"198.51.100.2")), NOW - 600)
        self.write("log", line(NOW - 500, b"x") * 3 + line(NOW - 60, failed(b"198.51.100.2")), NOW - 60)
        found = self.cut()
        self.assertEqual([(line["file"], line["line"], line["time"]) for line in found["lines"]],
                         [(2, 2, NOW - 800), (1, 2, NOW - 600), (0, 4, NOW - 60)])
        self.assertEqual((found["matched"], found["horizon"], found["truncated"]), (3, NOW - 900, False))
        found = self.cut(since=NOW - 650)
        self.assertEqual([(line["file"], line["line"]) for line in found["lines"]], [(1, 2), (0, 4)])
        self.assertEqual(found["horizon"], NOW - 650)

    def test_numbers_of_lines_behind_a_bisection_and_over_blocks(self):
        text = b"".join(line(NOW - 200000 + number, b"y" * 60) for number in range(100000))
        self.write("log", text + line(NOW, failed(b"198.51.100.2")) + line(NOW, b"z") + line(NOW, failed(b"198.51.100.2")), NOW)
        for since in (None, NOW - 150000, NOW - 10):
            found = self.cut(since)
            self.assertEqual([line["line"] for line in found["lines"]], [100001, 100003], since)

    def test_the_newest_of_a_flood_are_kept_and_all_are_counted(self):
        self.write("log.1", b"".join(line(NOW - 100 + number, failed(b"198.51.100.2")) for number in range(50)), NOW - 50)
        self.write("log", b"".join(line(NOW + number, failed(b"198.51.100.2")) for number in range(50)), NOW + 50)
        found = self.cut(most=60)
        self.assertEqual((found["matched"], len(found["lines"]), found["lines"][0]["time"]), (100, 60, NOW - 60))

    def test_what_lies_beyond_the_budget_is_behind_the_horizon(self):
        self.write("log.1", line(NOW - 900, failed(b"198.51.100.2")) * 10, NOW - 900)
        self.write("log", line(NOW - 500, b"x" * 5000) + line(NOW - 60, failed(b"198.51.100.2")), NOW - 60)
        with mock.patch.object(look_back, "MOST_BYTES", 300):
            found = self.cut()
        self.assertEqual((found["truncated"], found["matched"], found["horizon"]), (True, 1, NOW - 60))

    def test_a_log_that_is_missing_and_one_that_cannot_be_read(self):
        self.assertEqual((self.cut()["exists"], self.cut()["lines"]), (False, []))
        self.write("log", b"x" * 10)
        self.write("log.1.gz", b"no gzip at all")
        self.assertIn("log.1.gz", self.cut()["faults"][0])

    def test_dates_of_syslog_and_of_asterisks_default(self):
        text = time.strftime("[%b %e %H:%M:%S] ", time.localtime(NOW)).encode() + failed(b"198.51.100.2") + b"\n"
        text += time.strftime("%b %e %H:%M:%S pbx asterisk[1]: ", time.localtime(NOW + 1)).encode() + failed(b"198.51.100.2")
        self.write("log", text + b"\n" + b"2026-11-27T17:20:02.500+0000 " + failed(b"198.51.100.2") + b"\n", NOW + 10)
        self.assertEqual([line["time"] for line in self.cut()["lines"]], [NOW, NOW + 1, NOW + 2])


if __name__ == "__main__":
    unittest.main()
