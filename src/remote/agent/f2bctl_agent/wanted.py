"""What a look back is about: addresses, networks and accounts, in the forms in which logs write them.

Boundary: it tells whether a line holds one of them. Whose attempt a line is about is read elsewhere.
"""

import ipaddress
import re

IPV4 = re.compile(rb"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)")
IPV6 = re.compile(rb"(?<![\w:.])[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]+")
# What stands before an account where Asterisk says which one it is, and after it.
BEFORE = rb"(?:sips?:|AccountID=\"|endpoint '|as '?|peer '|for '|user ')"
AFTER = rb"(?=[@\"'>;:\s]|$)"


class Wanted:
    """Finds the lines of a text that hold one of some networks or accounts, or some other text."""

    def __init__(self, networks=(), accounts=(), texts=()):
        self.networks = [ipaddress.ip_network(network) for network in networks]
        self.texts = [text.encode("utf-8") for text in texts]
        names = [account.encode("utf-8") for account in accounts]
        self.accounts = re.compile(BEFORE + b"(?:" + b"|".join(map(re.escape, names)) + b")" + AFTER) if names else None
        self.needles = sorted(set(names + self.texts + [form for network in self.networks for form in written(network)]))

    def lines(self, block):
        """(where it begins, the line) of each line of a block of whole lines that holds something that is wanted."""
        last = 0
        for place in sorted(place for needle in self.needles for place in places(block, needle)):
            if place < last:
                continue
            begin = block.rfind(b"\n", 0, place) + 1
            last = block.find(b"\n", place) + 1 or len(block) + 1
            line = block[begin:last - 1]
            if self.holds(line):
                yield begin, line

    def holds(self, line):
        """Whether a line holds something that is wanted: `.2` is not `.22`."""
        return (any(text in line for text in self.texts) or self.accounts is not None and self.accounts.search(line) is not None
                or bool(self.networks) and any(map(self.has, addresses(line))))

    def has(self, address):
        """Whether an address is one of those that are wanted."""
        return any(address.version == network.version and address in network for network in self.networks)


def places(block, needle):
    """Where a text stands in a block."""
    place = block.find(needle)
    while place >= 0:
        yield place
        place = block.find(needle, place + 1)


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
