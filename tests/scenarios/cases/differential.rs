//! `whitelist check` against fail2ban itself: random lists and addresses, and what the running server logs of each address,
//! "Ignore" or "Found".
//!
//! The suite tries 40 addresses; `F2BCTL_DECISIONS=2000 cargo test --test scenarios cases::differential` tries 2,000, and
//! `F2BCTL_SEED` draws others.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use chrono::Local;

use super::{Host, decision};
use crate::support::eventually;

/// How many addresses each list is tried with.
const ADDRESSES: usize = 12;
const JAIL: &str = "sshd";

/// A generator whose numbers the seed decides (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// An address of the ranges for documentation, where entries and addresses meet often.
    fn address(&mut self) -> IpAddr {
        // A name that ends in `::` is not what sshd logs.
        let host = 1 + self.below(255) as u8;
        match self.below(4) {
            0 => Ipv4Addr::new(192, 0, 2, host).into(),
            1 => Ipv4Addr::new(198, 51, 100, host).into(),
            2 => Ipv4Addr::new(203, 0, 113, host).into(),
            _ => Ipv6Addr::new(0x2001, 0xdb8, 0, self.below(4) as u16, 0, 0, 0, u16::from(host)).into(),
        }
    }

    /// An entry as people write them: with host bits, a mask, in brackets, in capitals.
    fn entry(&mut self) -> String {
        let address = self.address();
        let (four, length) = (address.is_ipv4(), self.below(9));
        match self.below(8) {
            0 | 1 => address.to_string(),
            2 if four => format!("{address}/255.255.255.{}", 256 - (1_u32 << length.min(7))),
            3 if !four => format!("[{address}]"),
            4 if !four => format!("{address}/{}", 128 - length).to_uppercase(),
            _ if four => format!("{address}/{}", 32 - length),
            _ => format!("{address}/{}", 128 - 16 * (length % 5)),
        }
    }

    /// The list's lines: entries in groups, over several lines, glued by tabs, beside words that are none.
    fn list(&mut self) -> String {
        let mut group = String::from("group =");
        let mut list = String::from("ignoreip = ::1");
        for _ in 0..self.below(6) {
            let entry = self.entry();
            match self.below(8) {
                0 => write!(group, " {entry}").expect("a text"),
                1 => write!(list, "\n   {entry}").expect("a text"),
                2 => write!(list, ",{entry}").expect("a text"),
                // What follows a `/` in quotes is a mask that fail2ban fails at.
                3 if !entry.contains('/') => write!(list, " \"{entry}\"").expect("a text"),
                _ => write!(list, " {entry}").expect("a text"),
            }
        }
        if self.below(2) == 0 {
            list.push_str(" %(group)s");
        }
        match self.below(12) {
            0 => list.push_str(" 127.0.0.1/8\t192.0.2.7"),
            1 => list.push_str(" 0.0.0.0/0"),
            2 => list.push_str(" ::/0"),
            _ => {}
        }
        format!("{group}\n{list}")
    }
}

#[test]
fn check_decides_as_the_running_server_does() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().expect("a number"));
    let (wanted, seed) = (number("F2BCTL_DECISIONS", 40), number("F2BCTL_SEED", 11));
    let host = Host::start();
    let mut dice = Dice(seed);
    let (mut tried, mut ignored) = (0, 0);
    while tried < wanted {
        let list = dice.list();
        host.listing(&list);
        if dice.below(3) == 0 {
            host.lab
                .client(&["set", JAIL, "addignoreip", &dice.address().to_string()]);
        }
        let addresses: BTreeSet<IpAddr> = (0..ADDRESSES).map(|_| dice.address()).collect();
        let by_server = ignored_by_server(&host, &addresses, tried);
        for address in &addresses {
            let answer = host.check(&address.to_string());
            let decided = decision(&answer, JAIL)["ignored"].as_bool();
            let expected = by_server.contains(address);
            assert_eq!(
                decided,
                Some(expected),
                "seed {seed}, {address} with {list:?}: {answer}"
            );
            tried += 1;
            ignored += u64::from(expected);
        }
    }
    // Both answers have to occur, or nothing was compared.
    assert!(ignored > tried / 20 && ignored < tried, "{ignored} of {tried} ignored");
}

/// The addresses that the running server ignores: each fails once, and the server logs what it makes of that.
fn ignored_by_server(host: &Host, addresses: &BTreeSet<IpAddr>, tried: u64) -> BTreeSet<IpAddr> {
    let log = host.lab.paths.action_log();
    let before = std::fs::metadata(&log).expect("the action log").len();
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(log_of_jail(host))
        .expect("the log of sshd");
    let now = Local::now().format("%b %e %H:%M:%S");
    // Lines of one session are one failure, so each address has a session of its own.
    for (session, address) in (4300 + tried..).zip(addresses) {
        let who = "Failed password for invalid user admin from";
        writeln!(file, "{now} pbx sshd[{}]: {who} {address} port 4022 ssh2", session).expect("written");
    }
    let said = |word: &str| logged(&log, before, word);
    eventually("every line is counted or ignored", || {
        (&said("Ignore") | &said("Found")).is_superset(addresses)
    });
    said("Ignore")
}

/// The log that the jail reads.
fn log_of_jail(host: &Host) -> String {
    let told = host.lab.client(&["get", JAIL, "logpath"]);
    let path = told.split_whitespace().next_back();
    path.expect("a path").to_owned()
}

/// The addresses of lines `[JAIL] WORD ADDRESS` that were logged since.
fn logged(log: &Path, since: u64, word: &str) -> BTreeSet<IpAddr> {
    let text = std::fs::read(log).expect("the action log");
    let text = String::from_utf8_lossy(&text[usize::try_from(since).expect("a size")..]).into_owned();
    let mark = format!("[{JAIL}] {word} ");
    let addresses = text
        .lines()
        .filter_map(|line| line.split_once(&mark)?.1.split(' ').next()?.parse().ok());
    addresses.collect()
}
