"""Following a log: what is sent since a time or a place, with the time of each line, over rotation and truncation."""

import gzip
import os
import time
import unittest

from paths import Case

from f2bctl_agent import follow

# 2026-10-25 01:00 UTC: clocks of Berlin go from 03:00 back to 02:00.
BACK = 1792890000


def line(moment, text="x"):
    """A line of the action log that is written at a moment."""
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))
    return ("%s,123 fail2ban.actions [1]: NOTICE [sshd] Ban %s\n" % (stamp, text)).encode("ascii")


class Listener:
    """The operator's side."""

    connected = True
    request_id = 1

    def __init__(self):
        self.events = []

    def send(self, message):
        self.events.append(message["event"])

    def told(self):
        """[(time, last word)] of the lines."""
        return [(moment, text.split()[-1]) for event in self.events if "lines" in event
                for text, moment in zip(event["lines"], event["times"])]

    def notices(self):
        return [event["notice"] for event in self.events if "notice" in event]


class Following(Case):
    def follower(self, since=None, place=None):
        listener = Listener()
        follower = follow.Follower(listener, self.path("log"))
        self.addCleanup(follower.close)
        follower.begin(since, place)
        return listener, follower

    def append(self, *lines):
        with open(self.path("log"), "ab") as out:
            out.write(b"".join(lines))

    def test_since_a_time_of_each_of_the_two_hours_that_look_alike(self):
        moments = list(range(BACK - 2 * 3600, BACK + 2 * 3600, 300))
        self.write("log", b"".join(line(moment) for moment in moments))
        for since in moments[::5] + [BACK - 1800, BACK + 1800]:
            listener, _ = self.follower(since)
            self.assertEqual([moment for moment, _ in listener.told()], [moment for moment in moments if moment >= since])

    def test_since_a_time_in_a_long_log_and_its_rotated_files(self):
        moments = list(range(BACK - 40000, BACK - 10000))
        files = [b"".join(line(moment) for moment in moments[begin:begin + 10000]) for begin in (0, 10000, 20000)]
        self.write("log.2.gz", gzip.compress(files[0]))
        self.write("log.1", files[1])
        self.write("log", files[2])
        for since in (0, moments[5000], moments[10000], moments[15000], moments[29000], BACK):
            listener, _ = self.follower(since)
            self.assertEqual([moment for moment, _ in listener.told()], [moment for moment in moments if moment >= since])
            self.assertEqual(listener.notices(), [])

    def test_a_line_without_a_time_has_none(self):
        self.write("log", line(BACK + 7200) + b"Traceback goes on\n")
        self.assertEqual(self.follower(BACK)[0].told(), [(BACK + 7200, "x"), (None, "on")])

    def test_what_comes_later_over_a_rotation_and_a_truncation(self):
        begin = BACK + 7200
        self.write("log", line(begin, "old"))
        listener, follower = self.follower()
        self.append(line(begin + 1, "a"))
        follower.step()
        os.rename(self.path("log"), self.path("log.1"))
        with open(self.path("log.1"), "ab") as out:
            out.write(line(begin + 2, "b"))
        follower.step()
        self.append(line(begin + 3, "c"))
        follower.step()
        # Copied and truncated, with a line that is in the copy alone.
        self.append(line(begin + 4, "d"))
        with open(self.path("log"), "rb") as file:
            self.write("log.1", file.read())
        os.truncate(self.path("log"), 0)
        self.append(line(begin + 5, "e"))
        follower.step()
        self.assertEqual(listener.told(), [(begin + number, text) for number, text in enumerate("abcde", 1)])
        self.assertEqual(listener.notices(), ["rotated", "truncated"])

    def test_from_a_place_on_that_was_packed_meanwhile(self):
        self.write("log", line(BACK - 1800, "a") + line(BACK + 1800, "b"))
        first, follower = self.follower(0)
        self.assertEqual(len(first.told()), 2)
        # The hour of the place is that in which it was read.
        place = dict(follower.place(), time=BACK + 1800)
        self.append(line(BACK + 1801, "c"))
        with open(self.path("log"), "rb") as file:
            self.write("log.2.gz", gzip.compress(file.read()), BACK + 1801)
        self.write("log.1", line(BACK + 1802, "d"), BACK + 1802)
        self.write("log", line(BACK + 1803, "e"))
        listener, _ = self.follower(place=place)
        self.assertEqual(listener.told(), [(BACK + 1801, "c"), (BACK + 1802, "d"), (BACK + 1803, "e")])

    def test_a_place_that_is_gone_is_said_and_the_lines_since_then_are_sent(self):
        self.write("log", line(BACK + 1, "a") + line(BACK + 5, "b"))
        place = {"inode": 1, "offset": 100, "tail": "", "time": BACK + 3}
        listener, _ = self.follower(place=place)
        self.assertEqual((listener.notices(), listener.told()), (["lost"], [(BACK + 5, "b")]))

    def test_a_packed_file_that_is_cut_short_is_said_once(self):
        whole = b"".join(line(BACK + number) for number in range(20000))
        self.write("log.1.gz", gzip.compress(whole)[:-2000])
        listener, follower = self.follower(0)
        for _ in range(3):
            follower.step()
        self.assertEqual(listener.notices(), ["lost"])
        self.assertGreater(len(listener.told()), 100)


if __name__ == "__main__":
    unittest.main()
