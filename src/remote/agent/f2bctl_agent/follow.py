"""Follows the action log: what was written since a moment or a place, then what comes, over rotation and truncation.

    {lines, times, place}    whole lines, the time of each (seconds of the Unix clock) or null, the place after them
    {customers}              jail.local, whose register names the customers: at the start and whenever it changes
    {notice, text}           rotated, truncated, lost, missing, elsewhere

A place is {inode, offset, tail, time}: the byte after the last line that was read, counted in the unpacked text, a hash
of the text before it, and when it was read. A file that was renamed keeps its inode; one that was copied (copytruncate)
or packed does not, and is known by its text.

Boundary: lines are sent as they are; what they say is the operator's side to read. It follows while other requests are
served, a piece at a time, and sends no more events than the operator's side has room for: so nothing waits for it, and
memory is bounded by one batch.
"""

import hashlib
import os
import time

from f2bctl_agent import configuration, log_clock, log_reader, server
from f2bctl_agent.loop import AgentError, describe, failure

POLL_SECONDS = 0.25
REGISTER_SECONDS = 2
SERVER_SECONDS = 5
# Of a line that is longer only the beginning is sent: no log of fail2ban has one.
LONGEST_LINE = 64 * 1024
# How much text before a place tells it from any other: some lines, each with its time.
TAIL_BYTES = 512
# What a follower yields that has nothing to do for POLL_SECONDS.
WAIT: dict = {}


def follow(conversation, arguments):
    """The verb `follow`: {log, since, place, room}; begins to follow, and answers when it is asked to stop.

    {follower, room} makes room for more events, {follower, stop} ends it; `follower` is the number of the request.
    """
    conversation.followers[conversation.request_id] = Following(conversation, arguments)


class Following:
    """One who follows the log: what is looked at and sent in its turns."""

    def __init__(self, conversation, arguments):
        self.conversation = conversation
        self.number = conversation.request_id
        self.room = arguments["room"]
        log, self.remark = target(arguments["host"])
        self.follower = Follower(log)
        self.work = self.look(arguments)
        self.due = 0.0

    def look(self, arguments):
        """Yields each event, None behind a piece of work that has none, and WAIT where there is nothing to do for a moment."""
        register = Register(arguments["host"])
        # At once: what lies behind a time may have to be searched for.
        yield {"lines": [], "times": [], "place": None}
        if self.remark:
            yield {"notice": "elsewhere", "text": self.remark}
        yield register.look()
        for found in self.follower.begin(moment(arguments["since"]), arguments["place"]):
            yield found
        yield self.follower.report([], [])
        while True:
            yield WAIT
            for found in self.follower.step():
                yield found
            customers = register.look()
            if customers is not None:
                yield customers

    def turn(self):
        """Does one piece of work if it is time for that; how many seconds until the next."""
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + POLL_SECONDS
            if self.room > 0 and not self.conversation.unwritten:
                self.piece()
        return max(0, self.due - time.monotonic())

    def piece(self):
        """One piece of work, after which others have their turn; while something is being changed, it is the only one."""
        try:
            found = next(self.work)
        except PermissionError as error:
            return self.end({"error": failure(AgentError("permission", describe(error)))})
        except Exception as error:
            return self.end({"error": failure(error)})
        if found is not WAIT and not self.conversation.acting:
            self.due = 0
        if found:
            self.room -= 1
            self.conversation.send({"id": self.number, "event": found}, 0)

    def take(self, frame):
        """The operator's side has room for more events, or wants no more."""
        self.room += frame.get("room", 0)
        self.due = 0
        if "stop" in frame:
            self.end({"ok": {"place": self.follower.place()}})

    def end(self, answer):
        """Answers the request."""
        del self.conversation.followers[self.number]
        self.work.close()
        self.follower.close()
        self.conversation.send(dict(answer, id=self.number), 0)


def target(host):
    """(the log to follow: the running server's own, or the one of the settings; what there is to say about it, or None)."""
    usual = host["log"]
    try:
        live = server.connect(host["config_dir"], timeout=SERVER_SECONDS)
        try:
            own = str(live.command("get", "logtarget"))
        finally:
            live.close()
    except Exception:  # whatever keeps it from answering: it may be down, and start while it is watched
        return usual, None
    if not own.startswith("/"):
        return usual, ("fail2ban logs to %s and not to a file, so its lines are not followed here; its journal has them "
                       "(journalctl -f -u fail2ban), or set `logtarget = %s` in fail2ban.local" % (own, usual))
    if os.path.realpath(own) != os.path.realpath(usual):
        return own, "fail2ban logs to %s, which is followed; the settings of this host name %s" % (own, usual)
    return usual, None


def moment(since):
    """The moment that is asked for: {ago: seconds}, {local: "YYYY-MM-DD HH:MM:SS"}, {epoch: seconds} or None."""
    if since is None:
        return None
    if "ago" in since:
        return time.time() - since["ago"]
    if "epoch" in since:
        return since["epoch"]
    text = since["local"]
    if len(text) <= 8:  # a time of today
        text = "%s %s" % (time.strftime("%Y-%m-%d"), text)
    return time.mktime(time.strptime(text, "%Y-%m-%d %H:%M:%S"))


class Register:
    """jail.local as the register of customers, sent again when it changes."""

    def __init__(self, host):
        self.path = os.path.join(host["config_dir"], "jail.local")
        self.seen = None
        self.due = 0.0

    def look(self):
        """The file as an event if it is another than before, else None; looked for every other second."""
        if time.monotonic() < self.due:
            return None
        self.due = time.monotonic() + REGISTER_SECONDS
        try:
            facts = os.stat(self.path)
            mark = (facts.st_ino, facts.st_mtime, facts.st_size)
            if mark == self.seen:
                return None
            self.seen = mark
            return {"customers": configuration.describe_file(self.path)}
        except (OSError, AgentError):
            return None  # without the file there are no names; the log is followed all the same


def before(file, offset):
    """The text just before a place; less than there should be where the file is shorter."""
    begin = max(0, offset - TAIL_BYTES)
    return file.read(begin, offset - begin)


def digest(text):
    """What a place is known by."""
    return hashlib.sha256(text).hexdigest()


def has(file, place):
    """Whether this is the file of a place. At its very start there is no text to know a file by."""
    if place["offset"] == 0 and file.inode != place["inode"]:
        return False
    text = before(file, place["offset"])
    return len(text) == min(place["offset"], TAIL_BYTES) and digest(text) == place["tail"]


def opened(path):
    """A file of the log, open, or None for one that is gone (rotation may run at this moment)."""
    try:
        return log_reader.LogFile(path)
    except FileNotFoundError:
        return None


def since_file(path, matches, offset=0):
    """Returns (the newest file of the log that matches, those that are newer, the oldest first), or (None, all files); a
    packed file has to be unpacked up to `offset` for that, which is done in pieces."""
    found, newer = None, []
    for file in log_reader.open_all(path):
        if found is not None:
            file.close()
            continue
        for begin in range(0, offset if file.packed else 0, log_reader.BLOCK_BYTES):
            file.read(begin, 1)
            yield None
        if matches(file):
            found = file
        else:
            file.release()
            newer.append(file)
    return found, newer[::-1]


class Follower:
    """The log that is being read: one open file of it and the byte behind the last line that was yielded.

    What reads it yields each event, and None behind a piece of work that has none.
    """

    def __init__(self, log):
        self.log = log
        self.file = None
        self.offset = 0
        self.before = b""
        self.since = None
        self.clock = log_clock.Clock()
        self.waiting = False
        # Why a file could not be read to its end, as it was reported.
        self.fault = None

    def begin(self, since, place):
        """Yields what lies behind the place, or since the moment, in all files; without either, nothing."""
        if place is not None:
            yield from self.resume(place)
        elif since is not None:
            self.since = since
            file, newer = yield from since_file(self.log, lambda found: found.is_before(since))
            yield from self.go_through(file, 0 if file is None else file.offset_of(since), newer)
        else:
            self.file = self.written_last()
            if self.file is not None:
                self.offset = self.last_line_end()
                self.before = before(self.file, self.offset)

    def written_last(self):
        """The log; while it is empty just after a rotation, the writer may not have left the one before it."""
        plain = [file for file in log_reader.open_all(self.log)[:2] if not file.packed]
        return next((file for file in plain if file.size()), plain[0] if plain else None)

    def resume(self, place):
        """Goes on after a place; that a log no longer holds it, and so may have lost lines, is an event."""
        self.clock.last = place["time"]
        file, newer = yield from since_file(self.log, lambda found: has(found, place), place["offset"])
        if file is None:
            yield notice("lost", "The log no longer holds the line that was read last; lines may be missing here.")
            # Lines of the very second come rather twice than not at all.
            self.since = place["time"]
        yield from self.go_through(file, place["offset"] if file is not None else 0, newer)

    def go_through(self, file, offset, newer):
        """Yields the rest of a file and all of the newer ones; the last of them stays open."""
        self.take(file, offset)
        for following in newer:
            if self.stays(following):
                following.close()
                break
            yield from self.drain(at_end=True)
            self.take(following, 0)
        yield from self.drain(at_end=False)

    def stays(self, following):
        """Whether the file that is read may still be written to: the log behind it is empty yet."""
        present = self.file
        return following.path == self.log and not following.size() and present is not None and not present.packed

    def take(self, file, offset):
        """Makes this the file that is read, and remembers the text before the offset, by which a file that was
        rewritten is known from one that grew."""
        if self.file is not None and self.file is not file:
            self.file.close()
        self.file = file
        self.offset = offset
        self.before = b"" if file is None else before(file, offset)

    def last_line_end(self):
        """The end of the last whole line."""
        size = self.file.size()
        begin = max(0, size - LONGEST_LINE)
        end = self.file.read(begin, size - begin).rfind(b"\n")
        return begin + end + 1 if end >= 0 else begin

    def step(self):
        """One look: new lines, a file that was rewritten, a file that was put in its place."""
        if self.file is None:
            yield from self.appear()
        elif self.is_rewritten():
            yield from self.truncated()
        else:
            yield from self.drain(at_end=False)
            yield from self.follow_rotation()

    def follow_rotation(self):
        """Goes on in the log that was put in the place of the one that was read to its end."""
        try:
            facts = os.stat(self.log)
        except FileNotFoundError:
            return  # moved away and not made again yet: what is written still goes to the old one
        # The writer may write to the old file until it is asked to open the new one, so the old one is left only when
        # there is text in the new one.
        if facts.st_ino != self.file.inode and facts.st_size > 0:
            yield from self.drain(at_end=True)
            yield from self.rotated()

    def appear(self):
        """Waits for a log that does not exist."""
        self.file = opened(self.log)
        if self.file is not None:
            self.waiting = False
            self.take(self.file, 0)
            yield from self.drain(at_end=False)
        elif not self.waiting:
            self.waiting = True
            yield notice("missing", "%s does not exist; waiting for it." % self.log)

    def is_rewritten(self):
        """Whether the text that was read is no longer where it was."""
        return not self.file.packed and before(self.file, self.offset) != self.before

    def truncated(self):
        """Goes on in the copy that copytruncate has made, if there is one, and then at the start of the file."""
        place = dict(self.place(), inode=0)
        copy, newer = yield from since_file(self.log, lambda found: found.path != self.log and has(found, place),
                                            place["offset"])
        yield notice("truncated", "The log was truncated; going on at its start.")
        if copy is None:
            close(newer)
            self.take(opened(self.log), 0)
            yield from self.drain(at_end=False)
        else:
            yield from self.go_through(copy, self.offset, newer)

    def rotated(self):
        """Goes on in the files that came after the one that was read to its end."""
        inode = self.file.inode
        found, newer = yield from since_file(self.log, lambda found: found.inode == inode)
        if found is None:  # packed meanwhile: known by its text
            close(newer)
            place = self.place()
            found, newer = yield from since_file(self.log, lambda other: has(other, place), place["offset"])
        if found is not None:
            found.close()
        else:
            close(newer[:-1])
            newer = newer[-1:]
        yield notice("rotated", "The log was rotated.")
        yield from self.go_through(self.file, self.offset, newer)

    def drain(self, at_end):
        """Yields the whole lines behind the offset; the unfinished last one too, where nothing can follow it."""
        if self.file is None:
            return
        for text, lines in self.file.blocks(self.offset, length=LONGEST_LINE, unfinished=at_end):
            self.offset += len(text)
            self.before = (self.before + text)[-TAIL_BYTES:]
            yield self.wanted(lines)
        if self.file.fault not in (None, self.fault):
            self.fault = self.file.fault
            yield notice("lost", "%s cannot be read to its end: %s." % (self.file.path, self.file.fault))

    def wanted(self, text):
        """Lines as an event, from the moment on that was asked for; None before that."""
        lines = text.split(b"\n")
        if not lines[-1]:
            lines.pop()
        times = self.clock.times(lines, self.file.modified())
        if self.since is not None:
            late = next((number for number, moment in enumerate(times) if moment is not None and moment >= self.since), None)
            if late is None:
                return None
            # From the first of them on, all are.
            self.since = None
            lines, times = lines[late:], times[late:]
        return self.report([line.decode("utf-8", "backslashreplace") for line in lines], times)

    def report(self, lines, times):
        """Lines, their times and the place behind them."""
        return {"lines": lines, "times": times, "place": self.place()}

    def place(self):
        """Where it is now, for a follower that takes over."""
        if self.file is None:
            return None
        tail = digest(self.before)
        return {"inode": self.file.inode, "offset": self.offset, "tail": tail, "time": int(time.time())}

    def close(self):
        """Gives the file back."""
        if self.file is not None:
            self.file.close()


def close(files):
    """Gives files back that are not read."""
    for file in files:
        file.close()


def notice(word, text):
    """Something that is no line, as an event."""
    return {"notice": word, "text": text}
