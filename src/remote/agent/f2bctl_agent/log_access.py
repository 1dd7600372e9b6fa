"""Opens a log that a service writes: whoever may write to its folder decides what is there, and must not decide what
root reads.

A link is followed only where nobody but root and this login can make one. Only regular files are opened, and none of
the kernel's own (/proc, /sys), some of which never end or take what is read away from others.

Boundary: it opens; what is read of it, and how much, is the caller's.
"""

import os
import pwd
import stat

from f2bctl_agent.loop import AgentError

MOST_LINKS = 40
KERNEL = ("/proc/", "/sys/")
OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | os.O_NOFOLLOW
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW | getattr(os, "O_PATH", 0o10000000)


def open_log(path):
    """The log, open for reading; FileNotFoundError where there is none."""
    if not path.startswith("/"):
        raise AgentError("precondition", "%s is not an absolute path" % path)
    with Walk(path) as walk:
        try:
            return walk.open()
        except PermissionError as error:
            raise AgentError("permission", "%s cannot be read as %s: %s" % (path, login(), error.strerror))
        except OSError as error:
            error.filename = path  # not only the name in the last folder
            raise


def login():
    """The user that the agent runs as, by name."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return "uid %d" % os.geteuid()


class Walk:
    """A path, gone one name at a time from the root on, so that nothing in it can be exchanged between check and
    use."""

    def __init__(self, path):
        self.path = path
        self.names = names_of(path)
        self.links = 0
        self.folders = []
        self.gone = []

    def __enter__(self):
        self.restart()
        return self

    def __exit__(self, *_):
        self.leave()

    def leave(self):
        while self.folders:
            os.close(self.folders.pop())

    def restart(self):
        self.leave()
        self.gone = []
        self.folders.append(os.open("/", FOLDER))

    def open(self):
        """The file at the end of the path."""
        while self.names:
            name = self.names.pop(0)
            if name == "..":
                if self.gone:
                    self.gone.pop()
                    os.close(self.folders.pop())
                continue
            facts = os.stat(name, dir_fd=self.folders[-1], follow_symlinks=False)
            if stat.S_ISLNK(facts.st_mode):
                self.follow(name, facts)
            elif self.names:
                self.folders.append(os.open(name, FOLDER, dir_fd=self.folders[-1]))
                self.gone.append(name)
            else:
                return self.file(name)
        raise AgentError("precondition", "%s is not a regular file" % self.path)

    def follow(self, name, link):
        """Goes on at the target of a link, if only root and this login could have put it there."""
        place = "/" + "/".join(self.gone + [name])
        why = untrusted(os.fstat(self.folders[-1]), link)
        if why:
            raise AgentError("precondition", "%s: %s is a link in a folder %s, so it is not followed; name the file itself"
                             % (self.path, place, why))
        self.links += 1
        if self.links > MOST_LINKS:
            raise AgentError("precondition", "%s leads through more than %d links" % (self.path, MOST_LINKS))
        target = os.readlink(name, dir_fd=self.folders[-1])
        self.names = names_of(target) + self.names
        if target.startswith("/"):
            self.restart()

    def file(self, name):
        """The file itself, once it is known to be one."""
        place = "/" + "/".join(self.gone + [name])
        if place.startswith(KERNEL):
            raise AgentError("precondition", "%s is not a log file: what lies in %s is the kernel's (f2bctl's agent runs as %s)"
                             % (self.path, place[:place.index("/", 1)], login()))
        descriptor = os.open(name, OPEN, dir_fd=self.folders[-1])
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise AgentError("precondition", "%s is not a regular file" % self.path)
            return os.fdopen(descriptor, "rb")
        except BaseException:
            os.close(descriptor)
            raise


def names_of(path):
    """The names of a path, in order."""
    return [name for name in path.split("/") if name not in ("", ".")]


def untrusted(folder, link):
    """Why another user could have put a link into a folder, or None. In a folder such as /tmp nobody can exchange a
    link of root's."""
    trusted = (0, os.geteuid())
    if folder.st_uid not in trusted:
        return "of another user (uid %d)" % folder.st_uid
    if folder.st_mode & 0o022 and not (folder.st_mode & stat.S_ISVTX and link.st_uid in trusted):
        return "that others may write to (mode %04o)" % stat.S_IMODE(folder.st_mode)
    return None
