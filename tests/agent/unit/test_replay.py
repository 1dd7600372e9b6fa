"""Which lines are given to the filters, and which of what they count the running jails did not find."""

import time
import unittest

from paths import Case

from f2bctl_agent import asterisk, logs, replay, surroundings


def stamp(moment):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))


class Sample(Case):
    def test_an_attempt_is_seen_however_many_other_lines_follow(self):
        lines = ["before", "NOTICE[1] x: Request failed for 'a'", "after"] + ["VERBOSE[1] a call %d" % n for n in range(3000)]
        path = self.write("messages.log", "".join(line + "\n" for line in lines).encode())
        self.assertEqual(replay.sample(path), lines[:3])
        self.assertEqual(replay.sample(self.path("none.log")), [])

    def test_the_levels_of_the_newest_attempts(self):
        lines = ["[x] NOTICE[1] a: failed for 'b'"] * 3 + ["[x] SECURITY[1] a: SecurityEvent=\"InvalidAccountID\""] * 4
        lines += ["[x] SECURITY[1] a: SecurityEvent=\"ChallengeSent\"", "[x] VERBOSE[1] a: failed"]
        path = self.write("messages.log", "".join(line + "\n" for line in lines).encode())
        self.assertEqual(logs.sample(path)["newest"], ["NOTICE"] * 2 + ["SECURITY"] * 4)


class Missed(unittest.TestCase):
    def setUp(self):
        self.now = int(time.time())

    def of(self, ages, rows, findtime=600, first=3000, began=None):
        """What is missed of lines about 192.0.2.1 that are so old, by rows of (age, jail, text)."""
        began = {} if began is None else {"a": stamp(self.now - began)}
        rows = [(first, None, None)] + rows
        counted = {"a": [[0, "192.0.2.1", self.now - age] for age in ages]}
        found = replay.missed(counted, [(stamp(self.now - age), jail, text) for age, jail, text in rows], {"a": findtime}, began)
        return {jail: [self.now - moment for _, moment in lines] for jail, lines in found.items()}

    def test_what_the_action_log_has_not(self):
        self.assertEqual(self.of([300, 200], []), {"a": [200]})
        for text in ("Found 192.0.2.1 - 2026-11-27 15:00:00", "Ignore 192.0.2.1 by ip", "192.0.2.1 already banned"):
            self.assertEqual(self.of([200], [(199, "a", text)]), {})
            self.assertEqual(self.of([200], [(199, "b", text)]), {"a": [200]})
            self.assertEqual(self.of([200], [(400, "a", text)]), {"a": [200]})

    def test_nothing_is_claimed_of_what_the_jail_may_not_have_to_read(self):
        self.assertEqual(self.of([30], []), {}, "it is on its way")
        self.assertEqual(self.of([700], []), {}, "older than findtime")
        self.assertEqual(self.of([500], [], first=400), {}, "the action log begins later")
        self.assertEqual(self.of([4000], [], findtime=86400, first=90000), {})
        self.assertEqual(self.of([200], [], began=180), {}, "the jail was begun, or reloaded, since")
        self.assertEqual(self.of([200], [], began=400), {"a": [200]})

    def test_when_a_jail_began(self):
        head = "2026-11-28 08:41:50,123 fail2ban.%s [77]: INFO    "
        for line in ("Jail 'a' started", "Reload jail 'a'", "Jail 'a' reloaded"):
            self.assertEqual(replay.BEGAN.match(head % "jail" + line).groups(), ("2026-11-28 08:41:50", "a"), line)
        self.assertIsNone(replay.BEGAN.match(head % "filter" + "[a] Found 192.0.2.1"))


class Times(unittest.TestCase):
    def test_own_times_with_and_without_a_year(self):
        now = int(time.time())
        for form in ("[%Y-%m-%d %H:%M:%S] x", "%Y-%m-%dT%H:%M:%S.123 x", "[%b %d %H:%M:%S] NOTICE"):
            self.assertEqual(surroundings.own_time(time.strftime(form, time.localtime(now))), now)
        for line in ("", "x", "[27.11.2026 15:54:45] x"):
            self.assertIsNone(surroundings.own_time(line))


class Levels(Case):
    def of(self, text):
        return asterisk.levels(list(asterisk._settings(self.write("logger.conf", text.encode()))))

    def test_logger_conf(self):
        text = ("[general]\ndateformat = %F %T ; iso\n;-- [logfiles]\nold => notice --;\n[logfiles]\n"
                "messages.log => notice,warning , security\nfull=[json]verbose(3),*\nsyslog.local0 => error\n;gone => notice\n")
        self.assertEqual(self.of(text), {"messages.log": ["notice", "warning", "security"], "full": ["verbose", "*"],
                                         "syslog.local0": ["error"]})
        self.assertIsNone(self.of("[logfiles]\n#include more.conf\nmessages.log => notice\n"))
        self.assertEqual(list(asterisk._settings(self.path("asterisk.conf"))), [])


if __name__ == "__main__":
    unittest.main()
