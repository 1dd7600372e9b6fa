"""The file trees of the Debian generations, made once by debootstrap outside the repository.

Boundary: it makes and names directories; nothing in them runs from here.
"""

import os
import subprocess
import sys

CACHE = os.environ.get("F2BCTL_GENERATIONS", "/var/tmp/f2bctl-generations")
MIRROR = os.environ.get("F2BCTL_MIRROR", "http://deb.debian.org/debian")
SUITES = ("bullseye", "bookworm", "trixie", "sid")
# This machine's own file tree, read through an overlay: what CI has without building anything.
OWN = "own"
PACKAGES = "openssh-client,openssh-server,fail2ban,iptables,nftables,iproute2,procps,python3,sudo"
# The suites that have the package asterisk (16 and 22), each as a tree of its own beside the others.
WITH_ASTERISK = {"bullseye-asterisk": "bullseye", "sid-asterisk": "sid"}
ASTERISK_PACKAGES = "fail2ban,iptables,nftables,iproute2,procps,python3,asterisk"


def tree(name):
    """The directory of a generation, or None if it was not built."""
    if name == OWN:
        return "/"
    done = os.path.exists(os.path.join(CACHE, name + ".done"))
    return os.path.join(CACHE, name) if done else None


def build(names):
    """Builds what is missing; a suite that was built is kept."""
    os.makedirs(CACHE, exist_ok=True)
    for name in names:
        if tree(name):
            print("%s is there." % name)
            continue
        folder = os.path.join(CACHE, name)
        print("Building %s in %s (about a minute)." % (name, folder), flush=True)
        packages = ASTERISK_PACKAGES if name in WITH_ASTERISK else PACKAGES
        suite = WITH_ASTERISK.get(name, name)
        with open(folder + ".log", "w") as log:
            subprocess.run(["debootstrap", "--variant=minbase", "--include=" + packages, suite, folder, MIRROR],
                           stdout=log, stderr=log, check=True)
        open(folder + ".done", "w").close()


if __name__ == "__main__":
    wanted = [word for word in sys.argv[2:] if word != "--generation"]
    build(wanted or SUITES)
