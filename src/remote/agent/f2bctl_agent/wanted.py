"""What a look back is about: addresses, networks and accounts, in the forms in which logs write them.

Boundary: it tells whether a line holds one of them. Whose attempt a line is about is read elsewhere.
"""

import ipaddress
import re

DIGITS = tuple(b"%d" % digit for digit in range(10)) + (b".",)
IPV4 = re.compile(rb"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)")
IPV6 = re.compile(rb"(?<![\w:.])[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]+")
# What stands before an account where Asterisk says which one it is, and after it.
BEFORE = rb"(?:sips?:|AccountID=\"|endpoint '|as '?|peer '|for '|user ')"
AFTER = rb"(?=[@\"'>;:\s]|$)"


class Wanted:
    """Finds the lines of a text that hold one of some networks or accounts, or some other text."""

    def __init__(self, networks=(), accounts=(), texts=()):
        self.networks = [ipaddress.ip_network(network) for network in networks]
        # (a text that stands in each line that is meant, what decides whether it is such a line).
        self.needles = [(text.encode("utf-8"), lambda *_: True) for text in texts]
        for account in accounts:
            name = account.encode("utf-8")
            self.needles.append((name, in_line(re.compile(BEFORE + re.escape(name) + AFTER))))
        for network in self.networks:
            is_meant = at_place(pattern_of(network)) if network.version == 4 else self.is_in_line
            self.needles += [(form, is_meant) for form in written(network)]

    def lines(self, block):
        """(where it begins, the line) of each line of a block of whole lines that holds something that is wanted."""
        found = {}
        for needle, is_meant in self.needles:
            place = block.find(needle)
            while place >= 0:
                end = block.find(b"\n", place)
                end = len(block) if end < 0 else end
                if is_meant(block, place, end):
                    found[block.rfind(b"\n", 0, place) + 1] = end
                    place = end
                place = block.find(needle, place + 1)
        for begin in sorted(found):
            yield begin, block[begin:found[begin]]

    def is_in_line(self, block, place, end):
        """Whether one of the addresses of a line is wanted."""
        return any(map(self.has, addresses(block[block.rfind(b"\n", 0, place) + 1:end])))

    def has(self, address):
        """Whether an address is one of those that are wanted."""
        return any(address.version == network.version and address in network for network in self.networks)


def at_place(pattern):
    """Whether an IPv4 address of a pattern stands at a place, and is not the end of a longer one: `.2` is not `.22`."""
    def is_meant(block, place, _):
        return block[max(0, place - 1):place] not in DIGITS and pattern.match(block, place) is not None
    return is_meant


def in_line(pattern):
    """Whether a pattern stands in a line."""
    def is_meant(block, place, end):
        return pattern.search(block, block.rfind(b"\n", 0, place) + 1, end) is not None
    return is_meant


def pattern_of(network):
    """The pattern of the addresses of an IPv4 network, with what may not follow them."""
    first, last = str(network[0]).split("."), str(network[-1]).split(".")
    octets = []
    for low, high in zip(map(int, first), map(int, last)):
        octets.append(b"\\d{1,3}" if high - low == 255 else b"(?:" + b"|".join(b"%d" % one for one in range(high, low - 1, -1)) + b")")
    return re.compile(b"\\.".join(octets) + rb"(?!\d|\.\d)")


def addresses(line):
    """The addresses that stand in a line; an IPv4 address in IPv6 form is that IPv4 address."""
    for found in IPV4.findall(line):
        yield from read(found)
    if line.count(b":") > 1:
        for found in IPV6.findall(line):
            yield from read(found.rstrip(b":.")) or read(found)


def read(text):
    """[the address that a text is], or none."""
    try:
        address = ipaddress.ip_address(text.decode("ascii"))
    except ValueError:
        return []
    return [getattr(address, "ipv4_mapped", None) or address]


def written(network):
    """Texts of which one stands in each line that holds an address of this network."""
    first, length = network.network_address, network.prefixlen
    if network.version == 4:
        octets = str(first).split(".")[:length // 8]
        return [".".join(octets).encode("ascii") + (b"" if length == 32 else b".")]
    groups = first.exploded.split(":")[:length // 16]
    if length == 128:
        short = [group.lstrip("0") or "0" for group in groups]
        forms = [str(first), ":".join(short), first.exploded]
    else:
        # Zeros may be left out from the first group of zeros on.
        kept = [group for place, group in enumerate(groups) if "0000" not in groups[:place + 1]]
        forms = [":".join(group.lstrip("0") for group in kept) + ":", ":".join(kept) + ":"]
    return sorted({form.encode("ascii") for text in forms for form in (text, text.upper())})
