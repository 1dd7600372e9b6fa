"""The tests of logging in (tests/ssh/*.rs) against the OpenSSH of each generation of Debian.

The tests are the same as on this machine. What they start as sshd, ssh, ssh-keygen, ssh-agent and ssh-add are programs of
the generation's file tree, in a chroot that shares the tests' folder with this machine, and in a network namespace that
has nothing but loopback. Boundary: nothing is judged here; a case passes where its test does.
"""

import json
import os
import re
import subprocess

import host as hosts

# The modules of tests/ssh whose cases are run.
MODULES = ("session", "login", "host_login", "algorithms", "trust", "route", "commands")
PROGRAMS = {"sshd": "/usr/sbin/sshd", "ssh": "/usr/bin/ssh", "ssh-keygen": "/usr/bin/ssh-keygen",
            "ssh-agent": "/usr/bin/ssh-agent", "ssh-add": "/usr/bin/ssh-add"}
# Logins that the tests may know the password of; they exist in the chroot alone.
LOGIN, EXPIRED, PASSWORD = "ravi", "anna", "correct horse 11"
LIMIT_SECONDS = 900


def built():
    """The test program, and the names of its cases for each module."""
    words = ["cargo", "test", "--no-run", "--message-format=json", "--test", "ssh"]
    done = subprocess.run(words, cwd=hosts.REPOSITORY, stdout=subprocess.PIPE, check=True)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    program = next(one["executable"] for one in messages if one.get("executable") and one["target"]["name"] == "ssh")
    listed = subprocess.run([program, "--list", "--format", "terse"], stdout=subprocess.PIPE, check=True)
    names = re.findall(r"^(\S+): test$", listed.stdout.decode(), re.MULTILINE)
    return program, {module: [name for name in names if name.startswith(module + "::")] for module in MODULES}


class Tree:
    """A generation's file tree whose OpenSSH the tests run."""

    def __init__(self, generation, tree):
        self.generation = generation
        self.base = os.path.join(hosts.BASE, "ssh-" + generation)
        self.root, self.work, self.programs = [os.path.join(self.base, name) for name in ("root", "work", "bin")]
        self._mount(tree)
        self._login()
        for name, program in PROGRAMS.items():
            self._wrap(name, program)

    def _mount(self, tree):
        upper = os.path.join(self.base, "upper")
        for path in (upper, self.root, self.work, self.programs):
            os.makedirs(path)
        hosts.sh("mount", "-t", "tmpfs", "-o", "size=32m", "f2bm", upper)
        for name in ("u", "w"):
            os.mkdir(os.path.join(upper, name))
        hosts.sh("mount", "-t", "overlay", "overlay", "-o",
                 "lowerdir=%s,upperdir=%s/u,workdir=%s/w" % (tree, upper, upper), self.root)
        hosts.sh("mount", "-t", "proc", "proc", os.path.join(self.root, "proc"))
        hosts.sh("mount", "--rbind", "/dev", os.path.join(self.root, "dev"))
        # The tests name the same files on both sides of the chroot.
        hosts.sh("mount", "-t", "tmpfs", "-o", "mode=1777", "f2bm", self.work)
        os.makedirs(self.root + self.work)
        hosts.sh("mount", "--bind", self.work, self.root + self.work)
        os.makedirs(os.path.join(self.root, "run/sshd"), mode=0o755, exist_ok=True)

    def _login(self):
        """Logins with a password, for PAM and for passwords; one has to be changed with the next login."""
        for login in (LOGIN, EXPIRED):
            self.chroot("useradd", "-m", "-s", "/bin/sh", login)
            self.chroot("chpasswd", text="%s:%s\n" % (login, PASSWORD))
        self.chroot("chage", "-d", "0", EXPIRED)

    def _wrap(self, name, program):
        """A program of this machine's name that is the generation's."""
        if not os.path.exists(self.root + program):
            raise SystemExit("%s has no %s: build it again" % (self.generation, program))
        path = os.path.join(self.programs, name)
        with open(path, "w") as out:
            out.write('#!/bin/sh\nexec /usr/sbin/chroot %s %s "$@"\n' % (self.root, program))
        os.chmod(path, 0o755)

    def chroot(self, *words, text=""):
        """Runs a program in the tree."""
        done = subprocess.run(["chroot", self.root, "/usr/bin/env", "-i", "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
                              + list(words), input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise RuntimeError("%s: %s" % (" ".join(words), done.stdout.decode("utf-8", "replace")))
        return done.stdout.decode("utf-8", "replace")

    def version(self):
        """Such as `OpenSSH 9.2p1`."""
        return re.search(r"OpenSSH_([0-9.p]+)", self.chroot("ssh", "-V")).group(1)

    def run(self, program, cases):
        """Runs cases of the test program: ({case: "ok" | "failed" | "not run"}, what it said)."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SSH_")}
        environment.update(
            PATH=self.programs + ":" + os.environ["PATH"], TMPDIR=self.work, LC_ALL="C.UTF-8",
            F2BCTL_TEST_SSHD=os.path.join(self.programs, "sshd"), F2BCTL_TEST_ROOT=self.root,
            F2BCTL_TEST_LOGIN=LOGIN, F2BCTL_TEST_EXPIRED=EXPIRED, F2BCTL_TEST_PASSWORD=PASSWORD)
        words = ["unshare", "--net", "/bin/sh", "-c", 'ip link set lo up && exec "$0" "$@"', program,
                 "--include-ignored", "--test-threads=4", "--exact"] + cases
        done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS)
        said = done.stdout.decode("utf-8", "replace")
        outcomes = {"ok": "ok", "FAILED": "failed"}
        found = {name: outcomes.get(word, "not run")
                 for name, word in re.findall(r"^test \w+::(\S+) \.\.\. (\w+)", said, re.MULTILINE)}
        if done.returncode != 0 and "failed" not in found.values():
            found["(the program itself)"] = "failed"
        return found, said


def run(names, tree_of, only, talk):
    """All tests on each generation: a list of {generation, version, cases: {module: {case: outcome}}}."""
    (program, cases), results = built(), []
    for name in names:
        tree = Tree(name, tree_of(name))
        result = {"kind": "ssh", "generation": name, "version": tree.version(), "cases": {}}
        for module in MODULES:
            wanted = [case for case in cases[module] if not only or any(word in case for word in only)]
            if not wanted:
                continue
            found, said = tree.run(program, wanted)
            result["cases"][module] = found
            for case, outcome in sorted(found.items()):
                talk("%-9s %-15s %-6s %s" % (name, module, outcome, case))
            if "failed" in found.values():
                talk(said[said.find("failures:"):])
        results.append(result)
    return results
