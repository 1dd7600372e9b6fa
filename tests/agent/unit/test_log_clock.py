"""The times of lines, over changes of the clocks and where there are none."""

import datetime
import time
import unittest

from paths import Case, set_zone

from f2bctl_agent import log_clock

# 2026-10-25 01:00 UTC: clocks of Berlin go from 03:00 back to 02:00.
BACK = 1792890000
# 2026-03-29 01:00 UTC: they go from 02:00 to 03:00.
FORTH = 1774746000


def line(moment):
    """A line of Asterisk's log that is written at a moment."""
    return time.strftime("[%Y-%m-%d %H:%M:%S] NOTICE[1] x", time.localtime(moment)).encode("ascii")


def read(moments, modified=0, last=None):
    """The times that are read of the lines that are written at these moments."""
    return log_clock.Clock(last).times([line(moment) for moment in moments], modified)


class Times(Case):
    def test_each_line_has_the_time_of_the_zone_that_held_then(self):
        # Winter, summer, winter: one offset for all of them is wrong for some.
        for day in ("2026-01-15 12:00:00", "2026-07-15 12:00:00", "2026-12-15 12:00:00"):
            hours = 2 if "-07-" in day else 1
            utc = datetime.datetime.strptime(day, "%Y-%m-%d %H:%M:%S").replace(tzinfo=datetime.timezone.utc)
            self.assertEqual(log_clock.Clock().times([day.encode() + b",123 x"], 0), [utc.timestamp() - 3600 * hours])

    def test_the_hour_that_comes_twice_is_told_apart_by_the_order_of_the_lines(self):
        moments = list(range(BACK - 2 * 3600, BACK + 3 * 3600, 60))
        self.assertEqual(read(moments), moments)
        # The change in summer time has no hour twice.
        moments = list(range(FORTH - 2 * 3600, FORTH + 3 * 3600, 60))
        self.assertEqual(read(moments), moments)

    def test_a_log_that_begins_in_the_first_of_the_two_hours(self):
        moments = list(range(BACK - 1800, BACK + 7200, 60))
        self.assertEqual(read(moments), moments)

    def test_a_log_that_begins_in_the_second_of_the_two_hours(self):
        moments = list(range(BACK + 1800, BACK + 7200, 60))
        self.assertEqual(read(moments), moments)

    def test_a_log_that_lies_in_one_of_the_two_hours_is_told_by_when_it_was_written_last(self):
        for begin in (BACK - 1800, BACK + 1800):
            moments = list(range(begin, begin + 600, 60))
            self.assertEqual(read(moments, modified=moments[-1]), moments)
        # Without that it is the first.
        self.assertEqual(read([BACK + 1800], modified=BACK + 90000), [BACK - 1800])

    def test_what_was_read_before_decides(self):
        self.assertEqual(read([BACK + 1800], last=BACK + 1700), [BACK + 1800])
        self.assertEqual(read([BACK - 1800], last=BACK - 1900), [BACK - 1800])

    def test_lines_that_are_out_of_order_by_some_seconds_are_in_the_same_hour(self):
        moments = [BACK - 1800, BACK - 1805, BACK - 1790, BACK + 5, BACK + 1, BACK + 7, BACK + 1800, BACK + 1795]
        self.assertEqual(read(moments), moments)

    def test_a_time_that_no_clock_showed_is_that_of_a_clock_that_was_not_changed(self):
        self.assertEqual(log_clock.Clock().times([b"2026-03-29 02:30:00 x"], 0), [FORTH + 1800])

    def test_zones_without_summer_time_and_with_half_hours(self):
        set_zone("Asia/Kolkata")
        moments = list(range(BACK - 7200, BACK + 7200, 600))
        self.assertEqual(read(moments), moments)
        set_zone("UTC")
        self.assertEqual(read(moments), moments)
        # Lord Howe goes back by half an hour: 2026-04-05 at 02:00, 15:00 UTC of the day before.
        set_zone("Australia/Lord_Howe")
        back = 1775314800
        moments = list(range(back - 3600, back + 3600, 60))
        self.assertEqual(read(moments), moments)
        # Moscow went back once without a summer time: 2014-10-26 at 02:00.
        set_zone("Europe/Moscow")
        back = 1414274400
        moments = list(range(back - 7200, back + 7200, 60))
        self.assertEqual(read(moments), moments)

    def test_what_is_no_time_has_none(self):
        lines = [b"", b"x", b"2026-13-45 99:99:99 x", b"2026-11-22", b" 2026-11-22 06:54:01", b"\xff\xfe", b"0000-01-01 00:00:00",
                 "２０２６-11-22 06:54:01".encode("utf-8")]
        self.assertEqual(log_clock.Clock().times(lines, 0), [None] * len(lines))


class Repeated(Case):
    def test_the_first_moment_of_a_local_time(self):
        for moment in (BACK - 3601, BACK - 3600, BACK - 1, BACK + 3600, FORTH - 1, FORTH):
            self.assertEqual(log_clock.first_of_repeated(moment), moment)
        self.assertEqual(log_clock.first_of_repeated(BACK), BACK - 3600)
        self.assertEqual(log_clock.first_of_repeated(BACK + 3599), BACK - 1)

    def test_a_moment_is_shown_by_the_zone_of_then(self):
        self.assertEqual(log_clock.shown(BACK - 1), "2026-10-25T02:59:59+02:00")
        self.assertEqual(log_clock.shown(BACK), "2026-10-25T02:00:00+01:00")


if __name__ == "__main__":
    unittest.main()
