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
    """The operator's side, which hears of all that is yielded."""

    def __init__(self):
        self.events = []

    def hears(self, work):
        self.events += filter(None, work)

    def told(self):
        """[(time, last word)] of the lines."""
        return [(moment, text.split()[-1]) for event in self.events if "lines" in event
                for text, moment in zip(event["lines"], event["times"])]

    def notices(self):
        return [event["notice"] for event in self.events if "notice" in event]


class Following(Case):
    def follower(self, since=None, place=None):
        listener = Listener()
        follower = follow.Follower(self.path("log"))
        self.addCleanup(follower.close)
        listener.hears(follower.begin(since, place))
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
        listener.hears(follower.step())
        os.rename(self.path("log"), self.path("log.1"))
        with open(self.path("log.1"), "ab") as out:
            out.write(line(begin + 2, "b"))
        listener.hears(follower.step())
        self.append(line(begin + 3, "c"))
        listener.hears(follower.step())
        # Copied and truncated, with a line that is in the copy alone.
        self.append(line(begin + 4, "d"))
        with open(self.path("log"), "rb") as file:
            self.write("log.1", file.read())
        os.truncate(self.path("log"), 0)
        self.append(line(begin + 5, "e"))
        listener.hears(follower.step())
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
            listener.hears(follower.step())
        self.assertEqual(listener.notices(), ["lost"])
        self.assertGreater(len(listener.told()), 100)

    def test_a_long_packed_file_is_searched_in_pieces(self):
        whole = b"".join(line(BACK + number // 100) for number in range(60000))
        self.write("log.1.gz", gzip.compress(whole))
        self.write("log", line(BACK + 1000, "new"))
        place = {"inode": 1, "offset": len(whole), "tail": follow.digest(whole[-follow.TAIL_BYTES:]), "time": BACK + 1000}
        follower = follow.Follower(self.path("log"))
        self.addCleanup(follower.close)
        found = list(follower.begin(None, place))
        self.assertGreater(found.count(None), 3)
        listener = Listener()
        listener.hears(found)
        self.assertEqual((listener.told(), listener.notices()), ([(BACK + 1000, "new")], []))


class Conversation:
    """A conversation that keeps what is sent."""

    def __init__(self):
        self.sent = []
        self.followers = {}
        self.unwritten = b""
        self.acting = False
        self.request_id = 5

    def send(self, message, seconds):
        assert seconds == 0, "what is followed is never waited for"
        self.sent.append(message)


class Turns(Case):
    def following(self, room, log="log"):
        conversation = Conversation()
        host = {"log": self.path(log), "config_dir": self.path("")}
        self.assertIsNone(follow.follow(conversation, {"host": host, "since": {"ago": 10 ** 9}, "place": None, "room": room}))
        return conversation, conversation.followers[5]

    def turns(self, following, count):
        for _ in range(count):
            following.due = 0
            following.turn()

    def lines(self, conversation):
        return sum(len(message["event"].get("lines", ())) for message in conversation.sent if "event" in message)

    def test_no_more_events_than_there_is_room_for(self):
        self.write("log", b"".join(line(BACK + number) for number in range(20000)))
        conversation, following = self.following(3)
        self.turns(following, 50)
        self.assertEqual((len(conversation.sent), following.room), (3, 0))
        following.take({"follower": 5, "room": 2})
        self.turns(following, 50)
        self.assertEqual(len(conversation.sent), 5)
        following.take({"follower": 5, "room": 1000})
        self.turns(following, 100)
        self.assertEqual(self.lines(conversation), 20000)

    def test_nothing_is_sent_while_the_connection_takes_nothing(self):
        self.write("log", line(BACK))
        conversation, following = self.following(100)
        conversation.unwritten = b"x"
        self.turns(following, 50)
        self.assertEqual(conversation.sent, [])

    def test_a_change_has_no_more_than_one_piece_of_work_beside_it_in_each_quarter_of_a_second(self):
        self.write("log", b"".join(line(BACK + number) for number in range(20000)))
        conversation, following = self.following(1000)
        conversation.acting = True
        for _ in range(50):
            self.assertGreater(following.turn(), 0)
        self.assertEqual(len(conversation.sent), 1)
        conversation.acting = False
        following.due = 0
        self.assertEqual(following.turn(), 0)

    def test_it_answers_when_it_is_stopped_and_has_no_turn_after_that(self):
        self.write("log", line(BACK))
        conversation, following = self.following(100)
        self.turns(following, 10)
        following.take({"follower": 5, "stop": True})
        answer = conversation.sent[-1]
        self.assertEqual((answer["id"], answer["ok"]["place"]["offset"]), (5, len(line(BACK))))
        self.assertEqual(conversation.followers, {})

    def test_what_goes_wrong_is_its_answer(self):
        self.write("log", line(BACK))
        conversation, following = self.following(100)

        def broken():
            yield None
            raise PermissionError(13, "Permission denied", "/log")

        following.work = broken()
        self.turns(following, 2)
        self.assertEqual(conversation.sent, [{"id": 5, "error": {
            "kind": "permission", "message": "Permission denied (/log)", "facts": {}}}])
        self.assertEqual(conversation.followers, {})


if __name__ == "__main__":
    unittest.main()
