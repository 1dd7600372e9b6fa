"""Makes the past of a busy PBX: Asterisk's log of 14 days in 15 files, of which 13 are packed, and fail2ban's action log.

`python3 tests/benchmark/past_logs.py FOLDER MEGABYTES` writes them (390 MB is what the figures of docs/history.md are about).
The same size gives the same lines but for their days, which end now.
"""

import datetime
import gzip
import os
import random
import sys
import time

from filters import event, notice

DAYS = 14
# Who is asked about: a phone with a wrong password, and a customer whose phones come back at once.
PHONE, CUSTOMER = "198.51.100.21", "203.0.113.10"
# How often each kind of attempt comes, of a hundred.
KINDS = (("let_in", 46), ("discovery", 16), ("failure", 8), ("other", 30))
# Of so many failures fail2ban's action log has a line.
FOUND_OF = {"discovery": "asterisk-scan", "failure": "asterisk-auth"}


def texts(kind, chance):
    """(the lines of an attempt, its address)."""
    account, call = chance.randrange(6000, 6200), "%032x@%d.example.net" % (chance.getrandbits(128), chance.randrange(99))
    host = chance.choice((PHONE, CUSTOMER)) if chance.random() < 0.001 else "198.51.100.%d" % chance.randrange(100, 250)
    address = "%s:%d" % (host, chance.randrange(1024, 65000))
    if kind == "let_in":
        return [event("ChallengeSent", "Informational", account, call, address, ',Challenge=""'),
                event("SuccessfulAuth", "Informational", account, call, address, ',UsingPassword="1"')], host
    if kind == "discovery":
        return [notice(account, call, address, "No matching endpoint found")], host
    if kind == "failure":
        return [notice(account, call, address, "Failed to authenticate")], host
    return ["VERBOSE[31201][C-%08x] pbx.c: Executing [%d@from-internal:1] NoOp(\"PJSIP/%d-000001\", \"\") in new stack" % (
        chance.randrange(9999), account, account)], host


def stamp(moment):
    """A time as both logs have it."""
    return datetime.datetime.fromtimestamp(moment).strftime("%Y-%m-%d %H:%M:%S")


def write_day(path, moments, bytes_wanted, chance, actions):
    """One file of Asterisk's log; what fail2ban found of it goes to `actions`."""
    begin, end = moments
    kinds = [kind for kind, share in KINDS for _ in range(share)]
    written = 0
    with open(path, "w") as out:
        while written < bytes_wanted:
            moment = begin + (end - begin) * written / bytes_wanted
            now = stamp(moment)
            kind = chance.choice(kinds)
            lines, host = texts(kind, chance)
            for line in lines:
                written += out.write("[%s] %s\n" % (now, line))
            if kind in FOUND_OF and chance.random() < 0.5:
                verb = "Ignore %s by ip" % host if host == CUSTOMER else "Found %s - %s" % (host, now)
                actions.write("%s,%03d fail2ban.filter         [811]: INFO    [%s] %s\n" % (
                    now, chance.randrange(1000), FOUND_OF[kind], verb))


def make(folder, megabytes):
    """Writes the logs; (Asterisk's, fail2ban's, Asterisk's plain bytes)."""
    chance = random.Random(14)
    log, actions = os.path.join(folder, "messages.log"), os.path.join(folder, "fail2ban.log")
    now, day = time.time(), 86400.0
    each = megabytes * 1000 * 1000 // (DAYS + 1)
    with open(actions, "w") as found:
        for ago in range(DAYS, -1, -1):
            path = log if ago == 0 else "%s.%d" % (log, ago)
            moments = (now - (ago + 1) * day * DAYS / (DAYS + 1), now - ago * day * DAYS / (DAYS + 1))
            write_day(path, moments, each, chance, found)
            os.utime(path, (moments[1], moments[1]))
    return log, actions


def pack(log):
    """Packs all but the newest two files, as logrotate does with delaycompress."""
    for ago in range(2, DAYS + 1):
        path = "%s.%d" % (log, ago)
        facts = os.stat(path)
        with open(path, "rb") as plain, gzip.open(path + ".gz", "wb", 6) as packed:
            while True:
                block = plain.read(1 << 20)
                if not block:
                    break
                packed.write(block)
        os.utime(path + ".gz", (facts.st_mtime, facts.st_mtime))
        os.remove(path)


if __name__ == "__main__":
    pack(make(sys.argv[1], int(sys.argv[2]))[0])
