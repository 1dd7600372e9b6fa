"""Who was seen in Asterisk's log: counts by address and account, forged lines, bounds, and what the host remembers."""

import os
import time
import unittest
from unittest import mock

from paths import Case

from f2bctl_agent import presence

NOW = 1795800000


def line(moment, text):
    """A line of Asterisk's log."""
    return time.strftime("[%Y-%m-%d %H:%M:%S] ", time.localtime(moment)).encode("ascii") + text + b"\n"


def notice(moment, address, account, reason=b"Failed to authenticate", caller=b""):
    """A REGISTER that failed."""
    return line(moment, b"NOTICE[3] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '" + caller + b"<sip:" + account +
                b"@192.0.2.1>' failed for '" + address + b":5060' (callid: a@b) - " + reason)


def event(moment, address, account, name, session=b"a"):
    """A SECURITY event."""
    return line(moment, b"SECURITY[3] res_security_log.c: SecurityEvent=\"" + name + b"\",EventTV=\"x\",Service=\"PJSIP\",EventVersion=\"1\","
                b"AccountID=\"" + account + b"\",SessionID=\"" + session + b"\",LocalAddress=\"IPV4/UDP/192.0.2.1/5060\","
                b"RemoteAddress=\"IPV4/UDP/" + address + b"/5060\"")


class Seen(Case):
    def look(self, networks=("203.0.113.0/24",), since=86400, now=NOW):
        host = {"asterisk_log": self.path("log"), "state_dir": self.path("state")}
        with mock.patch.object(time, "time", lambda: now), mock.patch.object(presence.journal, "state_folder", lambda host: None):
            os.makedirs(self.path("state"), exist_ok=True)
            return presence.presence(None, {"host": host, "since": since, "networks": list(networks)})

    def test_attempts_by_address_and_account(self):
        text = notice(NOW - 90, b"203.0.113.5", b"6001", b"No matching endpoint found")
        text += event(NOW - 90, b"203.0.113.5", b"6001", b"SuccessfulAuth")
        text += notice(NOW - 80, b"203.0.113.5", b"6004") + event(NOW - 80, b"203.0.113.5", b"6004", b"ChallengeResponseFailed")
        text += notice(NOW - 70, b"[2001:db8::7]", b"6004")
        # What a caller wrote is not where the request came from.
        text += notice(NOW - 60, b"198.51.100.9", b"6009", caller=b"x' failed for '203.0.113.5:5060' (callid: x) - y")
        text += event(NOW - 50, b"198.51.100.9", b"6008", b"SuccessfulAuth", b'a",RemoteAddress="IPV4/UDP/203.0.113.5/1"')
        self.write("log", text, NOW)
        answer = self.look()
        rows = {(row["address"], row["account"]): (row["succeeded"], row["failed"], row["unknown"]) for row in answer["rows"]}
        self.assertEqual(rows, {("203.0.113.5", "6001"): (1, 0, 1), ("203.0.113.5", "6004"): (0, 1, 0),
                                ("2001:db8::7", "6004"): (0, 1, 0), ("198.51.100.9", "6008"): (1, 0, 0)})
        self.assertEqual((answer["doubtful"], answer["horizon"], answer["has_events"]), (1, NOW - 90, True))
        self.assertEqual(answer["seen"], {"203.0.113.0/24": {"last": NOW - 80, "from": NOW - 90}})

    def test_who_asks_for_thousands_is_counted_together(self):
        self.write("log", b"".join(notice(NOW - 9, b"198.51.100.9", b"%d" % number) for number in range(50)), NOW)
        with mock.patch.object(presence, "MOST_OF_ADDRESS", 10):
            answer = self.look()
        self.assertEqual((len(answer["rows"]), answer["rows"][10]["account"], answer["rows"][10]["failed"]), (11, "*", 40))
        with mock.patch.object(presence, "MOST_PAIRS", 5):
            self.assertEqual(self.look()["dropped"], 45)

    def test_what_was_seen_last_is_remembered_until_a_gap(self):
        self.write("log", event(NOW - 90, b"203.0.113.5", b"6001", b"SuccessfulAuth"), NOW)
        self.look()
        self.write("log", event(NOW - 5, b"198.51.100.9", b"6001", b"SuccessfulAuth"), NOW + 80)
        again = self.look(now=NOW + 80, since=86400)
        self.assertEqual(again["seen"], {"203.0.113.0/24": {"last": NOW - 90, "from": NOW - 90}})
        self.write("log", event(NOW + 9000, b"198.51.100.9", b"6001", b"SuccessfulAuth"), NOW + 9100)
        late = self.look(now=NOW + 9100)
        self.assertEqual(late["seen"], {"203.0.113.0/24": {"last": NOW - 90, "from": NOW + 9000}})
        self.write("state/seen.json", b"nonsense")
        self.assertEqual(self.look(now=NOW + 9100)["seen"]["203.0.113.0/24"]["last"], None)

    def test_without_events_nobody_is_watched(self):
        self.write("log", event(NOW - 90, b"198.51.100.9", b"6001", b"SuccessfulAuth"), NOW)
        self.assertEqual(self.look()["seen"]["203.0.113.0/24"], {"last": None, "from": NOW - 90})
        # A customer whose phones never fail writes no notice.
        self.write("log", notice(NOW - 80, b"198.51.100.9", b"6001"), NOW + 80)
        again = self.look(now=NOW + 80)
        self.assertEqual((again["has_events"], again["seen"]["203.0.113.0/24"]), (False, {"last": None, "from": NOW + 80}))


if __name__ == "__main__":
    unittest.main()
