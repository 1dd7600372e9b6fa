"""Who was found again after a ban: by the action log, and by the times of Asterisk's own lines."""

import time
import unittest

from paths import Case

from f2bctl_agent import after_ban

IP = "198.51.100.7"


def at(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def acted(seconds, text, jail="auth"):
    return "%s,123 fail2ban.actions        [12]: NOTICE  [%s] %s" % (at(seconds), jail, text)


class AfterBan(Case):
    def found(self, lines, began=1000):
        return after_ban.after(lines, {("auth", IP): began})

    def test_a_line_that_is_later_than_the_ban_and_others(self):
        lines = [acted(1000, "Ban " + IP), acted(1001, "Found %s - %s" % (IP, at(1001))),
                 acted(1009, "Found %s - %s" % (IP, at(999))), acted(1009, "Found 198.51.100.70 - %s" % at(1009)),
                 acted(1009, "Found %s - %s" % (IP, at(1009)), "scan")]
        self.assertEqual(self.found(lines), {})
        lines += [acted(1030, "Found %s - %s" % (IP, at(1030))), acted(1031, IP + " already banned")]
        self.assertEqual(self.found(lines), {"auth": {IP: {"found": 1, "last": 1030, "already": 1, "began": 1000}}})

    def test_a_ban_that_was_restored_begins_anew(self):
        lines = [acted(1000, "Ban " + IP), acted(1030, "Found %s - %s" % (IP, at(1030))), acted(1050, "Restore Ban " + IP)]
        self.assertEqual(self.found(lines), {"auth": {}})

    def test_lines_that_were_written_before_and_read_anew(self):
        log = self.write("messages.log", "".join("[%s] NOTICE[1] x: '%s:5060'\n" % (at(second), IP) for second in (900, 999)).encode())
        actions = self.write("fail2ban.log", "\n".join([acted(1000, "Ban " + IP), acted(1030, "Found %s - %s" % (IP, at(1030)))]).encode())
        server = {"running": True, "settings": {"logtarget": actions},
                  "jails": {"auth": {"values": {"logpath": [log]}, "bans": [{"ip": IP, "since": 1000}]}}}
        self.assertEqual(after_ban.observe({}, server), {"auth": {}})
        with open(log, "a") as file:
            file.write("[%s] NOTICE[1] x: '%s:5060'\n[%s] NOTICE[1] x: '1%s:5060'\n" % (at(1020), IP, at(1040), IP))
        self.assertEqual(after_ban.observe({}, server)["auth"][IP], {"found": 1, "last": 1020, "already": 0})
        with open(log, "a") as file:
            file.write("[11/27/2026 10:00:00] NOTICE[1] x: '%s:5060'\n" % IP)
        self.assertEqual(after_ban.observe({}, server)["auth"][IP], {"found": 1, "last": None, "already": 0})
        server["settings"]["logtarget"] = "SYSLOG"
        with self.assertRaises(after_ban.AgentError):
            after_ban.observe({}, server)


if __name__ == "__main__":
    unittest.main()
