"""One whole host: a Debian file tree under an overlay, a network namespace, a real sshd, fail2ban and packet filter.

Boundary: it builds, looks and resets; what is done to the host, and what is to be expected, is decided elsewhere. What
it sees of fail2ban it asks with fail2ban's own client library, so that f2bctl's agent is never its own witness.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
BINARY = os.environ.get("F2BCTL_BINARY", os.path.join(REPOSITORY, "target", "debug", "f2bctl"))
FILTERS = os.path.join(REPOSITORY, "src", "model", "runbook")
BASE = os.environ["F2BCTL_MATRIX"]  # a folder of this run, with a tmpfs in its own mount namespace
CONFIG = "etc/fail2ban"
STATE = "var/lib/f2bctl"
PLACE = "run/f2bm"
REGISTER = STATE + "/temp.json"

# The login that reaches root through sudo; no user of the machine whose tree the host is made of may have this name.
LOGIN = "f2bctl-matrix"
HOST = "192.0.2.10"
OPERATOR = "192.0.2.20"
STRANGER = "203.0.113.200"
MEMBER = "198.51.100.33"
RUNTIME_ENTRY = "198.51.100.77"
BANS = (("asterisk-auth", STRANGER), ("asterisk-scan", STRANGER), ("asterisk-auth", MEMBER), ("sshd", "203.0.113.222"))
OTHER_HAND = b"# another hand was here\n"
SSHD_CONFIG = """ListenAddress 0.0.0.0
HostKey /etc/ssh/ssh_host_ed25519_key
PidFile /run/sshd.pid
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
LogLevel VERBOSE
"""
JAIL_LOCAL = """# Jail definitions of this host.

[DEFAULT]
# 203.0.113.0/28 | Vista Seven Hotels | Current uplink | by=ravi on=2026-05-11
ignoreip = 127.0.0.1/8 ::1 192.0.2.20 203.0.113.0/28
backend = polling
usedns = no
ignoreself = false
banaction = %(banaction)s
banaction_allports = %(allports)s

[sshd]
enabled  = true
backend  = polling
port     = ssh
journalmatch =
logpath  = /var/log/auth.log
maxretry = 5
findtime = 600
bantime  = 3600

[asterisk-auth]
enabled  = true
filter   = asterisk-auth
port     = 5060,5061
action   = %(banaction)s[name=asterisk-auth-tcp, port="5060,5061", protocol="tcp", actname=tcp]
           %(banaction)s[name=asterisk-auth-udp, port="5060,5061", protocol="udp", actname=udp]
logpath  = /var/log/asterisk/messages.log
maxretry = 3
findtime = 600
bantime  = 86400

[asterisk-scan]
enabled  = true
filter   = asterisk-scan
port     = 5060,5061
action   = %(banaction)s[name=asterisk-scan-tcp, port="5060,5061", protocol="tcp", actname=tcp]
           %(banaction)s[name=asterisk-scan-udp, port="5060,5061", protocol="udp", actname=udp]
logpath  = /var/log/asterisk/messages.log
maxretry = 50
findtime = 3600
bantime  = 3600
"""


def sh(*words, **options):
    """Runs a command that has to succeed."""
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options).stdout


class Host:
    """A host that runs until this process ends."""

    def __init__(self, generation, tree, number=0):
        self.generation = generation
        self.facts = {}  # what a preparation leaves for the command
        self.base = os.path.join(BASE, "%s-%d" % (generation, number))
        self.root = os.path.join(self.base, "root")
        self.nft = generation in ("trixie", "sid")
        self._mount(tree)
        self._networks()
        self._configure()
        self._operator()
        self.start_sshd()
        self.start_fail2ban()

    # Building ---------------------------------------------------------------------------------------------------

    def _mount(self, tree):
        upper = os.path.join(self.base, "upper")
        for path in (upper, self.root):
            os.makedirs(path, exist_ok=True)
        sh("mount", "-t", "tmpfs", "-o", "size=48m", "f2bm", upper)
        for name in ("u", "w"):
            os.mkdir(os.path.join(upper, name))
        sh("mount", "-t", "overlay", "overlay", "-o",
           "lowerdir=%s,upperdir=%s/u,workdir=%s/w" % (tree, upper, upper), self.root)
        sh("mount", "-t", "proc", "proc", self.path("proc"))
        sh("mount", "--rbind", "/sys", self.path("sys"))
        sh("mount", "--rbind", "/dev", self.path("dev"))
        # Root's own home is empty: what this machine's has in its shell's files must not reach the host.
        for name in ("run", "tmp", "root"):
            sh("mount", "-t", "tmpfs", "-o", "size=64m,mode=1777", "f2bm-" + name, self.path(name))
        os.chmod(self.path("root"), 0o700)
        name = os.uname().nodename
        self.write("etc/hosts", ("127.0.0.1 localhost %s\n" % name).encode())
        self.path_without_link("etc/resolv.conf")
        self.write("etc/resolv.conf", b"")
        for name in ("run/sshd", "run/fail2ban", PLACE, "var/log/asterisk", "root/.ssh"):
            os.makedirs(self.path(name), exist_ok=True)
        os.chmod(self.path("run"), 0o755)
        os.chmod(self.path("run/sshd"), 0o755)

    def _networks(self):
        holders = [subprocess.Popen(["unshare", "-n", "sleep", "infinity"]) for _ in range(2)]
        time.sleep(0.3)
        self.inside, self.outside = [["nsenter", "--net=/proc/%d/ns/net" % holder.pid] for holder in holders]
        sh("ip", "link", "add", "f2bm0", "netns", str(holders[0].pid), "type", "veth",
           "peer", "name", "f2bm1", "netns", str(holders[1].pid))
        for enter, link in ((self.inside, "f2bm0"), (self.outside, "f2bm1")):
            sh(*enter, "ip", "link", "set", "lo", "up")
            sh(*enter, "ip", "link", "set", link, "up")
        sh(*self.inside, "ip", "address", "add", HOST + "/24", "dev", "f2bm0")
        sh(*self.outside, "ip", "address", "add", OPERATOR + "/24", "dev", "f2bm1")
        for other in (STRANGER, MEMBER):
            sh(*self.outside, "ip", "address", "add", other + "/32", "dev", "f2bm1")
        sh(*self.inside, "ip", "route", "add", "default", "via", OPERATOR)
        with open(os.path.join(HERE, "telephone.py")) as file:
            subprocess.Popen(self.inside + ["chroot", self.root, "/usr/bin/env", "-i", "PATH=/usr/bin:/bin", "python3", "-I",
                                            "-c", file.read(), "/var/log/asterisk/messages.log"])

    def _configure(self):
        banaction, allports = ("nftables", "nftables[type=allports]") if self.nft else (
            "iptables-multiport", "iptables-allports")
        for name in ("asterisk-auth", "asterisk-scan"):
            shutil.copyfile(os.path.join(FILTERS, name + ".notice.local"),
                            self.path(CONFIG, "filter.d", name + ".local"))
        text = JAIL_LOCAL.replace("%(banaction)s", banaction).replace("%(allports)s", allports)
        self.write(CONFIG + "/jail.local", text.encode())
        for name in ("var/log/auth.log", "var/log/asterisk/messages.log", "var/log/fail2ban.log"):
            self.write(name, b"")
        shutil.copyfile(os.path.join(HERE, "driver.py"), self.path(PLACE, "driver.py"))
        self.write("usr/local/bin/python3", b'#!/bin/sh\n[ -e /run/f2bm/plan.json ] && '
                   b'exec /usr/bin/python3 -I /run/f2bm/driver.py "$@"\nexec /usr/bin/python3 "$@"\n', 0o755)
        self.pristine = os.path.join(self.base, "pristine")
        shutil.copytree(self.path(CONFIG), self.pristine, symlinks=True)

    def _operator(self):
        keys = os.path.join(self.base, "keys")
        os.makedirs(keys, exist_ok=True)
        self.write("etc/ssh/f2bm_config", SSHD_CONFIG.encode())
        for name in ("host", "user"):
            sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "f2bm", "-f", os.path.join(keys, name))
        shutil.copyfile(keys + "/host", self.path("etc/ssh/ssh_host_ed25519_key"))
        os.chmod(self.path("etc/ssh/ssh_host_ed25519_key"), 0o600)
        with open(keys + "/user.pub", "rb") as file:
            self.public_key = file.read()
        self.write("root/.ssh/authorized_keys", self.public_key, 0o600)
        os.chmod(self.path("root/.ssh"), 0o700)
        os.chown(self.path("root"), 0, 0)
        self._sudo_login()
        with open(keys + "/host.pub") as file:
            known = "%s %s\n" % (HOST, " ".join(file.read().split()[:2]))
        for name in ("config/f2bctl", "state"):
            os.makedirs(os.path.join(self.base, name), exist_ok=True)
        with open(os.path.join(self.base, "known_hosts"), "w") as out:
            out.write(known)
        with open(os.path.join(self.base, "config/f2bctl/config.toml"), "w") as out:
            out.write('default_host = "host"\n')
            for name, login, extra in (("host", "root", ""), ("sudo", LOGIN, 'become = "sudo"\n')):
                out.write('[hosts.%s]\naddress = "%s@%s"\nidentity = "%s/user"\nknown_hosts = "%s/known_hosts"\n'
                          'allow_special = true\n%s' % (name, login, HOST, keys, self.base, extra))
        os.makedirs(os.path.join(self.base, "home", ".ssh"), exist_ok=True)
        with open(os.path.join(self.base, "home", ".ssh", "config"), "w") as out:
            out.write("Host *\n    ServerAliveInterval 3\n    ServerAliveCountMax 2\n")

    def _sudo_login(self):
        """A login without rights of its own, which reaches root through sudo."""
        self.chroot("useradd", "-m", "-s", "/bin/sh", LOGIN, check=False)
        folder = self.path("home", LOGIN, ".ssh")
        os.makedirs(folder, exist_ok=True)
        self.write("home/%s/.ssh/authorized_keys" % LOGIN, self.public_key, 0o600)
        self.chroot("chown", "-R", "%s:%s" % (LOGIN, LOGIN), "/home/" + LOGIN)
        self.chroot("usermod", "-p", "*", LOGIN)
        self.write("etc/sudoers.d/f2bm", ("%s ALL=(root) NOPASSWD: ALL\n" % LOGIN).encode(), 0o440)

    # Files and programs -----------------------------------------------------------------------------------------

    def path(self, *names):
        """A path on the host, as this process reaches it."""
        return os.path.join(self.root, *names)

    def path_without_link(self, name):
        """Removes a link that would lead out of the host."""
        if os.path.islink(self.path(name)):
            os.unlink(self.path(name))

    def write(self, name, data, mode=0o644):
        """Writes a file of the host."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(data)
        os.chmod(path, mode)

    def read(self, name):
        """A file of the host."""
        with open(self.path(name), "rb") as file:
            return file.read()

    def remove(self, name):
        """Removes a file of the host that may not be there."""
        if os.path.lexists(self.path(name)):
            os.unlink(self.path(name))

    def operators_path(self, name):
        """A path on the operator's side."""
        return os.path.join(self.base, name)

    def operators_file(self, name, data):
        """Writes a file on the operator's side."""
        with open(self.operators_path(name), "wb") as out:
            out.write(data)

    def chroot(self, *words, check=True, **options):
        """Runs a program on the host; its output, or None if it failed and that is not an error."""
        done = subprocess.run(self.inside + ["chroot", self.root, "/usr/bin/env", "-i", "LC_ALL=C",
                              "PATH=/usr/sbin:/usr/bin:/sbin:/bin"] + list(words),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
        if check and done.returncode != 0:
            raise RuntimeError("%s: %s" % (" ".join(words), done.stdout.decode("utf-8", "replace")))
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None

    def client(self, *words, check=True):
        """The host's fail2ban-client."""
        return self.chroot("fail2ban-client", *words, check=check)

    def start_sshd(self):
        """Starts sshd in the background."""
        self.chroot("/usr/sbin/sshd", "-f", "/etc/ssh/f2bm_config", "-E", "/var/log/sshd.log")

    def start_fail2ban(self):
        """Starts fail2ban afresh; the client comes back when the server answers."""
        self.client("-x", "start")

    def stop_fail2ban(self):
        """Ends fail2ban, whatever state it is in."""
        if self.client("stop", check=False) is None:
            self.kill_fail2ban()
        self.until(lambda: not self.fail2ban_pids())

    def fail2ban_pids(self):
        """The processes of this host's fail2ban-server."""
        found = []
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and os.readlink("/proc/%s/root" % name) == self.root:
                    with open("/proc/%s/cmdline" % name, "rb") as file:
                        words = file.read().split(b"\0")
                    if any(word.endswith(b"/fail2ban-server") for word in words[:2]):
                        found.append(int(name))
            except OSError:
                continue
        return found

    def kill_fail2ban(self):
        """SIGKILL for fail2ban-server."""
        for pid in self.fail2ban_pids():
            os.kill(pid, signal.SIGKILL)

    @staticmethod
    def until(holds, seconds=20):
        """Waits for something to become true."""
        end = time.monotonic() + seconds
        while True:
            value = holds()
            if value:
                return value
            if time.monotonic() > end:
                raise RuntimeError("not within %d s" % seconds)
            time.sleep(0.05)

    # The operator -----------------------------------------------------------------------------------------------

    def operator(self, *words, start=False, name="host", state="state", timeout=150, json_output=True):
        """Runs f2bctl from the operator's namespace: (exit code, document or text), or the process with `start`."""
        environment = {"XDG_CONFIG_HOME": self.base + "/config", "XDG_STATE_HOME": os.path.join(self.base, state),
                       "HOME": self.base + "/home", "PATH": "/usr/bin:/bin", "USER": "ravi"}
        command = self.outside + [BINARY, "-H", name] + (["--json"] if json_output else []) + list(words)
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        return process if start else self.finish(process, timeout, json_output)

    @staticmethod
    def finish(process, timeout=150, json_output=True):
        """The end of an operator's run: (exit code, document)."""
        out, error = process.communicate(timeout=timeout)
        if not json_output:
            return process.returncode, out.decode("utf-8", "replace") + error.decode("utf-8", "replace")
        try:
            document = json.loads(out.decode("utf-8"))
        except ValueError:
            document = {"text": out.decode("utf-8", "replace"), "talk": error.decode("utf-8", "replace")}
        return process.returncode, document

    def phone(self, address):
        """A phone of its own beside the operator: an address in the outer namespace."""
        subprocess.run(self.outside + ["ip", "address", "add", address + "/32", "dev", "f2bm1"],
                       stderr=subprocess.DEVNULL)

    def versions(self):
        """(fail2ban, OpenSSH, Python) of the host, as they call themselves."""
        ssh = self.chroot("/bin/sh", "-c", "/usr/sbin/sshd -V 2>&1; true")
        found = [re.search(pattern, text) for pattern, text in (
            (r"(\d+\.\d+\.\d+)", self.client("-V")), (r"OpenSSH_([0-9.p]+)", ssh),
            (r"(\d+\.\d+\.\d+)", self.chroot("/usr/bin/python3", "-V")))]
        return tuple(match.group(1) if match else "unknown" for match in found)

    def connects(self, source, port=5060, seconds=1):
        """Whether a TCP connection from an address of the outer namespace is answered."""
        program = ("import socket,sys\ns=socket.create_connection((%r,%d),%d,(%r,0))\n"
                   "sys.exit(0 if s.recv(1) else 1)") % (HOST, port, seconds, source)
        return subprocess.run(self.outside + ["python3", "-I", "-c", program], stderr=subprocess.DEVNULL).returncode == 0

    def answers_udp(self, source, port=5060, seconds=1):
        """Whether a datagram from an address of the outer namespace is answered."""
        program = ("import socket,sys\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\ns.bind((%r,0))\n"
                   "s.settimeout(%d)\ns.connect((%r,%d))\ns.send(b'OPTIONS')\nsys.exit(0 if s.recv(9) else 1)"
                   ) % (source, seconds, HOST, port)
        return subprocess.run(self.outside + ["python3", "-I", "-c", program], stderr=subprocess.DEVNULL).returncode == 0

    # Looking and resetting --------------------------------------------------------------------------------------

    def look(self):
        """Everything that a change may move, seen without f2bctl: files, server, bans, packet filter, backups."""
        files, backups = {}, {}
        for folder, _, names in os.walk(self.path(CONFIG)):
            for name in names:
                path = os.path.join(folder, name)
                kept = backups if ".bak-" in name else files
                facts = os.stat(path)
                with open(path, "rb") as file:
                    data = file.read()
                while data.endswith(OTHER_HAND):
                    data = data[:-len(OTHER_HAND)]  # the other hand's own line stays, and is no part of the change
                kept[os.path.relpath(path, self.path(CONFIG))] = (data, facts.st_mode, facts.st_uid)
        text = self.chroot("/usr/bin/python3", "-I", "-c", WITNESS, check=False)
        server = json.loads(text) if text else None
        return {"files": files, "backups": backups, "server": server, "firewall": self.firewall(),
                "register": self.register()}

    def register(self):
        """The register of temporary entries: {entry: (jails, since, until)}."""
        if not os.path.exists(self.path(REGISTER)):
            return {}
        found = json.loads(self.read(REGISTER).decode())["entries"]
        return {item["entry"]: (item["jails"], item["since"], item["until"]) for item in found}

    def ender(self):
        """The process that ends temporary entries while nobody is logged in, or None."""
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and os.readlink("/proc/%s/root" % name) == self.root:
                    with open("/proc/%s/cmdline" % name, "rb") as file:
                        if file.read().endswith(b"/ender.json\0stay\0"):
                            return int(name)
            except OSError:
                continue
        return None

    def forget_temporary(self):
        """Empties the register and ends who looks after it."""
        pid = self.ender()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        for name in ("temp.json", "ender.json", "ender.pid"):
            self.remove(STATE + "/" + name)

    def firewall(self):
        """The packet filter's rules of fail2ban, without counters and in an order of their own."""
        if self.nft:
            text = self.chroot("nft", "-s", "list", "table", "inet", "f2b-table", check=False) or ""
            return sorted(word.strip(" ,") for line in text.splitlines() for word in line.split(", "))
        return sorted(line for tool in ("iptables", "ip6tables") for line in self.chroot(tool, "-S").splitlines())

    def reset(self, prepare=None):
        """Back to the host as it was built: its files, a fresh database, bans, a runtime entry; the trail is kept."""
        self.stop_fail2ban()
        self.facts.pop("bans", None)
        self.forget_temporary()
        shutil.rmtree(self.path(CONFIG))
        shutil.copytree(self.pristine, self.path(CONFIG), symlinks=True)
        self.remove("var/lib/fail2ban/fail2ban.sqlite3")
        for name in ("var/log/auth.log", "var/log/asterisk/messages.log", "var/log/fail2ban.log"):
            self.write(name, b"")
        self.flush()
        self.start_fail2ban()
        self.chroot("/usr/bin/python3", "-I", "-c", PAST, json.dumps(BANS), RUNTIME_ENTRY)
        time.sleep(0.2)
        if prepare:
            prepare(self)

    def flush(self):
        """Empties the packet filter."""
        if self.nft:
            self.chroot("nft", "flush", "ruleset")
            return
        for tool in ("iptables", "ip6tables"):
            self.chroot(tool, "-F")
            self.chroot(tool, "-X")


# A past for a server that has just started: waits for its jails, bans, and whitelists in the running server alone. One
# process for all of it, since each start of fail2ban-client costs as much as a change.
PAST = """
import json, sys, time
sys.path.insert(0, "/usr/lib/python3/dist-packages")
from fail2ban.client.csocket import CSocket
def ask(*words):
    return CSocket("/var/run/fail2ban/fail2ban.sock", timeout=10).send(list(words))
def until(holds):
    end = time.monotonic() + 20
    while not holds():
        if time.monotonic() > end: sys.exit("fail2ban did not come to its past")
        time.sleep(0.05)
bans = json.loads(sys.argv[1])
until(lambda: ask("status", "asterisk-scan")[0] == 0)
for jail, ip in bans:
    ask("set", jail, "banip", ip)
ask("set", "asterisk-scan", "addignoreip", sys.argv[2])
until(lambda: all(ip in ask("get", jail, "banip")[1] for jail, ip in bans))
"""
# Asks the running server through fail2ban's own library; run with the host's own Python.
WITNESS = """
import json, sys
sys.path.insert(0, "/usr/lib/python3/dist-packages")
from fail2ban.client.csocket import CSocket
def ask(*words):
    return CSocket("/var/run/fail2ban/fail2ban.sock", timeout=10).send(list(words))
def flat(value):
    if isinstance(value, (set, frozenset)): return sorted(map(str, value))
    if isinstance(value, (list, tuple)): return [flat(item) for item in value]
    return value if value is None or isinstance(value, (int, float, bool)) else str(value)
names = dict(ask("status")[1])["Jail list"]
found = {}
for name in sorted(word.strip() for word in names.split(",") if word.strip()):
    jail = {key: flat(ask("get", name, key)[1]) for key in (
        "maxretry", "findtime", "bantime", "failregex", "ignoreregex", "logpath", "usedns", "actions")}
    jail["ignoreip"] = sorted(map(str, ask("get", name, "ignoreip")[1] or []))
    jail["properties"] = {}
    for action in jail["actions"]:
        keys = [key for key in ask("get", name, "actionproperties", action)[1] if key.startswith("action") or key in ("name", "port", "protocol")]
        jail["properties"][action] = {key: flat(ask("get", name, "action", action, key)[1]) for key in keys}
    bans = {}
    for line in ask("get", name, "banip", "--with-time")[1]:
        ip, rest = str(line).split("\\t")[0].strip(), str(line).split(" = ")[-1]
        import time
        bans[ip] = time.mktime(time.strptime(rest.strip(), "%Y-%m-%d %H:%M:%S"))
    jail["bans"] = bans
    found[name] = jail
print(json.dumps(found))
"""
