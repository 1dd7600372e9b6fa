//! The count of failures against fail2ban's own: random failures, bans and clean-ups go to both.
//!
//! `F2BCTL_EVENTS=1000000 cargo test --test scenarios counting::` compares as many events as are named, and
//! `F2BCTL_FAIL2BAN=FOLDER` with the fail2ban whose modules lie there.

use std::io::Write as _;
use std::process::{Command, Stdio};

use f2bctl::history::Tickets;

/// Reads events of a stream, one a line, and answers with the count of each.
const FAIL_MANAGER: &str = r#"
import sys
sys.path.insert(0, sys.argv[1])
from fail2ban.server.failmanager import FailManager, FailManagerEmpty
from fail2ban.server.ticket import FailTicket
manager, findtime, out = None, 0, []
for line in sys.stdin:
    word, *rest = line.split()
    numbers = [int(one) for one in rest]
    if word == "new":
        manager, findtime = FailManager(), numbers[1]
        manager.setMaxRetry(numbers[0])
        manager.setMaxTime(findtime)
    elif word == "add":
        key, moment = numbers
        out.append(int(manager.addFailure(FailTicket("192.0.2.%d" % key, moment))))
    elif word == "weigh":
        key, moment, weight = numbers
        ticket = FailTicket("192.0.2.%d" % key, moment)
        manager.addFailure(ticket, weight, True)
    elif word == "clean":
        manager.cleanup(numbers[0])
    elif word == "ban":
        try:
            manager.toBan([key for key in manager._FailManager__failList if str(key) == "192.0.2.%d" % numbers[0]][0])
            out.append(-1)
        except (FailManagerEmpty, IndexError):
            out.append(-2)
print("\n".join(map(str, out)))
"#;

/// Numbers that look random, the same in each run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % end).expect("a small number")
    }
}

#[test]
fn the_count_is_that_of_fail2bans_own_fail_manager() {
    let wanted = std::env::var("F2BCTL_EVENTS").map_or(40_000, |number| number.parse().expect("a number"));
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut events, mut expected, mut made) = (String::new(), Vec::new(), 0);
    while made < wanted {
        let (maxretry, findtime) = (
            2 + numbers.below(60),
            [10, 60, 600, 3600][usize::try_from(numbers.below(4)).expect("an index")],
        );
        let (mut tickets, mut now) = (Tickets::default(), 1_000_000);
        events += &format!("new {maxretry} {findtime}\n");
        for _ in 0..40 + numbers.below(80) {
            made += 1;
            // Bursts, pauses, and lines that come out of order.
            now += match numbers.below(10) {
                0..6 => 0,
                6 | 7 => 1 + numbers.below(4),
                8 => numbers.below(u64::try_from(findtime).expect("positive") * 2),
                _ => -1,
            };
            let key = 1 + numbers.below(3);
            let (place, span) = (u64::try_from(key).expect("positive"), findtime as f64);
            match numbers.below(12) {
                0 => {
                    tickets.clean_up(now as f64, span);
                    events += &format!("clean {now}\n");
                }
                1 => {
                    let weight = 1 + numbers.below(4);
                    tickets.weigh(place, now as f64, weight, span);
                    events += &format!("weigh {key} {now} {weight}\n");
                }
                _ => {
                    expected.push(tickets.add(place, now as f64, 1, span));
                    events += &format!("add {key} {now}\nban {key}\n");
                    expected.push(if tickets.take_ban(place, maxretry) { -1 } else { -2 });
                }
            }
        }
    }
    let mut python = Command::new("/usr/bin/python3")
        .args(["-c", FAIL_MANAGER])
        .arg(std::env::var_os("F2BCTL_FAIL2BAN").unwrap_or_else(|| "/usr/lib/python3/dist-packages".into()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut stdin = python.stdin.take().expect("a pipe");
    let writing = std::thread::spawn(move || stdin.write_all(events.as_bytes()));
    let output = python.wait_with_output().expect("it ends");
    writing.join().expect("a thread").expect("written");
    let text = String::from_utf8(output.stdout).expect("numbers");
    let own: Vec<i64> = text.lines().map(|line| line.parse().expect("a number")).collect();
    assert_eq!(
        own.len(),
        expected.len(),
        "fail2ban's FailManager answered to each event"
    );
    let differing = own
        .iter()
        .zip(&expected)
        .filter(|(own, expected)| own != expected)
        .count();
    println!("{made} events, {} answers, {differing} differ", own.len());
    assert_eq!(differing, 0);
}
