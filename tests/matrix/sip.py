"""A SIP caller over UDP: one request after another, each as raw text that the caller chooses, with digest authentication.

Boundary: it reads attempts as JSON on stdin (one a line) and writes what was answered; what the attempts mean is decided
by who made them. Standard library only, so that it runs in a namespace as it is.
"""

import hashlib
import json
import re
import socket
import sys

PORT = 5060


def digest(*parts):
    """One hash of HTTP's digest scheme."""
    return hashlib.md5(":".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


class Caller:
    """One caller: a source address that speaks to one server."""

    def __init__(self, source, server):
        self.server = server
        self.source = source
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((source, 0))
        self.socket.settimeout(1.5)
        self.socket.connect((server, PORT))
        self.port = self.socket.getsockname()[1]
        self.sequence = 0

    def ask(self, attempt, authorizations):
        """Sends one request; (status, headers) of the final answer, or (None, "") where nobody answers."""
        self.sequence += 1
        method = attempt.get("method", "REGISTER")
        uri = attempt.get("uri", "sip:%s" % self.server)
        lines = ["%s %s SIP/2.0" % (method, uri),
                 "Via: SIP/2.0/UDP %s:%d;branch=z9hG4bK%s;rport" % (self.source, self.port, digest(attempt["call_id"], str(self.sequence))),
                 "Max-Forwards: 70", "From: %s;tag=t%d" % (attempt["from"], self.sequence),
                 "To: <sip:%s@%s>" % (attempt["user"], self.server), "Call-ID: %s" % attempt["call_id"],
                 "CSeq: %d %s" % (self.sequence, method),
                 "Contact: <sip:%s@%s:%d>" % (attempt["user"], self.source, self.port)]
        lines += ["Authorization: %s" % text for text in authorizations] + ["Content-Length: 0", "", ""]
        self.socket.send("\r\n".join(lines).encode("utf-8", "surrogateescape"))
        while True:
            try:
                text = self.socket.recv(65535).decode("utf-8", "replace")
            except (socket.timeout, OSError):
                return None, ""
            status = int(text.split(" ", 2)[1])
            if status >= 200:
                if method == "INVITE":
                    self.acknowledge(lines, text)
                return status, text

    def acknowledge(self, lines, answer):
        """The ACK of an answered INVITE, else the server sends its answer again and again."""
        to = re.search(r"^To: .*$", answer, re.M)
        kept = [line for line in lines if not line.startswith(("To:", "CSeq:", "Authorization:", "Contact:"))]
        kept[0] = kept[0].replace("INVITE", "ACK", 1)
        kept[1:1] = [to.group(0).strip() if to else lines[4], "CSeq: %d ACK" % self.sequence]
        self.socket.send("\r\n".join(kept).encode("utf-8", "surrogateescape"))

    def attempt(self, attempt):
        """One attempt as a phone makes it: a request, and where it is challenged, one with a password."""
        status, text = self.ask(attempt, [])
        if status != 401 or attempt.get("password") is None:
            return status
        realm = re.search(r'realm="([^"]*)"', text).group(1)
        nonce = re.search(r'nonce="([^"]*)"', text).group(1)
        uri = "sip:%s" % self.server
        user = attempt["user"]
        proof = digest(digest(user, realm, attempt["password"]), nonce,
                       digest(attempt.get("method", "REGISTER"), uri))
        real = ('Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s", algorithm=MD5'
                % (user, realm, nonce, uri, proof))
        shaped = attempt.get("authorization", "{real}")
        values = {"real": real, "realm": realm, "nonce": nonce, "user": user, "proof": proof}
        texts = shaped if isinstance(shaped, list) else [shaped]
        for key, value in values.items():
            texts = [text.replace("{%s}" % key, value) for text in texts]
        return self.ask(attempt, texts)[0]


def main():
    """Reads attempts, one JSON object a line, and answers each with its last status."""
    callers = {}
    for line in sys.stdin:
        attempt = json.loads(line)
        source = attempt["source"]
        if source not in callers:
            callers[source] = Caller(source, attempt["server"])
        print(json.dumps(callers[source].attempt(attempt)), flush=True)


if __name__ == "__main__":
    main()
