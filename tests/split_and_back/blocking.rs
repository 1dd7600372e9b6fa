//! Whom the split's jails ban gets no answer to SIP any more, neither over UDP nor over TCP: real packets, real rules.

use std::net::{TcpListener, UdpSocket};

use super::support::namespace::{Neighbour, in_namespace, rules};
use super::support::{Lab, eventually};

const HOST: &str = "198.51.100.20";
const CALLER: &str = "198.51.100.77";

/// A SIP request over each protocol; prints which of them were answered.
const ASK: &str = r#"
import socket, sys
host, answered = sys.argv[1], []
request = b"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\n"
for name, kind in (("udp", socket.SOCK_DGRAM), ("tcp", socket.SOCK_STREAM)):
    client = socket.socket(socket.AF_INET, kind)
    client.settimeout(2)
    try:
        client.connect((host, 5060))
        client.sendall(request)
        if client.recv(100).startswith(b"SIP/2.0"):
            answered.append(name)
    except OSError:
        pass
print(" ".join(answered))
"#;

/// Answers SIP on port 5060 until the test ends.
fn answer_sip() {
    const ANSWER: &[u8] = b"SIP/2.0 200 OK\r\n\r\n";
    let udp = UdpSocket::bind((HOST, 5060)).expect("port 5060");
    let tcp = TcpListener::bind((HOST, 5060)).expect("port 5060");
    std::thread::spawn(move || {
        let mut packet = [0; 2000];
        while let Ok((_, from)) = udp.recv_from(&mut packet) {
            let _ = udp.send_to(ANSWER, from);
        }
    });
    std::thread::spawn(move || {
        use std::io::Write as _;
        for stream in tcp.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.write_all(ANSWER);
        }
    });
}

#[test]
fn a_banned_caller_gets_no_answer_over_udp_or_tcp() {
    if !in_namespace("blocking::a_banned_caller_gets_no_answer_over_udp_or_tcp") {
        return;
    }
    let neighbour = Neighbour::new(HOST, CALLER);
    answer_sip();
    let lab = Lab::start();
    lab.edit_jail_local("banaction = lab-record", "banaction = iptables-multiport");
    lab.forget_sip_over_udp();
    lab.done(&["reload", "--yes"]);
    let ask = || {
        neighbour
            .run(&["/usr/bin/python3", "-I", "-c", ASK, HOST])
            .trim()
            .to_owned()
    };

    // As such jails are written by hand, with nothing but a banaction: SIP over UDP goes on.
    lab.ban("asterisk-scan", CALLER);
    eventually("a rule is there", || {
        rules().contains(&format!("-s {CALLER}/32 -j REJECT"))
    });
    assert_eq!(ask(), "udp");

    // The split corrects just that, and the ban that stands holds for both.
    let run = lab.done(&["split", "--yes", "--json"]);
    assert!(
        run.stdout.contains("one action for each of UDP and TCP"),
        "{}",
        run.stdout
    );
    assert!(lab.banned_in("asterisk-scan").contains(CALLER));
    assert_eq!(ask(), "");
    lab.done(&["unban", CALLER, "--yes"]);
    assert_eq!(ask(), "udp tcp");
    lab.ban("asterisk-auth", CALLER);
    eventually("rules are there", || {
        rules().matches(&format!("-s {CALLER}/32 -j REJECT")).count() == 2
    });
    assert_eq!(ask(), "");
}
