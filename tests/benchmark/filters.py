"""How fast the filters of `split` read a log beside the distribution's asterisk filter, by the host's own fail2ban-regex.

`python3 tests/benchmark/filters.py [LINES] [ROUNDS]` needs fail2ban and no f2bctl. The CPU time of each run is taken, less
that of an empty log, and the fastest of the rounds counts: a busy moment hits some of them. It only measures.
"""

import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SPLIT = os.path.join(REPOSITORY, "src", "model", "runbook")
SERVER = "192.0.2.10"
# What a busy PBX logs (shares of a hundred), with phones that come back, some wrong passwords and a scanner.
MIXTURE = (("sent", 24), ("success", 22), ("discovery", 16), ("failure", 8), ("other", 30))
LEVELS = {"both levels": ("NOTICE", "SECURITY"), "notices alone": ("NOTICE",), "events alone": ("SECURITY",)}


def event(name, severity, account, call, address, more=""):
    """A line of the security level."""
    return ('SECURITY[31209] res_security_log.c: SecurityEvent="%s",EventTV="2026-11-22T06:54:01.933+0000",Severity="%s",'
            'Service="PJSIP",EventVersion="1",AccountID="%s",SessionID="%s",LocalAddress="IPV4/UDP/%s/5060",'
            'RemoteAddress="IPV4/UDP/%s"%s' % (name, severity, account, call, SERVER, address.replace(":", "/"), more))


def notice(account, call, address, reason):
    """A notice about a request of PJSIP's."""
    return ("NOTICE[31194] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '\"Room %s\" <sip:%s@%s>' failed for '%s' "
            "(callid: %s) - %s" % (account, account, SERVER, address, call, reason))


def lines(count, levels):
    """That many lines of the mixture, of these levels and of others that no filter is about."""
    chance = random.Random(9)
    kinds = [kind for kind, share in MIXTURE for _ in range(share)]
    made = []
    while len(made) < count:
        account, call = chance.randrange(6000, 6200), "%032x@%d.example.net" % (chance.getrandbits(128), chance.randrange(99))
        address = "198.51.100.%d:%d" % (chance.randrange(1, 250), chance.randrange(1024, 65000))
        proof = ',Challenge="1795804194/%032x",Response="%032x",ExpectedResponse=""' % (
            chance.getrandbits(128), chance.getrandbits(128))
        texts = {
            "sent": [event("ChallengeSent", "Informational", account, call, address, ',Challenge=""')],
            "success": [event("SuccessfulAuth", "Informational", account, call, address, ',UsingPassword="1"')],
            "discovery": [notice(account, call, address, "No matching endpoint found"),
                          event("InvalidAccountID", "Error", account, call, address)],
            "failure": [notice(account, call, address, "Failed to authenticate"),
                        event("ChallengeResponseFailed", "Error", account, call, address, proof)],
            "other": ["WARNING[31201][C-%08x] res_rtp_asterisk.c: Unable to send packet to %s: Operation not permitted" % (
                chance.randrange(9999), address),
                      "VERBOSE[31201][C-%08x] pbx.c: Executing [%d@from-internal:1] NoOp(\"PJSIP/%d-000001\", \"\") in new stack" % (
                          chance.randrange(9999), account, account)],
        }[chance.choice(kinds)]
        made += ["[2026-11-22 06:54:01] " + text for text in texts
                 if not text.startswith(("NOTICE", "SECURITY")) or text.startswith(levels)]
    return made[:count]


def seconds(folder, log, jail):
    """The CPU time of one run over a log."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["fail2ban-regex", "--usedns", "no", "-c", folder, log, jail], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def configuration(folder, variant):
    """fail2ban's own configuration with the filters of a variant beside the distribution's."""
    shutil.copytree("/etc/fail2ban", folder, symlinks=True)
    for jail in ("asterisk-auth", "asterisk-scan"):
        shutil.copyfile(os.path.join(SPLIT, "%s.%s.local" % (jail, variant)), os.path.join(folder, "filter.d", jail + ".local"))


def main(count, rounds):
    """Prints the table."""
    with tempfile.TemporaryDirectory() as place:
        for variant in ("notice", "security"):
            configuration(os.path.join(place, variant), variant)
        subjects = [("distribution's asterisk", "notice", "asterisk")]
        subjects += [("%s, %s" % (jail, variant.upper()), variant, jail)
                     for variant in ("notice", "security") for jail in ("asterisk-auth", "asterisk-scan")]
        empty = os.path.join(place, "empty")
        open(empty, "w").close()
        print("%d lines, the fastest of %d rounds\n" % (count, rounds))
        print("| filter | " + " | ".join(LEVELS) + " |\n|---|" + "---|" * len(LEVELS))
        rows = {}
        for levels in LEVELS.values():
            log = os.path.join(place, "log")
            with open(log, "w") as out:
                out.write("\n".join(lines(count, levels)) + "\n")
            best = {}
            for _ in range(rounds):
                for name, variant, jail in subjects:
                    folder = os.path.join(place, variant)
                    took = seconds(folder, log, jail) - seconds(folder, empty, jail)
                    best[name] = min(took, best.get(name, took))
            own = best[subjects[0][0]]
            for name, took in best.items():
                rows.setdefault(name, []).append("%d lines/s, %.2f x" % (count / took, own / took))
        for name, cells in rows.items():
            print("| %s | %s |" % (name, " | ".join(cells)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20000, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
