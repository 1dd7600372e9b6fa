"""Follows the action log: what was written since a moment or a place, then what comes, over rotation and truncation.

    {lines, place, offset}   whole lines, the place behind them, the host's zone in seconds east of UTC
    {customers}              jail.local, whose register names the customers: at the start and whenever it changes
    {notice, text}           rotated, truncated, lost, missing

Boundary: lines are sent as they are; what they say is the operator's side to read. The request ends when anything comes
on stdin or its end does; memory is bounded by one batch.
"""

import os
import select
import time

from f2bctl_agent import configuration, log_files
from f2bctl_agent.loop import AgentError, describe

POLL_SECONDS = 0.25
REGISTER_SECONDS = 2
# Of a line that is longer only the beginning is sent: no log of fail2ban has one.
LONGEST_LINE = log_files.CHUNK_BYTES


def follow(conversation, arguments):
    """The verb `follow`: {log, since, place}; answers when it is told to stop."""
    log = arguments["host"]["log"]
    follower = Follower(conversation, log)
    register = Register(conversation, arguments["host"])
    register.look()
    try:
        follower.begin(moment(arguments["since"]), arguments["place"])
        follower.report([])
        while conversation.connected and not stopped(conversation):
            follower.step()
            register.look()
    except PermissionError as error:
        raise AgentError("permission", describe(error))
    finally:
        follower.close()
    return {"place": follower.place()}


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


def stopped(conversation):
    """Waits a moment; whether the operator's side has said anything, or is gone."""
    readable, _, _ = select.select([conversation.incoming], [], [], POLL_SECONDS)
    return bool(readable)


class Register:
    """jail.local as the register of customers, sent again when it changes."""

    def __init__(self, conversation, host):
        self.conversation = conversation
        self.path = os.path.join(host["config_dir"], "jail.local")
        self.seen = None
        self.due = 0

    def look(self):
        """Sends the file if it is another than before; looked for every other second."""
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + REGISTER_SECONDS
        try:
            facts = os.stat(self.path)
            mark = (facts.st_ino, facts.st_mtime, facts.st_size)
            if mark == self.seen:
                return
            self.seen = mark
            tell(self.conversation, {"customers": configuration.describe_file(self.path)})
        except (OSError, AgentError):
            return  # without the file there are no names; the log is followed all the same


class Follower:
    """The log that is being read: one open generation and the byte behind the last line that was sent."""

    def __init__(self, conversation, log):
        self.conversation = conversation
        self.log = log
        self.generation = None
        self.offset = 0
        self.before = b""
        self.since = None
        self.waiting = False

    def begin(self, since, place):
        """Sends what lies behind the place, or since the moment, in all generations; without either, nothing."""
        if place is not None:
            self.resume(place)
        elif since is not None:
            self.since = since
            generation, newer = log_files.behind(self.log, lambda found: found.begins_before(since))
            self.go_through(generation, 0, newer)
        else:
            self.generation = self.written_last()
            if self.generation is not None:
                self.offset = self.last_line_end()
                self.before = self.generation.before(self.offset)

    def written_last(self):
        """The log; while it is empty just after a rotation, the writer may not have left the one before it."""
        first = None
        for path in log_files.generations(self.log)[:2]:
            found = log_files.opened(path)
            if found is None or found.packed or (first is not None and not found.size()):
                continue
            if found.size():
                if first is not None:
                    first.close()
                return found
            first = found
        return first

    def resume(self, place):
        """Goes on behind a place; a log that no longer holds it may have lost lines, which is said."""
        generation, newer = log_files.behind(self.log, lambda found: found.has(place))
        if generation is None:
            self.notice("lost", "The log no longer holds the line that was read last; lines may be missing here.")
            # Lines of the very second are rather told twice than not at all.
            self.since = place["time"]
        self.go_through(generation, place["offset"] if generation is not None else 0, newer)

    def go_through(self, generation, offset, newer):
        """Sends the rest of a generation and all of the newer ones; the last of them stays open."""
        self.take(generation, offset)
        for path in newer:
            following = log_files.opened(path)
            if following is None:
                continue
            if self.stays(following):
                following.close()
                break
            self.drain(at_end=True)
            self.take(following, 0)
        self.drain(at_end=False)

    def stays(self, following):
        """Whether the generation that is read may still be written to: the log behind it is empty yet."""
        present = self.generation
        return following.path == self.log and not following.size() and present is not None and not present.packed

    def take(self, generation, offset):
        """Makes this the generation that is read, and remembers the text before the offset, by which a file that was
        rewritten is told from one that grew."""
        if self.generation is not None and self.generation is not generation:
            self.generation.close()
        self.generation = generation
        self.offset = offset
        self.before = b"" if generation is None else generation.before(offset)

    def last_line_end(self):
        """The end of the last whole line."""
        size = self.generation.size()
        begin = max(0, size - LONGEST_LINE)
        end = self.generation.read(begin, size - begin).rfind(b"\n")
        return begin + end + 1 if end >= 0 else begin

    def step(self):
        """One look: new lines, a file that was rewritten, a file that was put in its place."""
        if self.generation is None:
            self.appear()
            return
        if self.is_rewritten():
            self.truncated()
        self.drain(at_end=False)
        try:
            facts = os.stat(self.log)
        except FileNotFoundError:
            return  # moved away and not made anew yet: what is written still goes to the old one
        # The writer may write to the old file until it is told to open the new one, so the old one is left only when
        # there is text in the new one.
        if facts.st_ino != self.generation.inode and facts.st_size > 0:
            self.drain(at_end=True)
            self.rotated()

    def appear(self):
        """Waits for a log that does not exist."""
        self.generation = log_files.opened(self.log)
        if self.generation is not None:
            self.waiting = False
            self.take(self.generation, 0)
            self.drain(at_end=False)
        elif not self.waiting:
            self.waiting = True
            self.notice("missing", "%s does not exist; waiting for it." % self.log)

    def is_rewritten(self):
        """Whether the text that was read is no longer where it was."""
        return not self.generation.packed and self.generation.before(self.offset) != self.before

    def truncated(self):
        """Goes on in the copy that copytruncate has made, if there is one, and then at the start of the file."""
        place = dict(self.place(), inode=0)
        copy, _ = log_files.behind(self.log, lambda found: found.path != self.log and found.has(place))
        self.notice("truncated", "The log was truncated; going on at its start.")
        if copy is None:
            self.take(log_files.opened(self.log), 0)
        else:
            self.go_through(copy, self.offset, [self.log])

    def rotated(self):
        """Goes on in the generations that came after the one that was read to its end."""
        inode = self.generation.inode
        found, newer = log_files.behind(self.log, lambda found: found.inode == inode)
        if found is None:  # packed meanwhile: known by its text
            place = self.place()
            found, newer = log_files.behind(self.log, lambda other: other.has(place))
        if found is not None:
            found.close()
        else:
            newer = newer[-1:]
        self.notice("rotated", "The log was rotated.")
        self.go_through(self.generation, self.offset, newer)

    def drain(self, at_end):
        """Sends the whole lines behind the offset; the unfinished last one too, where nothing can follow it."""
        while self.generation is not None and self.conversation.connected:
            try:
                text = self.generation.read(self.offset, LONGEST_LINE)
            except (OSError, EOFError) as error:
                self.notice("lost", "%s cannot be read to its end: %s." % (self.generation.path, error))
                return
            end = text.rfind(b"\n") + 1
            if end == 0 and (len(text) == LONGEST_LINE or (at_end and text)):
                end = len(text)
            if end == 0:
                return
            sent = text[:end]
            if self.before and not self.before.endswith(b"\n"):
                sent = sent.partition(b"\n")[2]  # the rest of a line is no line, whatever it looks like
            self.offset += end
            self.before = (self.before + text[:end])[-log_files.TAIL_BYTES:]
            self.send(sent)

    def send(self, text):
        """Sends lines, from the moment on that was asked for."""
        lines = text.split(b"\n")
        if lines and not lines[-1]:
            lines.pop()
        if self.since is not None:
            lines = self.of_late(lines)
        self.report([line.decode("utf-8", "backslashreplace") for line in lines])

    def report(self, lines):
        """Tells lines, the place behind them, and the zone in which their times are."""
        tell(self.conversation, {"lines": lines, "place": self.place(), "offset": time.localtime().tm_gmtoff})

    def of_late(self, lines):
        """The lines since the moment; from the first of them on, all are."""
        for number, line in enumerate(lines):
            found = log_files.stamp(line)
            if found is not None and found >= self.since:
                self.since = None
                return lines[number:]
        return []

    def place(self):
        """Where it is now, for a follower that takes over."""
        if self.generation is None:
            return None
        tail = log_files.digest(self.before)
        return {"inode": self.generation.inode, "offset": self.offset, "tail": tail, "time": int(time.time())}

    def notice(self, word, text):
        """Tells of something that is no line."""
        tell(self.conversation, {"notice": word, "text": text})

    def close(self):
        """Gives the file back."""
        if self.generation is not None:
            self.generation.close()


def tell(conversation, facts):
    """One event of this request."""
    conversation.send({"id": conversation.request_id, "event": facts})
