"""New content for one of fail2ban's files: durable beside it first, in force by one rename, with the file's attributes.

Boundary: one file. Which files, in which order, and what an undo needs of them are `transaction`'s and `journal`'s.
"""

import base64
import errno
import os

from f2bctl_agent import attributes, configuration


class Replacement:
    """New content for one file, made durable beside it; `commit` puts it in force, `abandon` leaves no trace.

    A link is followed to its target. `content` None takes the file away. `like` gives {mode, uid, gid, modified}, and {extended} where
    that is known, of a file that does not exist now. All replacements of a change are prepared before the first one is committed, so that a full
    disk is found while nothing is touched yet.
    """

    def __init__(self, path, content, like=None):
        self.path = os.path.realpath(path)
        self.content = content
        self.temporary = None
        # Names of extended attributes that the new file could not get.
        self.lost = []
        if content is not None:
            self._prepare(like)

    def _prepare(self, like):
        present = os.stat(self.path) if os.path.exists(self.path) else None
        # The leading dot and the ending keep fail2ban from reading the file before its time.
        name = ".%s.f2bctl-%d" % (os.path.basename(self.path), os.getpid())
        self.temporary = os.path.join(os.path.dirname(self.path), name)
        configuration.forget(self.temporary)
        descriptor = os.open(self.temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(self.content)
                out.flush()
                self.lost = _attributes(out.fileno(), self.path, present, like)
                os.fsync(out.fileno())
        except BaseException:
            self.abandon()
            raise

    def commit(self):
        """Puts the content in force: by rename, or in place where the file is a mount point of its own."""
        if self.content is None:
            if os.path.lexists(self.path):
                os.unlink(self.path)
        else:
            try:
                os.rename(self.temporary, self.path)
            except OSError as error:
                if error.errno not in (errno.EBUSY, errno.EXDEV):
                    raise
                # The journal holds what stood there, should the write be cut short.
                configuration.write_in_place(self.path, self.content)
                self.abandon()
        self.temporary = None
        configuration.sync_folder(os.path.dirname(self.path))

    def abandon(self):
        """Forgets a content that was not committed."""
        if self.temporary is not None:
            configuration.forget(self.temporary)
            self.temporary = None


def put_back(path, content, like):
    """A replacement for an undo: where the disk has no room for a second copy, the file is written in place."""
    try:
        Replacement(path, content, like).commit()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not os.path.exists(path):
            raise
        configuration.write_in_place(path, content)


def _attributes(descriptor, path, present, like):
    """Owner, mode and extended attributes of the file that is replaced: the names of attributes that could not be kept."""
    if present is not None:
        return attributes.take_over(descriptor, path, present)
    if not like:
        os.fchmod(descriptor, 0o644)
        return []
    if (like["uid"], like["gid"]) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, like["uid"], like["gid"])
    os.fchmod(descriptor, like["mode"])
    lost = attributes.keep(descriptor, {name: base64.b64decode(value) for name, value in like.get("extended", {}).items()})
    os.utime(descriptor, (like["modified"], like["modified"]))
    return lost
