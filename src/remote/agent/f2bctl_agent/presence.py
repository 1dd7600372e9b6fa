"""Who was seen in Asterisk's log: of each address and account how many attempts failed and got in, first and last. Nothing else
of the log travels. When each whitelisted network was seen last is kept on the host, by each look.

Boundary: it counts lines of three kinds. A line that can be read as of two addresses is left out, and counted.
"""

import ipaddress
import json
import os
import re
import time

from f2bctl_agent import configuration, journal, log_clock, log_reader
from f2bctl_agent.loop import AgentError

MOST_BYTES = 1024 * 1024 * 1024
SECONDS = 30
BLOCK_BYTES = 512 * 1024
# Pairs of address and account, and accounts of one address: who looks for accounts asks for thousands.
MOST_PAIRS = 20000
MOST_OF_ADDRESS = 300
OTHERS = b"*"
SUCCESS, FAILED, UNKNOWN = range(3)
EVENT = re.compile(rb"^(.{0,60}?)SECURITY ?\[[^\n]{0,80}?SecurityEvent=\"(SuccessfulAuth|ChallengeResponseFailed|InvalidPassword)\""
                   rb"[^\n]*?,AccountID=\"([^\"\n]{0,64})\"[^\n]*,RemoteAddress=\"IPV[46]/\w+/([0-9A-Fa-f.:]+)/\d+\"", re.M)
NOTICE = re.compile(rb"^(.{0,60}?)NOTICE ?\[[^\n]{0,120}?: (?:Request|Registration)[^\n]*?from '([^\n]*)' failed for "
                    rb"'\[?([0-9A-Fa-f.:]+?)\]?(?::\d+)?'[^\n]* - (Failed to authenticate|Wrong password|No matching endpoint found|"
                    rb"No matching peer found)", re.M)
USER = re.compile(rb"sips?:([^@'>;:\s]{1,64})")
NAME = "seen.json"


def presence(conversation, arguments):
    """The verb `presence`: {rows: [{address, account, succeeded, failed, unknown, first, last, last_success}], horizon, has_events,
    truncated, dropped, doubtful, faults, seen}; `failed` counts either the notices or the events, whichever are more."""
    host, since = arguments["host"], time.time() - arguments["since"]
    found = Found()
    try:
        files = log_reader.open_all(host["asterisk_log"])
    except FileNotFoundError:
        raise AgentError("missing", "%s does not exist" % host["asterisk_log"])
    end, left = time.monotonic() + SECONDS, MOST_BYTES
    try:
        for file in files:
            if file.modified() < since:
                break
            left = found.read(file, since, end, left)
            if found.truncated:
                break
    finally:
        for file in files:
            file.close()
    answer = found.answer(since)
    # Who gets in without a failure is seen by events alone: without them nothing tells who was silent.
    watched_from = answer["horizon"] if found.has_events else None
    answer["seen"] = remember(host, arguments["networks"], found.last_of_addresses(), watched_from)
    return answer


class Found:
    """What was found so far, the newest file first."""

    def __init__(self):
        # (address, account) -> [succeeded, failed by events, failed by notices, unknown, first, last, last success].
        self.pairs = {}
        self.accounts = {}
        self.horizon = None
        self.has_events = self.truncated = False
        self.dropped = self.doubtful = 0
        self.faults = []

    def read(self, file, since, end, left):
        """Adds a file; how many bytes may still be read."""
        begin = file.offset_of(since)
        if not file.packed and file.size() - begin > left:
            begin, self.truncated = file.size() - left, True
        clock, first = log_clock.Clock(None, file.modified()), None
        for text, lines in file.blocks(begin, None if file.packed else file.size(), BLOCK_BYTES):
            left -= len(text)
            if first is None:
                times = log_clock.Clock(None, file.modified()).times(lines[:log_reader.NEAR_BYTES].split(b"\n"), file.modified())
                first = next((moment for moment in times if moment is not None), None)
            self.take(lines, clock, since)
            if time.monotonic() > end or left <= 0:
                self.truncated = True
                break
        if first is not None and not self.truncated:
            self.horizon = max(first, int(since))
        if file.fault is not None:
            self.faults.append("%s: %s" % (file.path, file.fault))
        file.release()
        return left

    def take(self, lines, clock, since):
        """Adds what a block of lines holds."""
        for line in EVENT.finditer(lines):
            head, name, account, address = line.groups()
            moment = clock.time(head)
            self.has_events = True
            self.add(address, account, moment, since, SUCCESS if name == b"SuccessfulAuth" else FAILED, 1)
        for line in NOTICE.finditer(lines):
            head, caller, address, reason = line.groups()
            if b"' failed for '" in caller or line.group().count(b"' failed for '") > 1:
                self.doubtful += 1
                continue
            users = USER.findall(caller)
            kind = UNKNOWN if reason.startswith(b"No matching") else FAILED
            self.add(address, users[-1] if users else b"", clock.time(head), since, kind, 2)

    def add(self, address, account, moment, since, kind, place):
        """Adds an attempt of a kind; a failure is counted at a place."""
        if moment is None or moment < since:
            return
        pair = self.pairs.get((address, account))
        if pair is None:
            if self.accounts.get(address, 0) >= MOST_OF_ADDRESS:
                account = OTHERS
                pair = self.pairs.get((address, account))
            if pair is None:
                if len(self.pairs) >= MOST_PAIRS:
                    self.dropped += 1
                    return
                self.accounts[address] = self.accounts.get(address, 0) + 1
                pair = self.pairs[address, account] = [0, 0, 0, 0, moment, moment, None]
        if kind == SUCCESS:
            pair[0] += 1
            pair[6] = moment if pair[6] is None else max(pair[6], moment)
        elif kind == FAILED:
            pair[place] += 1
        else:
            pair[3] += 1
        pair[4], pair[5] = min(pair[4], moment), max(pair[5], moment)

    def last_of_addresses(self):
        """{address: when it was seen last}."""
        found = {}
        for (address, _), pair in self.pairs.items():
            found[address] = max(found.get(address, 0), pair[5])
        return found

    def answer(self, since):
        """What the verb answers, but for what is remembered."""
        rows = [{"address": address.decode("ascii"), "account": account.decode("utf-8", "replace"), "succeeded": pair[0],
                 "failed": max(pair[1], pair[2]), "unknown": pair[3], "first": pair[4], "last": pair[5], "last_success": pair[6]}
                for (address, account), pair in self.pairs.items()]
        return {"rows": rows, "horizon": self.horizon, "has_events": self.has_events, "truncated": self.truncated,
                "dropped": self.dropped, "doubtful": self.doubtful, "faults": self.faults}


def remember(host, networks, last, horizon):
    """{network: {last, from}} after this look: when each network was seen last, and from when on it has been looked at without
    a gap. What was not looked at between two looks is a gap, after which that begins anew; None as the horizon is one."""
    path = os.path.join(host["state_dir"], NAME)
    try:
        before = json.loads(configuration.read_bytes(path).decode("utf-8"))["networks"]
        looked = float(json.loads(configuration.read_bytes(path).decode("utf-8"))["looked"])
    except (OSError, ValueError, KeyError, TypeError, AgentError):
        before, looked = {}, 0.0
    addresses = []
    for text, moment in last.items():
        try:
            addresses.append((ipaddress.ip_address(text.decode("ascii")), moment))
        except ValueError:
            continue
    found, now = {}, time.time()
    for name in networks:
        network = ipaddress.ip_network(name)
        known = before.get(name)
        known = known if isinstance(known, dict) else {}
        moments = [moment for address, moment in addresses if address.version == network.version and address in network]
        moments += [known["last"]] if isinstance(known.get("last"), (int, float)) else []
        begun = horizon if horizon is not None else now
        if isinstance(known.get("from"), (int, float)) and begun <= looked:
            begun = min(begun, known["from"])
        found[name] = {"last": int(max(moments)) if moments else None, "from": int(begun)}
    try:
        journal.state_folder(host)
        configuration.write_durably(path, json.dumps({"looked": now, "networks": found}).encode("ascii"))
    except (OSError, AgentError):
        pass  # a login that may not write there knows less the next time
    return found
