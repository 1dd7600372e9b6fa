"""What a file carries besides its bytes: owner, mode, access control list, other extended attributes, and further
names.

Boundary: it is used where a file is replaced or copied; who may write to a file is `surroundings`' to see.
"""

import errno
import os
import stat

from f2bctl_agent import configuration
from f2bctl_agent.loop import AgentError

ACCESS_LIST = "system.posix_acl_access"


def take_over(descriptor, path, facts):
    """Gives a new file the owner, mode and extended attributes of another: the names that could not be kept."""
    if (facts.st_uid, facts.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, facts.st_uid, facts.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(facts.st_mode))
    return keep(descriptor, of(path))


def of(path):
    """{name: bytes} of a file's extended attributes: access control list, SELinux label, what users set."""
    try:
        return {name: os.getxattr(path, name) for name in os.listxattr(path)}
    except OSError:
        return {}  # this file system has none


def keep(descriptor, wanted):
    """Sets extended attributes, and takes away an access control list that a folder gives to new files: the names that
    could not be kept, since the file system or the kernel does not take them from this login."""
    lost = []
    for name, value in sorted(wanted.items()):
        try:
            if of(descriptor).get(name) != value:
                os.setxattr(descriptor, name, value)
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EPERM, errno.EACCES):
                raise
            lost.append(name)
    if ACCESS_LIST in of(descriptor) and ACCESS_LIST not in wanted:
        mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        os.removexattr(descriptor, ACCESS_LIST)
        os.fchmod(descriptor, mode)
    return lost


def refuse_second_names(config_dir, files):
    """Refuses to replace a file that has more than one name: a rename would part the names, and a write in its place
    would change what someone may have kept under the other one."""
    for file in files:
        path = os.path.realpath(configuration.inside(config_dir, file["path"]))
        try:
            names = os.stat(path).st_nlink
        except OSError:
            continue  # it is new, or the step that reads it says why it cannot
        if names > 1:
            raise AgentError("precondition", "%s has %d names (hard links), and replacing it would leave the old text under "
                             "the others" % (path, names), path=path, names=names)
