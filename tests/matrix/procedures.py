"""The changing procedures of the matrix: a new one is one more line.

`words` is the command without the global flags, or a function of the host that gives it; `prepare` brings the host to
where the procedure has something to do; `reloads` says whether fail2ban is moved, so that faults of a reload have a place
to happen. A row that takes minutes for each run has few `points` or few `faults`; None is all of them. Boundary: what is
prepared by f2bctl itself is a run without a fault.
"""

import collections

import crowd

Procedure = collections.namedtuple("Procedure", "name words reloads prepare few_points faults", defaults=(False, None))

JAIL_LOCAL = crowd.JAIL_LOCAL
CUSTOMER = ["--customer", "Blue Lotus Hotels"]
TEMPORARY = "198.51.100.40"
REGISTER_LINE = b"# 203.0.113.0/28 | Vista Seven Hotels | Current uplink | by=ravi on=2026-05-11\n"


def edit(host, old, new):
    """Changes a text of jail.local that has to be there."""
    data = host.read(JAIL_LOCAL)
    if old not in data:
        raise RuntimeError("jail.local has no %r" % old)
    host.write(JAIL_LOCAL, data.replace(old, new))


def done(host, *words):
    """An earlier change of f2bctl itself: its identifier."""
    code, document = host.operator(*words, "--yes")
    if code != 0:
        raise RuntimeError("%s ended with %d: %s" % (" ".join(words), code, document.get("error")))
    return document["change_id"]


def drifted(host):
    """Another hand raised a threshold on disk and did not reload."""
    edit(host, b"maxretry = 50", b"maxretry = 100")


def drifted_sshd(host):
    """Another hand tightened sshd's jail on disk and did not reload: a change that can lock its operator out."""
    edit(host, b"maxretry = 5\n", b"maxretry = 4\n")


def stopped(host):
    """fail2ban is down."""
    host.stop_fail2ban()


def single(data):
    """jail.local as it was before the split: one asterisk jail on the same log."""
    head, _, rest = data.partition(b"[asterisk-auth]")
    action = rest[rest.index(b"action "):rest.index(b"logpath")].replace(b"asterisk-auth", b"asterisk")
    return head + b"[asterisk]\nenabled  = true\n" + action + b"logpath  = /var/log/asterisk/messages.log\nmaxretry = 10\n"


def with_old_backup(host):
    """A backup of before the split lies beside jail.local."""
    host.write(JAIL_LOCAL + ".bak-2026-05-11-090000-pre-split", single(host.read(JAIL_LOCAL)))


def unsplit(host):
    """The host of before the split runs, without the two filters."""
    host.write(JAIL_LOCAL, single(host.read(JAIL_LOCAL)))
    for name in ("asterisk-auth", "asterisk-scan"):
        host.remove("etc/fail2ban/filter.d/%s.local" % name)
    host.client("reload")
    host.client("set", "asterisk", "banip", "203.0.113.200")
    host.until(lambda: "203.0.113.200" in host.client("get", "asterisk", "banip"))


def with_backups(host):
    """Three backups: other thresholds in the oldest."""
    data = host.read(JAIL_LOCAL)
    for day, number in ((11, b"60"), (12, b"50"), (13, b"50")):
        host.write(JAIL_LOCAL + ".bak-2026-05-%d-090000" % day, data.replace(b"maxretry = 50", b"maxretry = " + number))


def with_change(host):
    """A customer was whitelisted, and is to be forgotten again."""
    host.facts["change"] = done(host, "onboard", "198.51.100.64/28", *CUSTOMER)


def with_temporary(host):
    """An address is whitelisted for an hour."""
    done(host, "temp", "add", TEMPORARY, "--for", "1h")


def with_recidive(host):
    """The jail for those who come back runs."""
    done(host, "recidive", "enable")


def with_list(host):
    """The operator has a list of two customers."""
    host.operators_file("customers.csv", b"network,customer,note\n198.51.100.64/28,Blue Lotus Hotels,Uplink\n"
                                         b"198.51.100.96/28,Vista Seven Hotels,Second uplink\n")


def kept_by_hand(host):
    """The whitelist has free comments instead of the register's lines."""
    edit(host, REGISTER_LINE, b"# Vista Seven Hotels (VS): 203.0.113.0/28 current uplink\n")


def untidy(host):
    """The whitelist has an entry twice, and a line for an entry that is gone."""
    edit(host, REGISTER_LINE, REGISTER_LINE + b"# 198.51.100.128/28 | Gone Hotels | | by=ravi on=2026-05-11\n")
    edit(host, b"192.0.2.20 203.0.113.0/28", b"192.0.2.20 203.0.113.0/28 203.0.113.0/28")


def crowded(count):
    """So many are banned, in jails that are about TCP alone: the split has a second action to add."""
    def prepare(host):
        crowd.crowd(host, count)
    return prepare


UNBAN_ALL = ["unban"] + crowd.NETWORKS + ["--allow-wide", "--reason", "all of them"]
# What differs where bans take long to come back: the restart, and what kills it, undoes it or the server in the midst of it.
IN_A_RESTORE = ("agent-killed", "server-killed-in-reload", "proof-fails", "killed-in-undo")

ALL = [
    Procedure("onboard", ["onboard", "198.51.100.32/28"] + CUSTOMER, True, None),
    Procedure("offboard", ["offboard", "203.0.113.0/28"], True, None),
    Procedure("import", lambda host: ["whitelist", "import", host.operators_path("customers.csv")], True, with_list),
    Procedure("annotate", ["whitelist", "annotate", "203.0.113.0/28", "--customer", "Vista Seven", "--note", "Both"],
              False, None),
    Procedure("adopt", ["whitelist", "adopt", "--clear-only"], False, kept_by_hand),
    Procedure("lint-fix", ["whitelist", "lint", "--fix"], False, untidy),
    Procedure("unban", ["unban", "203.0.113.200"], False, None),
    Procedure("temp-add", ["temp", "add", TEMPORARY, "--for", "2h"], False, None),
    Procedure("temp-extend", ["temp", "extend", TEMPORARY, "--for", "5h"], False, with_temporary),
    Procedure("temp-remove", ["temp", "remove", TEMPORARY], False, with_temporary),
    Procedure("temp-keep", ["temp", "keep", TEMPORARY] + CUSTOMER, True, with_temporary),
    Procedure("tune", ["tune", "asterisk-scan", "maxretry", "100"], True, None),
    Procedure("recidive-enable", ["recidive", "enable"], True, None),
    Procedure("recidive-disable", ["recidive", "disable"], True, with_recidive),
    Procedure("backup", ["backup", "--label", "matrix"], False, None),
    Procedure("prune", ["backups", "prune", "--keep", "1"], False, with_backups),
    Procedure("restore", ["restore", "jail.local.bak-2026-05-11-090000"], True, with_backups),
    Procedure("undo", lambda host: ["undo", host.facts["change"]], True, with_change),
    Procedure("rollback", ["rollback", "--carry-whitelist"], True, with_old_backup),
    Procedure("split", ["split"], True, unsplit),
    Procedure("reload", ["reload"], True, drifted),
    Procedure("reload-sshd", ["reload"], True, drifted_sshd),
    Procedure("start", ["start"], True, stopped),
    Procedure("split-2000-bans", ["split"], True, crowded(2000), few_points=True),
    Procedure("onboard-2000-bans", ["onboard", "100.64.1.0/28"] + CUSTOMER, True, crowded(2000), few_points=True),
    Procedure("unban-2000-bans", UNBAN_ALL, False, crowded(2000), few_points=True),
    Procedure("split-10000-bans", ["split"], True, crowded(10000), few_points=True, faults=IN_A_RESTORE),
]
