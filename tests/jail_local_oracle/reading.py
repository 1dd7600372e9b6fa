"""Answers what Python itself reads: one JSON question a line on stdin, one JSON answer a line on stdout.

Questions: {"file": BASE64} (a configuration file), {"duration": TEXT}, {"address": TEXT}. With fail2ban installed its own
parser, word splitting, durations and addresses answer; without it configparser with the same settings, and null for the
rest. The first line of the output says which.
"""

import base64
import io
import json
import re
import sys

try:
    from fail2ban.client.configparserinc import SafeConfigParserWithIncludes
    from fail2ban.helpers import splitwords
    from fail2ban.server.ipdns import IPAddr
    from fail2ban.server.mytime import MyTime
    from fail2ban.version import version
    NAME = "fail2ban " + version

    def parser():
        return SafeConfigParserWithIncludes()
except ImportError:
    import configparser
    NAME = "plain configparser"
    IPAddr = MyTime = None

    def parser():
        return configparser.ConfigParser(inline_comment_prefixes=";")

    def splitwords(text):
        return [word.strip() for word in re.split("[ ,\n]+", text) if word.strip()]


def read_file(data):
    config = parser()
    try:
        config.read_file(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"), "jail.local")
    except Exception as error:
        return {"refused": type(error).__name__}
    value = config._defaults.get("ignoreip")
    old = None if value is None else list(splitwords(value))
    new = None if value is None else [word for word in re.split(r"[\s,]+", value) if word]
    sections = [[name, sorted(keys.items())] for name, keys in config._sections.items()]
    return {"defaults": sorted(config._defaults.items()), "sections": sections, "words": old, "words_1_1": new}


def read_duration(text):
    if MyTime is None:
        return {"seconds": None}
    try:
        return {"seconds": float(MyTime.str2seconds(text))}
    except Exception as error:
        return {"refused": type(error).__name__}


def read_address(text):
    return {"shown": None if IPAddr is None else str(IPAddr(text))}


def answer(question):
    if "file" in question:
        return read_file(base64.b64decode(question["file"]))
    if "duration" in question:
        return read_duration(question["duration"])
    return read_address(question["address"])


def main():
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")
    out.write(json.dumps({"name": NAME, "python": sys.version.split()[0]}) + "\n")
    for line in sys.stdin.buffer:
        out.write(json.dumps(answer(json.loads(line))) + "\n")
    out.flush()


main()
