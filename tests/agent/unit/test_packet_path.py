"""The way of packets to fail2ban's chains, by what the tools print."""

import unittest

import paths

from f2bctl_agent import packet_path

assert paths
IPTABLES = """
-P INPUT ACCEPT
-P FORWARD DROP
-N f2b-auth
-N site
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -j site
-A INPUT ! -s 192.0.2.0/24 -p udp -m udp --dport 5060 -m comment --comment "two words" -j ACCEPT
-A INPUT -p udp -m multiport --dports 5060,5061 -j f2b-auth
-A INPUT -m set --match-set f2b-scan src -j REJECT --reject-with icmp-port-unreachable
-A site -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A site -p tcp -m tcp --dport 22 -j ACCEPT
-A f2b-auth -j RETURN
""".strip()


class Path(unittest.TestCase):
    def test_what_iptables_accepts_before(self):
        table = packet_path.iptables(IPTABLES)
        [auth] = packet_path.entry(table, "INPUT", 3, "ip")
        self.assertEqual((auth["protocol"], auth["ports"], auth["hook"], auth["unread"]), ("udp", "5060,5061", "INPUT", False))
        read = [(rule["protocol"], rule["ports"], rule["states"], rule["unread"]) for rule in auth["before"]]
        self.assertEqual(read, [("tcp", None, "RELATED,ESTABLISHED", False), ("tcp", "22", None, False),
                                ("udp", "5060", None, True)])
        [scan] = packet_path.entry(table, "INPUT", 4, "ip")
        self.assertEqual((scan["protocol"], scan["unread"], table.chains["INPUT"][4]["set"]), ("all", False, "f2b-scan"))

    def test_a_chain_to_which_nothing_leads_and_one_that_returns_before(self):
        text = "-P FORWARD ACCEPT\n-N USER\n-N lost\n-A FORWARD -j USER\n-A USER -s 192.0.2.0/24 -j RETURN\n-A USER -j f2b-a\n-A lost -j f2b-a"
        table = packet_path.iptables(text)
        self.assertEqual(packet_path.entry(table, "lost", 0, "ip"), [])
        [entry] = packet_path.entry(table, "USER", 1, "ip")
        self.assertEqual((entry["hook"], [rule["source"] for rule in entry["before"]]), ("FORWARD", ["192.0.2.0/24"]))

    def test_what_nft_accepts_before(self):
        def match(left, right, op="=="):
            return {"match": {"op": op, "left": left, "right": right}}

        def rule(*expressions):
            return {"rule": {"family": "inet", "table": "t", "chain": "c", "expr": list(expressions)}}
        states = {"key": {"ct": {"key": "state"}}, "data": {"set": [["established", {"accept": None}], ["invalid", {"drop": None}]]}}
        dport, saddr = {"payload": {"protocol": "udp", "field": "dport"}}, {"payload": {"protocol": "ip", "field": "saddr"}}
        items = [{"chain": {"family": "inet", "table": "t", "name": "c", "hook": "input"}}, rule({"vmap": states}),
                 rule(match({"meta": {"key": "iifname"}}, "lo"), {"accept": None}),
                 rule(match(dport, {"set": [5060, {"range": [5070, 5080]}]}), match(saddr, "192.0.2.1"), {"accept": None}),
                 rule(match(dport, 5060, "!="), {"accept": None}),
                 rule(match(dport, {"set": [5060]}), match(saddr, "@addr-set-x"), {"reject": None})]
        table = packet_path.nftables(items)["inet", "t"]
        [entry] = packet_path.entry(table, "c", 4, "ip")
        self.assertEqual((entry["hook"], entry["ports"], table.chains["c"][4]["set"]), ("INPUT", "5060", "@addr-set-x"))
        read = [(rule["states"], rule["ports"], rule["source"], rule["unread"]) for rule in entry["before"]]
        self.assertEqual(read, [("established", None, None, False), (None, "5060,5070-5080", "192.0.2.1", False),
                                (None, None, None, True)])

    def test_where_packets_are_sent_on(self):
        text = "-P PREROUTING ACCEPT\n-A DOCKER ! -i docker0 -p udp -m udp --dport 5080 -j DNAT --to-destination 172.17.0.2:5060"
        self.assertEqual(packet_path.forwarded(text), [{"protocol": "udp", "ports": "5080", "to": "172.17.0.2:5060"}])


if __name__ == "__main__":
    unittest.main()
