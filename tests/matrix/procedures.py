"""The changing procedures of the matrix: a new one is one more line.

`words` is the command without the global flags; `prepare` brings the host to where the procedure has something to do;
`reloads` says whether fail2ban is moved, so that faults of a reload have a place to happen.
"""

import collections

Procedure = collections.namedtuple("Procedure", "name words reloads files prepare")


def drifted(host):
    """Another hand raised a threshold on disk and did not reload."""
    name = "etc/fail2ban/jail.local"
    host.write(name, host.read(name).replace(b"maxretry = 50", b"maxretry = 100"))


def drifted_sshd(host):
    """Another hand tightened sshd's jail on disk and did not reload: a change that can lock its operator out."""
    name = "etc/fail2ban/jail.local"
    host.write(name, host.read(name).replace(b"maxretry = 5\n", b"maxretry = 4\n"))


def stopped(host):
    """fail2ban is down."""
    host.stop_fail2ban()


ALL = [
    Procedure("onboard", ["onboard", "198.51.100.32/28", "--customer", "Blue Lotus Hotels"], True, True, None),
    Procedure("offboard", ["offboard", "203.0.113.0/28"], True, True, None),
    Procedure("annotate", ["whitelist", "annotate", "203.0.113.0/28", "--customer", "Vista Seven", "--note", "Both"],
              False, True, None),
    Procedure("unban", ["unban", "203.0.113.200"], False, False, None),
    Procedure("backup", ["backup", "--label", "matrix"], False, False, None),
    Procedure("reload", ["reload"], True, False, drifted),
    Procedure("reload-sshd", ["reload"], True, False, drifted_sshd),
    Procedure("start", ["start"], True, False, stopped),
]
