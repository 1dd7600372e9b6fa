"""The filters of `split` against a real Asterisk: hostile and ordinary SIP over UDP, and who is counted.

Boundary: it makes the host and judges; what is sent lies in `attempts.py`, how in `sip.py`. Each attempt has an address of
its own. Escaped: a failure that no jail counts; framed: an address counted that sent nothing; twice: counted more than
once for one request. What Asterisk's one line cannot decide, it has to leave out in both variants, and that is shown.
"""

import collections
import json
import os
import re
import shutil
import subprocess
import time

import attempts

HERE = os.path.dirname(os.path.abspath(__file__))
FILTERS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "src", "model", "runbook")
JAILS = (attempts.AUTH, attempts.SCAN)
VARIANTS = ("notice", "security")
LOG = "var/log/asterisk/messages.log"
# What SIP needs; the drivers of cards and databases would only complain.
MODULES = ("res_pjproject", "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb", "res_pjsip", "res_pjsip_session",
           "res_pjsip_registrar", "res_pjsip_authenticator_digest", "res_pjsip_endpoint_identifier_user", "res_security_log",
           "res_pjsip_endpoint_identifier_ip", "res_pjsip_acl", "res_pjsip_sdp_rtp", "res_rtp_asterisk", "res_pjsip_pubsub",
           "chan_pjsip", "pbx_config", "bridge_simple", "codec_ulaw", "app_dial")
PJSIP = """[global]
type=global
endpoint_identifier_order=ip,username,anonymous
[udp]
type=transport
protocol=udp
bind=0.0.0.0:5060
[6001]
type=endpoint
context=none
disallow=all
allow=ulaw
auth=6001
aors=6001
[6001]
type=auth
auth_type=userpass
username=6001
password=right
[6001]
type=aor
max_contacts=3
"""


class Host:
    """A file tree with asterisk and fail2ban under an overlay, in a network namespace, until this process ends."""

    def __init__(self, name, tree, base):
        self.name = name
        self.root = os.path.join(base, name, "root")
        self._mount(tree, os.path.join(base, name, "upper"))
        self._networks()
        self._configure()

    def _mount(self, tree, upper):
        for path in (upper, self.root):
            os.makedirs(path)
        run("mount", "-t", "tmpfs", "-o", "size=128m", "f2bm", upper)
        for name in ("u", "w"):
            os.mkdir(os.path.join(upper, name))
        run("mount", "-t", "overlay", "overlay", "-o",
            "lowerdir=%s,upperdir=%s/u,workdir=%s/w" % (tree, upper, upper), self.root)
        run("mount", "-t", "proc", "proc", self.path("proc"))
        run("mount", "--rbind", "/dev", self.path("dev"))
        for name in ("run", "tmp"):
            run("mount", "-t", "tmpfs", "-o", "mode=1777", "f2bm-" + name, self.path(name))

    def _networks(self):
        holders = [subprocess.Popen(["unshare", "-n", "sleep", "infinity"]) for _ in range(2)]
        time.sleep(0.3)
        self.inside, self.outside = [["nsenter", "--net=/proc/%d/ns/net" % holder.pid] for holder in holders]
        run("ip", "link", "add", "f2bm0", "netns", str(holders[0].pid), "type", "veth",
            "peer", "name", "f2bm1", "netns", str(holders[1].pid))
        for enter, link in ((self.inside, "f2bm0"), (self.outside, "f2bm1")):
            run(*enter, "ip", "link", "set", "lo", "up")
            run(*enter, "ip", "link", "set", link, "up")
        run(*self.inside, "ip", "address", "add", attempts.SERVER + "/24", "dev", "f2bm0")
        run(*self.inside, "ip", "route", "add", "default", "dev", "f2bm0")
        run(*self.outside, "ip", "route", "add", attempts.SERVER + "/32", "dev", "f2bm1")

    def _configure(self):
        etc = self.path("etc/asterisk")
        modules = "[modules]\nautoload=no\n" + "".join("load=%s.so\n" % name for name in MODULES)
        for name, text in (("asterisk.conf", "[options]\nverbose=0\n"), ("modules.conf", modules), ("pjsip.conf", PJSIP),
                           ("extensions.conf", "[none]\n"), ("stasis.conf", ""), ("rtp.conf", "[general]\n"),
                           ("logger.conf", "[general]\ndateformat=%F %T\n[logfiles]\nmessages.log => notice,warning,error,security\n")):
            with open(os.path.join(etc, name), "w") as out:
                out.write(text)
        for variant in VARIANTS:
            folder = self.path("etc/f2b-" + variant)
            shutil.copytree(self.path("etc/fail2ban"), folder, symlinks=True)
            for jail in JAILS:
                shutil.copyfile(os.path.join(FILTERS, "%s.%s.local" % (jail, variant)),
                                os.path.join(folder, "filter.d", jail + ".local"))
        # A name server that nobody answers for would keep Asterisk waiting.
        for name, text in (("etc/hosts", "127.0.0.1 localhost %s\n" % os.uname().nodename), ("etc/resolv.conf", "")):
            if os.path.islink(self.path(name)):
                os.unlink(self.path(name))
            with open(self.path(name), "w") as out:
                out.write(text)
        os.makedirs(self.path("var/log/asterisk"), exist_ok=True)
        os.makedirs(self.path("run/asterisk"), exist_ok=True)

    def path(self, *names):
        """A path on the host, as this process reaches it."""
        return os.path.join(self.root, *names)

    def chroot(self, *words):
        """Runs a program on the host and returns its output."""
        done = subprocess.run(self.inside + ["chroot", self.root, "/usr/bin/env", "-i", "LC_ALL=C.UTF-8",
                              "PATH=/usr/sbin:/usr/bin:/sbin:/bin"] + list(words), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise RuntimeError("%s: %s" % (" ".join(words), (done.stdout + done.stderr).decode("utf-8", "replace")))
        return done.stdout.decode("utf-8", "replace")

    def start(self):
        """Starts Asterisk, and waits until it has loaded what it needs."""
        self.asterisk = subprocess.Popen(self.inside + ["chroot", self.root, "/usr/sbin/asterisk", "-f"],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 40
        while time.monotonic() < end:
            try:
                self.chroot("asterisk", "-rx", "core waitfullybooted")
                return re.search(r"Asterisk (\S+)", self.chroot("asterisk", "-rx", "core show version")).group(1)
            except RuntimeError:
                time.sleep(0.5)
        raise RuntimeError("Asterisk does not start")

    def send(self, wanted):
        """Sends every attempt from its address; the status that each was answered with."""
        for source in sorted({attempt["source"] for attempt in wanted}):
            run(*self.outside, "ip", "address", "add", source + "/32", "dev", "f2bm1")
        text = "".join(json.dumps(attempt) + "\n" for attempt in wanted)
        done = subprocess.run(self.outside + ["python3", "-I", os.path.join(HERE, "sip.py")], input=text.encode(),
                              stdout=subprocess.PIPE, check=True)
        time.sleep(1)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def counted(self, variant, jail):
        """The addresses that a jail's filter finds in Asterisk's log by the host's own fail2ban."""
        text = self.chroot("fail2ban-regex", "-c", "/etc/f2b-" + variant, "-o", "ip", "--usedns", "no", "/" + LOG, jail)
        return collections.Counter(text.split())


def run(*words):
    """Runs a command that has to succeed."""
    subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def judge(wanted, found, variant):
    """{kind: [names]} of one variant, where `found` is what each jail counted; `left` is what NOTICE leaves to SECURITY."""
    wrong = {"escaped": [], "framed": [], "twice": [], "left": []}
    sources = {attempt["source"]: attempt for attempt in wanted}
    for jail in JAILS:
        wrong["framed"] += sorted(set(found[jail]) - set(sources))
    for source, attempt in sources.items():
        times = [found[jail][source] for jail in JAILS]
        here = found[attempt["jail"]][source]
        if here == 0:
            left = variant == "notice" and attempt.get("open")
            wrong["left" if left else "escaped"].append(attempt["name"])
        elif sum(times) > 1:
            wrong["twice"].append(attempt["name"])
    return wrong


def play(name, tree, base, say):
    """The whole on one tree: {name, version, sent, variants: {variant: {kind: [names]}}}."""
    host = Host(name, tree, base)
    version = host.start()
    wanted = attempts.everything()
    host.send(wanted)
    with open(host.path(LOG), errors="replace") as log:
        text = log.read()
    # What Asterisk's parser refuses is no attempt, and no line tells of it.
    sent = [attempt for attempt in wanted if " failed for '%s:" % attempt["source"] in text]
    say("%s: Asterisk %s, %d attempts; %d more were refused by its parser" % (name, version, len(sent), len(wanted) - len(sent)))
    variants = {}
    for variant in VARIANTS:
        found = {jail: host.counted(variant, jail) for jail in JAILS}
        variants[variant] = judge(sent, found, variant)
        for kind, names in sorted(variants[variant].items()):
            if names and kind != "left":
                say("  %s, %s: %s" % (variant, kind, ", ".join(names)))
    host.asterisk.terminate()
    return {"name": name, "version": re.match(r"[\d.]+", version).group(0), "sent": len(sent), "variants": variants}


def table(results):
    """The results as a table of docs/filters.md."""
    rows = ["| Asterisk | variant | attempts | escaped | framed | counted twice | left to the events |", "|---|---|---|---|---|---|---|"]
    for result in results:
        for variant in VARIANTS:
            kinds = result["variants"][variant]
            rows.append("| %s | %s | %d | %s |" % (result["version"], variant.upper(), result["sent"], " | ".join(
                str(len(kinds[kind])) for kind in ("escaped", "framed", "twice", "left"))))
    return "\n".join(rows)
