//! Hosts that only a short command line reaches: a BSD csh, Dropbear, and whatever cuts the connection off instead.

use std::sync::Arc;

use super::sshd::Sshd;
use f2bctl::engine::{Connection, SudoPassword, Target};
use f2bctl::model::host_name::HostName;
use f2bctl::model::observed::{Observed, Part};
use f2bctl::remote::agent::{HostPaths, Prefetch};
use f2bctl::remote::ssh::NoPrompt;

const LOOK: [Part; 1] = [Part::Firewall];

/// A host that does this with a command of more than 2000 characters, and notes the length of each command.
fn host_that(refuses: &str) -> Sshd {
    let sshd = Sshd::start_with("ForceCommand exec /bin/sh @FOLDER@/login-shell");
    let lengths = sshd.path("lengths");
    let shell = format!(
        "echo ${{#SSH_ORIGINAL_COMMAND}} >> {}\nif test ${{#SSH_ORIGINAL_COMMAND}} -gt 2000; then {refuses}; fi\n\
         exec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"\n",
        lengths.display()
    );
    std::fs::write(sshd.path("login-shell"), shell).expect("a login's shell");
    sshd.trust();
    sshd
}

fn target(sshd: &Sshd, paths: HostPaths) -> Target {
    Target {
        name: HostName {
            name: "pbx".to_owned(),
            address: sshd.name(),
        },
        destination: sshd.destination(),
        options: sshd.options(),
        elevated: false,
        password: SudoPassword::default(),
        paths,
    }
}

async fn look(target: &Target) -> Observed {
    let prefetch = Prefetch::look(&LOOK);
    let opened = Connection::open_looking(target, Arc::new(NoPrompt), prefetch).await;
    let mut connection = opened.expect("a connection");
    let observed = connection.host.observe(&LOOK, &mut |_| ()).await.expect("a look");
    connection.close().await;
    observed
}

/// How long the commands were that reached the host.
fn lengths(sshd: &Sshd) -> Vec<usize> {
    let noted = std::fs::read_to_string(sshd.path("lengths")).expect("the lengths");
    noted.lines().map(|line| line.parse().expect("a length")).collect()
}

#[tokio::test]
async fn a_long_line_that_does_not_come_through_is_followed_by_a_short_one() {
    for refuses in [
        "echo 'Word too long.' >&2; exit 1",
        "exit 127",
        "exit 0",
        "kill -9 $PPID; exit 1",
    ] {
        let sshd = host_that(refuses);
        let observed = look(&target(&sshd, HostPaths::usual())).await;
        assert_eq!(observed.operator.address.as_deref(), Some("127.0.0.1"), "{refuses}");
        let lengths = lengths(&sshd);
        assert!(
            matches!(lengths[..], [long, short] if long > 10_000 && short < 2000),
            "{refuses}: {lengths:?}"
        );
    }
}

#[tokio::test]
async fn a_host_that_takes_long_lines_is_asked_once() {
    let sshd = host_that("true");
    look(&target(&sshd, HostPaths::usual())).await;
    assert_eq!(lengths(&sshd).len(), 1);
}

#[tokio::test]
async fn a_host_with_paths_of_its_own_is_given_a_short_line_at_once() {
    let sshd = host_that("exit 1");
    let paths = HostPaths {
        log: "/nonexistent/fail2ban.log".to_owned(),
        ..HostPaths::usual()
    };
    look(&target(&sshd, paths)).await;
    let lengths = lengths(&sshd);
    assert!(matches!(lengths[..], [short] if short < 2000), "{lengths:?}");
}
