"""The configuration directory as files: hashes, contents, attributes, and a copy of it that can be tried.

Boundary: it reads and copies; the live files are changed by `replacing` alone.
"""

import base64
import hashlib
import os
import stat

from f2bctl_agent.loop import AgentError, describe

READ_ENDINGS = (".conf", ".local", ".py")
LARGEST_FILE = 8 * 1024 * 1024
LARGEST_COPY = 128 * 1024 * 1024
MOST_FILES = 20000
SKIPPED_ENDINGS = (".pyc",)


def digest(data):
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def open_regular(path, flags=0):
    """A regular file, open for reading. A pipe, a device or a terminal in its place would be waited for without end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | flags)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise AgentError("precondition", "%s is not a regular file" % path)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_bytes(path, largest=LARGEST_FILE):
    """A whole file, refused when it is larger than a configuration can be."""
    with open_regular(path) as file:
        data = file.read(largest + 1) or b""
    if len(data) > largest:
        raise AgentError("precondition", "%s is larger than %d bytes" % (path, largest))
    return data


def shown(name):
    """A file's name as text: bytes that are not UTF-8 are written as `\\xNN`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def exposed(path):
    """Why others than root and this login could put things into a folder, or None."""
    facts = os.stat(path)
    if not stat.S_ISDIR(facts.st_mode):
        return "it is not a folder"
    if facts.st_uid not in (0, os.geteuid()):
        return "it belongs to another user (uid %d)" % facts.st_uid
    if facts.st_mode & 0o022:
        return "others may write to it (mode %04o)" % stat.S_IMODE(facts.st_mode)
    return None


def is_read(name):
    """Whether fail2ban may read a file of this name; backups and temporary files are not among them."""
    return name.endswith(READ_ENDINGS) and not name.startswith(".")


def fingerprint(config_dir):
    """{relative path: SHA-256} of what fail2ban reads; the distribution's own files of a folder share one hash.

    Files that operators edit (`*.local`, everything at the top and in jail.d) stand for themselves, so that a
    conflict can name them.
    """
    found = {}
    shared = {}
    if os.stat(config_dir).st_mode & 0o002:
        raise AgentError("precondition", "everybody may write to %s, so nothing in it can be relied on" % config_dir)
    for folder, name, path in sorted(configuration_files(config_dir)):
        try:
            hashed = digest(read_bytes(path))
        except OSError as error:
            hashed = "unreadable: " + shown(describe(error))
        relative = shown(os.path.join(folder, name) if folder else name)
        if folder in ("", "jail.d", "fail2ban.d") or name.endswith(".local"):
            found[relative] = hashed
        else:
            shared.setdefault(folder, hashlib.sha256()).update((relative + "\0" + hashed + "\n").encode("utf-8"))
    for folder, hashed in shared.items():
        found[shown(folder) + "/"] = hashed.hexdigest()
    return found


def configuration_files(config_dir):
    """(folder, name, path) of each file that fail2ban may read, links followed, one level of folders deep."""
    for entry in os.scandir(config_dir):
        if os.path.isfile(entry.path) and is_read(entry.name):
            yield "", entry.name, entry.path
        elif os.path.isdir(entry.path):
            try:
                inside = list(os.scandir(entry.path))
            except OSError:
                continue
            for file in inside:
                # Not the entry's own `is_file`, which fails on a link that leads to itself.
                if os.path.isfile(file.path) and is_read(file.name):
                    yield entry.name, file.name, file.path


def describe_file(path):
    """What a file is, with its content: {exists, sha256, content, mode, uid, gid, modified, link}."""
    found = {"path": path, "exists": True, "link": os.path.realpath(path) if os.path.islink(path) else None}
    try:
        facts = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        # Only these mean that it is not there; a folder that may not be entered is a reason of its own.
        return dict(found, exists=False)
    if not stat.S_ISREG(facts.st_mode):
        raise AgentError("precondition", "%s is not a regular file" % path)
    data = read_bytes(path)
    found.update(sha256=digest(data), content=base64.b64encode(data).decode("ascii"),
                 mode=stat.S_IMODE(facts.st_mode), uid=facts.st_uid, gid=facts.st_gid,
                 modified=facts.st_mtime, size=len(data))
    return found


def filters(config_dir):
    """Every file of filter.d with its path below the directory; those that end in `.local` with their content."""
    found = []
    for folder, name, path in sorted(configuration_files(config_dir)):
        if folder != "filter.d":
            continue
        described = describe_file(path)
        if not name.endswith(".local"):
            described["content"] = None
        found.append(dict(described, path=os.path.join(folder, name)))
    return found


def read(conversation, arguments):
    """The verb `read`: files of the host as they are, each with its content or the reason why not."""
    found = []
    for path in arguments["paths"]:
        try:
            found.append(describe_file(path))
        except (OSError, AgentError) as error:
            reason = describe(error) if isinstance(error, OSError) else error.message
            found.append({"path": path, "unknown": reason})
    return {"files": found}


def tree(conversation, arguments):
    """The verb `tree`: every file that fail2ban may read, with its content and its path below the directory."""
    found = []
    for folder, name, path in sorted(configuration_files(arguments["host"]["config_dir"])):
        found.append(dict(describe_file(path), path=os.path.join(folder, name) if folder else name))
    return {"files": found}


def stage(config_dir, target):
    """Copies the configuration with its links followed; a link that dangles dangles in the copy too."""
    copied = 0
    count = 0
    seen = set()
    for folder, folders, names in os.walk(config_dir, followlinks=True):
        real = os.path.realpath(folder)
        # A link to a folder above leads round in a circle, through the whole disk at that.
        if real in seen or (os.path.realpath(config_dir) + os.sep).startswith(real.rstrip(os.sep) + os.sep) and seen:
            folders[:] = []
            continue
        seen.add(real)
        count += len(names) + 1
        if count > MOST_FILES:
            # A link to a folder elsewhere, most likely: fail2ban itself reads a few hundred files.
            raise AgentError("precondition", "%s leads to more than %d files" % (config_dir, MOST_FILES))
        inside = os.path.normpath(os.path.join(target, os.path.relpath(folder, config_dir)))
        os.makedirs(inside, 0o700, exist_ok=True)
        for name in names:
            source = os.path.join(folder, name)
            if ".bak-" in name or name.endswith(SKIPPED_ENDINGS):
                continue
            try:
                facts = os.stat(source)
            except OSError:
                os.symlink(os.path.join(target, "nowhere"), os.path.join(inside, name))
                continue
            if not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST_FILE:
                continue
            data = read_bytes(source)
            copied += len(data)
            if copied > LARGEST_COPY:
                raise AgentError("precondition", "%s holds more than %d bytes" % (config_dir, LARGEST_COPY))
            with open(os.path.join(inside, name), "wb", 0) as out:
                out.write(data)


def draft_into(target, files):
    """Puts the drafted files (relative path, content or None for a removal) into a staged copy."""
    for file in files:
        path = inside(target, file["path"])
        if file["content"] is None:
            if os.path.lexists(path):
                os.unlink(path)
            continue
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "wb") as out:
            out.write(base64.b64decode(file["content"]))


def inside(base, relative):
    """base/relative, refused when it would leave base."""
    path = os.path.normpath(os.path.join(base, relative))
    if os.path.isabs(relative) or not path.startswith(os.path.normpath(base) + os.sep):
        raise AgentError("protocol", "%r leaves the configuration directory" % relative)
    return path


def sync_folder(path):
    """Makes the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path, data, mode=0o600):
    """A private file written beside its place, made durable, then renamed into it."""
    temporary = "%s.new-%d" % (path, os.getpid())
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.rename(temporary, path)
    except BaseException:
        forget(temporary)
        raise
    sync_folder(os.path.dirname(path))


def temporaries(path):
    """What a replacement or a backup of this file has left beside it under a name of its own."""
    folder, name = os.path.split(path)
    return [os.path.join(folder, left) for left in sorted(os.listdir(folder)) if left.startswith(".%s.f2bctl-" % name)]


def forget(path):
    """Removes a file that may not be there."""
    try:
        os.unlink(path)
    except OSError:
        pass


def write_in_place(path, data):
    """Overwrites a file that exists; needs no room for a second copy, and is not atomic."""
    with open(path, "r+b") as out:
        out.write(data)
        out.truncate()
        out.flush()
        os.fsync(out.fileno())
