"""The reader of logs: order of rotated files, packing, places of times, bounds, and files that change meanwhile."""

import bz2
import contextlib
import gzip
import lzma
import os
import random
import subprocess
import time
import tracemalloc
import unittest
from unittest import mock

from paths import Case

from f2bctl_agent import log_reader
from f2bctl_agent.loop import AgentError

# 2026-10-25 01:00 UTC: clocks of Berlin go from 03:00 back to 02:00; 2026-03-29 01:00 UTC: from 02:00 to 03:00.
BACK = 1792890000
FORTH = 1774746000


def line(moment, text="x"):
    """A line of Asterisk's log that is written at a moment."""
    return time.strftime("[%Y-%m-%d %H:%M:%S] NOTICE[1] ", time.localtime(moment)).encode("ascii") + text.encode() + b"\n"


def numbered(first, last):
    """Lines with numbers and no times."""
    return b"".join(b"line %d\n" % number for number in range(first, last))


def read(path, most=1 << 30, **others):
    """The text of a log's last part."""
    with log_reader.LastPart(path, most, **others) as part:
        return b"".join(part.blocks)


class Names(Case):
    def names(self, *others):
        for age, name in enumerate(others):
            self.write(name, b"", 1000000 - 3600 * age)
        return [os.path.basename(path) for path in log_reader.names(self.path("log"))]

    def test_numbers_from_the_newest_on_beyond_nine(self):
        self.assertEqual(self.names("log", "log.1", "log.2.gz", "log.10.gz", "log.11.xz"),
                         ["log", "log.1", "log.2.gz", "log.10.gz", "log.11.xz"])

    def test_dates_from_the_newest_on(self):
        self.assertEqual(self.names("log", "log-20261127", "log-20261126.gz", "log-20261031.bz2", "log-20251231.zst"),
                         ["log", "log-20261127", "log-20261126.gz", "log-20261031.bz2", "log-20251231.zst"])
        self.assertEqual(self.names("log", "log-2026-11-28")[1], "log-2026-11-28")

    def test_numbers_that_asterisk_counts_upwards(self):
        self.assertEqual(self.names("log", "log.12", "log.2", "log.1"), ["log", "log.12", "log.2", "log.1"])

    def test_others_are_not_of_the_log(self):
        self.names("log", "log.1", "log.bak", "log.1.orig", "logs.1", "log.1.gz.tmp", "other.1", "log.gz")
        os.mkdir(self.path("log.2"))
        os.mkfifo(self.path("log.3"))
        os.symlink("/etc/passwd", self.path("log.4"))
        self.assertEqual(self.names(), ["log", "log.1"])

    def test_a_file_that_is_being_packed_is_read_once(self):
        self.assertEqual(self.names("log", "log.1", "log.1.gz", "log.2.gz"), ["log", "log.1", "log.2.gz"])


class Opening(Case):
    def test_only_regular_files_are_opened(self):
        os.mkfifo(self.path("pipe"))
        for path in (self.path("pipe"), "/dev/zero", "/proc/self/environ", self.folder):
            with self.assertRaises(AgentError):
                log_reader.LogFile(path)
        with self.assertRaises(FileNotFoundError):
            log_reader.LastPart(self.path("missing"), 100)

    def test_a_link_in_a_folder_that_others_may_write_to_is_not_followed(self):
        self.write("log", b"a\n")
        os.chmod(self.folder, 0o777)
        os.symlink("/etc/passwd", self.path("other"))
        with self.assertRaises(AgentError):
            log_reader.LastPart(self.path("other"), 100)
        self.assertEqual(read(self.path("log")), b"a\n")

    def test_what_is_rotated_lies_beside_the_file_that_a_link_leads_to(self):
        os.mkdir(self.path("real"))
        self.write("real/log", b"new\n")
        self.write("real/log.1", b"old\n")
        os.symlink("real/log", self.path("log"))
        self.assertEqual(read(self.path("log"), rotated=True), b"old\nnew\n")


class Packed(Case):
    TEXT = numbered(0, 150000)

    def packed(self):
        return [self.write("log.gz", gzip.compress(self.TEXT)), self.write("log.bz2", bz2.compress(self.TEXT, 1)),
                self.write("log.xz", lzma.compress(self.TEXT, preset=0))]

    def zst(self):
        return self.write("log.zst", subprocess.run(["zstd", "-c"], input=self.TEXT, stdout=subprocess.PIPE).stdout)

    def test_each_way_of_packing_is_read(self):
        for path in self.packed():
            self.assertEqual(read(path), self.TEXT, path)
            last = read(path, 100000)
            self.assertEqual(last, self.TEXT[self.TEXT.index(b"\n", len(self.TEXT) - 100001) + 1:], path)

    def test_zst_is_read_where_a_program_for_it_is(self):
        path = self.zst()
        self.assertEqual(read(path), self.TEXT)
        os.truncate(path, os.stat(path).st_size - 50)
        with log_reader.LastPart(path, 1 << 30) as part:
            self.assertTrue(self.TEXT.startswith(b"".join(part.blocks)[:-1]))
            self.assertEqual([of for of, _ in part.faults()], [path])

    def test_zst_without_a_program_is_unreadable_with_the_reason(self):
        path = self.write("log.zst", b"whatever")
        with mock.patch.object(log_reader.shutil, "which", lambda name: None):
            with log_reader.LastPart(path, 1 << 30) as part:
                self.assertEqual(list(part.blocks), [])
                self.assertEqual(part.faults(), [(path, ".zst files cannot be unpacked on this host")])

    def test_of_an_archive_that_is_cut_short_the_beginning_is_used(self):
        for path in self.packed():
            os.truncate(path, os.stat(path).st_size // 2)
            with log_reader.LastPart(path, 1 << 30) as part:
                text = b"".join(part.blocks)[:-1]  # the line where it ends was given an end
                self.assertTrue(self.TEXT.startswith(text) and len(text) > len(self.TEXT) // 10, path)
                self.assertEqual([of for of, _ in part.faults()], [path])

    def test_what_is_no_archive_is_unreadable(self):
        for ending in (".gz", ".bz2", ".xz"):
            path = self.write("log" + ending, b"this is no archive at all, but text\n")
            with log_reader.LastPart(path, 1 << 30) as part:
                self.assertEqual(b"".join(part.blocks), b"")
                self.assertEqual(len(part.faults()), 1)

    def test_a_file_that_unpacks_without_end_is_given_up(self):
        path = self.packed()[0]
        with mock.patch.object(log_reader, "MOST_UNPACKED", 1000000):
            with log_reader.LastPart(path, 1 << 30) as part:
                self.assertLess(len(b"".join(part.blocks)), 4000000)
                self.assertIn("it holds more than", part.faults()[0][1])

    def test_places_in_a_packed_file_in_any_order(self):
        for path in self.packed() + [self.zst()]:
            file = log_reader.LogFile(path)
            dice = random.Random(1)
            places = [dice.randrange(len(self.TEXT) + 10) for _ in range(8)] + [0, len(self.TEXT), len(self.TEXT) - 5]
            for offset in places:
                self.assertEqual(file.read(offset, 700), self.TEXT[offset:offset + 700], (path, offset))
            file.close()

    def test_members_one_behind_the_other(self):
        path = self.write("log.gz", gzip.compress(b"a\n") + gzip.compress(b"b\n"))
        self.assertEqual(read(path), b"a\nb\n")


class Blocks(Case):
    def blocks(self, content, offset=0, **others):
        with contextlib.closing(log_reader.LogFile(self.write("log", content))) as file:
            return list(file.blocks(offset, **others))

    def test_they_hold_whole_lines_and_all_of_them(self):
        text = numbered(0, 1000)
        found = self.blocks(text, length=100)
        self.assertEqual(b"".join(lines for _, lines in found), text)
        self.assertTrue(all(lines.endswith(b"\n") and len(lines) <= 100 for _, lines in found))

    def test_from_the_middle_of_a_line_on_the_next_line_is_the_first(self):
        self.assertEqual(b"".join(lines for _, lines in self.blocks(b"first\nsecond\nthird\n", 8)), b"third\n")
        self.assertEqual(b"".join(lines for _, lines in self.blocks(b"first\nsecond\nthird\n", 6)), b"second\nthird\n")

    def test_the_rest_of_a_line_that_is_longer_than_a_block_is_no_line(self):
        text = b"a\n" + b"x" * 5000 + b"2026-11-27 10:00:00 forged\nb\n"
        found = self.blocks(text, length=1000)
        self.assertEqual(b"".join(of for of, _ in found), text)
        self.assertEqual(b"".join(lines for _, lines in found), b"a\n" + b"x" * 1000 + b"\nb\n")

    def test_an_unfinished_line_is_left_if_that_is_wanted(self):
        self.assertEqual(self.blocks(b"a\nb", unfinished=False), [(b"a\n", b"a\n")])
        self.assertEqual(self.blocks(b"a\nb"), [(b"a\n", b"a\n"), (b"b", b"b\n")])

    def test_an_empty_file_has_none(self):
        self.assertEqual(self.blocks(b""), [])
        self.assertEqual(read(self.write("log.gz", b"")), b"")
        self.assertEqual(read(self.path("log"), rotated=True), b"")

    def test_line_ends_of_windows_and_bytes_that_are_no_text_stay(self):
        text = b"a\r\nb\x00\xff\xfe\r\n\x85\xe2\x80\xa8\x0c\n"
        with log_reader.LastPart(self.write("log", text), 1000) as part:
            self.assertEqual(list(part.lines()), [b"a\r", b"b\x00\xff\xfe\r", b"\x85\xe2\x80\xa8\x0c"])

    def test_blank_lines_and_a_last_line_without_an_end(self):
        with log_reader.LastPart(self.write("log", b"\n\na\n\nb"), 1000) as part:
            self.assertEqual(list(part.lines()), [b"", b"", b"a", b"", b"b"])


class Since(Case):
    """The place of a time in a file."""

    def check(self, moments, wanted, most_more=2 * log_reader.NEAR_BYTES):
        """No line since `wanted` lies before the place, and not much more than these lies behind it."""
        lines = [line(moment, "x" * 60) for moment in moments]
        file = log_reader.LogFile(self.write("log", b"".join(lines)))
        place = file.offset_of(wanted)
        file.close()
        begin, before, exact = 0, [], None
        for moment, text in zip(moments, lines):
            # A line that begins before the place is passed over as cut.
            if begin < place:
                before.append(moment)
            if exact is None and moment >= wanted:
                exact = begin
            begin += len(text)
        self.assertFalse([moment for moment in before if moment >= wanted])
        self.assertLessEqual((begin if exact is None else exact) - place, most_more)

    def test_it_is_found_in_a_long_file(self):
        moments = list(range(FORTH - 90000, FORTH - 10, 6))
        for wanted in (0, moments[0], FORTH - 80001, FORTH - 45000, FORTH - 100, FORTH, FORTH + 10 ** 6):
            self.check(moments, wanted)

    def test_over_both_changes_of_the_clocks(self):
        for change in (BACK, FORTH):
            moments = list(range(change - 3 * 3600, change + 4 * 3600))
            for wanted in range(change - 2 * 3600, change + 3 * 3600, 900):
                # In the second of the two hours it may be the first: order alone tells them apart.
                self.check(moments, wanted, 2 * 3600 * 110)
            self.check(moments, change - 7000)
            self.check(moments, change + 7300)

    def test_lines_out_of_order_and_lines_without_times(self):
        dice = random.Random(2)
        moments = [FORTH - 90000 + 5 * number + dice.randrange(-30, 31) for number in range(16000)]
        for wanted in (FORTH - 80000, FORTH - 50000, FORTH - 20000):
            # Some older ones may lie behind it, no younger one before it.
            self.check(moments, wanted, 4 * log_reader.NEAR_BYTES)
        text = b"".join(line(FORTH - 90000 + 60 * number) + b"  goes on\n" * 400 for number in range(500))
        file = log_reader.LogFile(self.write("log", text))
        place = file.offset_of(FORTH - 90000 + 60 * 400)
        self.assertLess(place, text.index(line(FORTH - 90000 + 60 * 400)))
        self.assertGreater(place, text.index(line(FORTH - 90000 + 60 * 390)))
        file.close()

    def test_a_file_without_times_is_read_from_its_start(self):
        file = log_reader.LogFile(self.write("log", numbered(0, 100000)))
        self.assertEqual(file.offset_of(FORTH), 0)
        self.assertFalse(file.is_before(FORTH))
        file.close()

    def test_few_places_are_looked_at(self):
        path = self.write("log", b"".join(line(FORTH - 10 ** 6 + number, "x" * 100) for number in range(60000)))
        file = log_reader.LogFile(path)
        with mock.patch.object(log_reader.os, "pread", wraps=os.pread) as looked:
            file.offset_of(FORTH - 10 ** 6 + 30000)
        self.assertLess(looked.call_count, 12)
        file.close()

    def test_the_first_line_tells_whether_a_file_begins_before_a_time(self):
        for content in (line(FORTH), b"goes on\n" * 10 + line(FORTH), gzip.compress(line(FORTH))):
            name = "log.gz" if content[:2] == b"\x1f\x8b" else "log"
            file = log_reader.LogFile(self.write(name, content))
            self.assertTrue(file.is_before(FORTH + 1))
            self.assertFalse(file.is_before(FORTH))
            file.close()


class Parts(Case):
    def test_the_last_bytes_from_a_line_on_with_the_time_of_the_first(self):
        path = self.write("log", b"".join(line(FORTH + number) for number in range(1000)))
        length = len(line(FORTH))
        for most, lines in ((10 * length, 10), (10 * length + 5, 10), (10 * length - 1, 9), (length, 1)):
            with log_reader.LastPart(path, most) as part:
                self.assertEqual(b"".join(part.blocks).count(b"\n"), lines)
                self.assertEqual((part.truncated, part.horizon), (True, FORTH + 1000 - lines))
        with log_reader.LastPart(path, 1000 * length) as part:
            self.assertEqual((part.truncated, part.horizon), (False, None))

    def test_since_a_time_and_no_more_bytes_than_allowed(self):
        path = self.write("log", b"".join(line(FORTH + number) for number in range(50000)))
        with log_reader.LastPart(path, 1 << 30, FORTH + 40000) as part:
            text = b"".join(part.blocks)
        self.assertIn(line(FORTH + 40000), text)
        self.assertLess(len(text), 10000 * len(line(FORTH)) + 2 * log_reader.NEAR_BYTES)
        self.assertFalse(part.truncated)
        with log_reader.LastPart(path, 1000, FORTH + 40000) as part:
            self.assertTrue(part.truncated)
            self.assertGreater(part.horizon, FORTH + 49900)

    def test_rotated_files_follow_the_oldest_first_until_the_bytes_are_used_up(self):
        self.write("log", b"e\nf\n", 5000)
        self.write("log.1", b"c\nd", 4000)
        self.write("log.2.gz", gzip.compress(b"a\nb\n"), 3000)
        with log_reader.LastPart(self.path("log"), 100, rotated=True) as part:
            self.assertEqual(list(part.lines()), [b"a", b"b", b"c", b"d", b"e", b"f"])
            self.assertFalse(part.truncated)
        with log_reader.LastPart(self.path("log"), 5, rotated=True) as part:
            self.assertEqual(list(part.lines()), [b"d", b"e", b"f"])
            self.assertTrue(part.truncated)
        with log_reader.LastPart(self.path("log"), 4, rotated=True) as part:
            self.assertEqual(list(part.lines()), [b"e", b"f"])
            self.assertTrue(part.truncated)

    def test_a_log_that_is_gone_leaves_its_rotated_files(self):
        self.write("log.1", b"a\n")
        self.assertEqual(read(self.path("log"), rotated=True), b"a\n")

    def test_a_rotation_while_it_is_read_hides_nothing_and_brings_nothing_twice(self):
        self.write("log", b"new\n")
        self.write("log.1", b"old\n")
        with log_reader.LastPart(self.path("log"), 100, rotated=True) as part:
            os.rename(self.path("log.1"), self.path("log.2"))
            os.rename(self.path("log"), self.path("log.1"))
            self.write("log", b"newest\n")
            os.unlink(self.path("log.2"))
            self.assertEqual(list(part.lines()), [b"old", b"new"])

    def test_a_rotation_between_the_list_and_the_opening_lists_anew(self):
        self.write("log", b"new\n")
        self.write("log.1", b"old\n")
        listed = log_reader.names

        def names(path):
            found = listed(path)
            if not os.path.exists(self.path("log.2")):
                os.rename(self.path("log.1"), self.path("log.2"))
                os.rename(self.path("log"), self.path("log.1"))
                self.write("log", b"newest\n")
            return found

        with mock.patch.object(log_reader, "names", names):
            self.assertEqual(read(self.path("log"), rotated=True), b"old\nnew\nnewest\n")

    def test_a_log_that_is_truncated_while_it_is_read_ends_there(self):
        path = self.write("log", b"".join(line(FORTH + number, "x" * 100) for number in range(40000)))
        with log_reader.LastPart(path, 1 << 30) as part:
            first = next(part.blocks)
            os.truncate(path, 0)
            self.assertEqual((list(part.blocks), part.faults()), ([], []))
        self.assertGreater(len(first), 900000)

    def test_a_log_that_grows_while_it_is_read_has_an_end(self):
        path = self.write("log", b"a\n")
        with log_reader.LastPart(path, 1 << 30) as part:
            with open(path, "ab") as out:
                out.write(b"b\n" * 1000)
            self.assertEqual(list(part.lines()), [b"a"])

    def test_of_200_mib_as_much_is_read_as_allowed_in_little_memory(self):
        block = b"".join(line(FORTH + number, "x" * 100) for number in range(8000))
        path = self.write("log", b"")
        with open(path, "wb") as out:
            while out.tell() < 200 << 20:
                out.write(block)
        tracemalloc.start()
        with log_reader.LastPart(path, 32 << 20) as part:
            amount = sum(map(len, part.blocks))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        self.assertTrue((32 << 20) - 1000 < amount <= 32 << 20, amount)
        self.assertTrue(part.truncated)
        self.assertLess(peak, 8 << 20)


if __name__ == "__main__":
    unittest.main()
