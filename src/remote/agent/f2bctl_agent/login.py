"""Who is logged in, as the host itself sees it: for the audit log, beside what the operator's machine says.

    kernel   uid, and the login that the session began with (/proc/self/loginuid, where something sets it)
    sudo     SUDO_USER, SUDO_UID
    sshd     the source address (SSH_CONNECTION), the key that was accepted (SSH_USER_AUTH, where sshd_config has
             `ExposeAuthInfo yes`)

Boundary: facts only; what cannot be known is absent. Whoever may become root here can change all of it.
"""

import base64
import binascii
import hashlib
import os
import pwd
import sys

from f2bctl_agent import configuration, loop
from f2bctl_agent.loop import AgentError

# What /proc/self/loginuid holds where no login has set it.
NO_LOGIN = 2 ** 32 - 1
LARGEST_AUTH_INFO = 64 * 1024


def seen():
    """{login, uid, ...} with `session_login`, `sudo_user`, `sudo_uid`, `address` and `key` where they are known."""
    found = {"login": user_name(os.geteuid()), "uid": os.geteuid()}
    began = session_uid()
    if began is not None:
        found["session_login"] = user_name(began)
    if os.environ.get("SUDO_USER"):
        found["sudo_user"] = os.environ["SUDO_USER"]
    if os.environ.get("SUDO_UID", "").isdigit():
        found["sudo_uid"] = int(os.environ["SUDO_UID"])
    address = source_address(loop.SESSION.get("ssh_connection"))
    if address is not None:
        found["address"] = address
    key = accepted_key(auth_info())
    if key is not None:
        found["key"] = key
    return found


def user_name(uid):
    """The name of a user, or the number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def session_uid():
    """The user that this session logged in as, which no sudo or su changes; None where that is not known.

    An sshd that someone has started by hand has that user's number itself, and so have all its sessions.
    """
    return login_uid("self") if login_uid(daemon()) is None else None


def login_uid(process):
    """A process's login user, as the kernel keeps it; None where nobody has set it."""
    try:
        with open("/proc/%s/loginuid" % process) as file:
            uid = int(file.read(32))
    except (OSError, ValueError):
        return None
    return None if uid == NO_LOGIN else uid


def daemon():
    """The process above this session that init started: sshd's first."""
    process, above = "self", os.getppid()
    while above > 1:
        process = str(above)
        try:
            with open("/proc/%s/stat" % process, "rb") as file:
                above = int(file.read(4096).rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            break
    return process


def source_address(connection):
    """The address in SSH_CONNECTION, without an interface's name."""
    words = (connection or "").split()
    return words[0].partition("%")[0] if len(words) == 4 else None


def auth_info():
    """The path of sshd's file about this login. sudo drops the variable, so that it is on the command line there."""
    if "SUDO_UID" in os.environ:
        return sys.argv[2] if len(sys.argv) > 2 else ""
    return os.environ.get("SSH_USER_AUTH", "")


def accepted_key(path):
    """The fingerprint of the public key that sshd accepted, as OpenSSH shows it; None where that is not known.

    A line of the file is `publickey TYPE BASE64`, or another method by its name.
    """
    if not os.path.isabs(path):
        return None
    try:
        with configuration.open_regular(path, os.O_NOFOLLOW) as file:
            lines = file.read(LARGEST_AUTH_INFO).decode("ascii", "replace").splitlines()
    except (OSError, AgentError):
        return None
    keys = [line.split() for line in lines if line.startswith("publickey ")]
    for words in keys:
        try:
            blob = base64.b64decode(words[2], validate=True)
        except (IndexError, binascii.Error):
            continue
        return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")
    return None
