"""What the unit tests of the agent's modules share: where these are, and a folder and a zone of a test's own."""

import os
import shutil
import sys
import tempfile
import time
import unittest

AGENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "src", "remote", "agent")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.normpath(AGENT))


class Case(unittest.TestCase):
    """A test with a folder that goes with it, and clocks of Berlin unless it sets others."""

    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="f2bctl-unit-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(set_zone, os.environ.get("TZ"))
        set_zone("Europe/Berlin")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content, modified=None):
        """A file of the test's folder; its path."""
        path = self.path(name)
        with open(path, "wb") as out:
            out.write(content)
        if modified is not None:
            os.utime(path, (modified, modified))
        return path


def set_zone(name):
    """The zone of this process; None for the machine's own."""
    if name is None:
        os.environ.pop("TZ", None)
    else:
        os.environ["TZ"] = name
    time.tzset()
