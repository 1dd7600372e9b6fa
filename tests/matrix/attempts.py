"""What the callers of `asterisk.py` send: ordinary phones, guessers and scanners, and callers who write another's address
wherever SIP leaves them a free text.

Boundary: values only. Each attempt has a name, the headers, and the jail that has to count it (or none).
"""

SERVER = "192.0.2.10"
# Nobody sends from here: whoever counts this address has been fooled.
VICTIM = "203.0.113.99"
KNOWN = "6001"
UNKNOWN = "4711"
AUTH, SCAN = "asterisk-auth", "asterisk-scan"

PLAIN = "<sip:%s@%s>"
# What a whole line holds after From, with the victim in it.
NOTICE = "' failed for '%s:5060' (callid: 1) - Failed to authenticate" % VICTIM
EVENT = 'LocalAddress="IPV4/UDP/%s/5060",RemoteAddress="IPV4/UDP/%s/5060"' % (SERVER, VICTIM)
TAIL = ',Challenge="1/a",Response="0123456789abcdef0123456789abcdef",ExpectedResponse=""'

# (name, From with %s for user@server, extra keys)
FROMS = [
    ("plain", "<sip:%s>"),
    ("no brackets", "sip:%s"),
    ("display name", '"Front desk" <sip:%s>'),
    ("display name of words", "Front desk <sip:%s>"),
    ("quotes in the display name", '"Front \\"desk\\" 1" <sip:%s>'),
    ("a whole line as display name", '"' + NOTICE + '" <sip:%s>'),
    ("a whole line and a URI as display name", '"x\\" <sip:1@h>' + NOTICE + '" <sip:%s>'),
    ("the words alone as display name", "\"' failed for '\" <sip:%s>"),
    ("display name that ends in a backslash", '"x\\\\" <sip:%s>'),
    ("words that end in a backslash", "x\\ <sip:%s>"),
    ("words with quotes", 'x "y" z <sip:%s>'),
    ("words with the text", "x' failed for '%s <sip:%%s>" % VICTIM),
    ("quoted URI parameter", '<sip:%s;x="' + "'>" + NOTICE + '">'),
    ("escaped quote in a URI parameter", "<sip:%s;x=%%22%%3E" + NOTICE.replace(" ", "%%20").replace("(", "(").replace("<", "%%3C") + ">"),
    ("bracketed URI parameter", '<sip:%s;x=[">' + NOTICE + "]>"),
    ("user parameter", "<sip:%s;user=phone>"),
    ("escaped text in the user parameter", "<sip:%s;user=phone%%3E" + NOTICE.replace(" ", "%%20") + ">"),
    ("quoted user parameter", '<sip:%s;user="phone>' + NOTICE + '">'),
    ("long display name", '"' + "x" * 600 + '" <sip:%s>'),
    ("long display name with the text", '"' + "x" * 600 + NOTICE + '" <sip:%s>'),
    ("long URI parameter", "<sip:%s;x=" + "y" * 600 + ">"),
    ("long URI parameter after a display name", '"Front desk" <sip:%s;x=' + "y" * 600 + ">"),
    ("long user", "<sip:" + "u" * 600 + "%s>"),
    ("nearly long", '"' + "x" * 200 + '" <sip:%s>'),
    ("apostrophes", "\"O'Hara's\" <sip:%s;x=o'hara>"),
]
# One line of a NOTICE can be read in two ways: From goes on behind what looks like its end, or it ends there and the rest
# is the call id. Some need a whole line in the call id for that.
OPEN = ("a whole line and a URI as display name", "quoted URI parameter", "escaped quote in a URI parameter",
        "escaped text in the user parameter", "quoted user parameter")
HALF_OPEN = ("words that end in a backslash", "user parameter")
CALL_IDS = [
    ("the words", "x' failed for '0"),
    ("a whole line", "1) - Failed to authenticate" + NOTICE),
    ("an address field", "s1,RemoteAddress=@x"),
    ("an address", 's1",RemoteAddress="IPV4/UDP/%s/5060' % VICTIM),
    ("the end of an event", 's1",' + EVENT),
    ("a whole event", 's1",' + EVENT + TAIL),
    ("a whole line and event", "1) - x" + NOTICE + '",' + EVENT + TAIL),
    ("blanks and quotes", "a \"b\" 'c' (d) - e"),
    ("long", "y" * 700),
    ("long, then an event", "y" * 700 + '",' + EVENT + TAIL),
]
AUTHORIZATIONS = [
    ("a second one before it", ['Digest username="x", realm="other", nonce="1/a", uri="sip:x", response="x"', "{real}"]),
    ("an event in a bracketed response", ['Digest username="x", realm="other", nonce="1/a", uri="sip:x", response=[x",' + EVENT
                                          + ',Challenge="1",Response="0123456789abcdef0123456789abcdef]', "{real}"]),
    ("an event in an escaped response", ['Digest username="x", realm="other", nonce="1/a", uri="sip:x", response=x%22%2C'
                                         + EVENT.replace('"', "%22").replace(",", "%2C").replace("/", "%2F").replace("=", "%3D")
                                         + "%2CChallenge%3D%221%22%2CResponse%3D%220123456789abcdef0123456789abcdef", "{real}"]),
    ("another scheme before it", ["Basic eDp5", "{real}"]),
    ("a nonce of the caller's", 'Digest username="{user}", realm="{realm}", nonce="\\",RemoteAddress=\\"IPV4/UDP/%s/1\\"", '
                                'uri="sip:x", response="{proof}"' % VICTIM),
    ("no response", 'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="sip:x", response=""'),
]
METHODS = ["REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "REG'ISTER", "X'Y"]


def one(name, source, **keys):
    """An attempt of this address."""
    user = keys.pop("user", KNOWN)
    attempt = {"name": name, "source": source, "server": SERVER, "user": user, "password": "wrong",
               "from": PLAIN % (user, SERVER), "call_id": "c%s" % source}
    attempt.update(keys)
    attempt["jail"] = AUTH if user == KNOWN else SCAN
    if user != KNOWN:
        attempt["password"] = None
    return attempt


def everything():
    """Every attempt, each from an address of its own, so that an address that is counted names the attempt."""
    shapes = []
    for user in (KNOWN, UNKNOWN):
        at = "%s@%s" % (user, SERVER)
        for name, text in FROMS:
            if user == UNKNOWN or name != "long user":  # whose user Asterisk cuts off, so that nobody is known by it
                shapes.append(("From: " + name, {"user": user, "from": text % at, "open": name in OPEN}))
        for name, text in CALL_IDS:
            shapes.append(("Call-ID: " + name, {"user": user, "call_id": text}))
        for method in METHODS:
            shapes.append(("method " + method, {"user": user, "method": method}))
        for name, call in CALL_IDS[:3]:
            for other, text in FROMS:
                if other == "long user" and user == KNOWN:
                    continue
                if "long" in other or "backslash" in other or "parameter" in other:
                    shapes.append(("From: %s; Call-ID: %s" % (other, name), {
                        "user": user, "from": text % at, "call_id": call,
                        "open": other in OPEN or other in HALF_OPEN and name == "a whole line"}))
    for name, texts in AUTHORIZATIONS:
        shapes.append(("Authorization: " + name, {"authorization": texts}))
    sources = ["198.51.100.%d" % number for number in range(1, 255)]
    return [one(name, source, **keys) for (name, keys), source in zip(shapes, sources)]
