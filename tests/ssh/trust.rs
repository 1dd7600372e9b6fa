//! Trust in host keys, beside OpenSSH's own: `ssh-keygen -F` for what a line matches, the real `ssh` for what is accepted.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::sshd::openssh::client_version;
use super::sshd::{Sshd, keygen, make_key, own_login, plain_options, public_line};
use f2bctl::remote::ssh::{ConnectError, HostKeyError, KnownHosts, Marker, NoPrompt, Session, SshOptions};
use tempfile::TempDir;

/// What `ssh-keygen -F` finds: line numbers with their markers.
fn found_by_keygen(file: &Path, host: &str) -> Vec<(usize, Marker)> {
    let output = Command::new("ssh-keygen")
        .arg("-F")
        .arg(host)
        .arg("-f")
        .arg(file)
        .output()
        .expect("ssh-keygen runs");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.strip_prefix("# Host ")?.split_once(" found: line "))
        .map(|(_, rest)| {
            let marker = match rest.split_once(' ') {
                Some((_, mark)) if mark.contains("CA") => Marker::CertAuthority,
                Some((_, mark)) if mark.contains("REVOKED") => Marker::Revoked,
                _ => Marker::HostKey,
            };
            (
                rest.split(' ').next().expect("a word").parse().expect("a line number"),
                marker,
            )
        })
        .collect()
}

#[test]
fn every_line_matches_the_hosts_that_ssh_keygen_finds_it_for() {
    let folder = TempDir::new().unwrap();
    let keys: Vec<String> = [("a", "ed25519"), ("b", "ecdsa"), ("c", "rsa")]
        .iter()
        .map(|(name, kind)| public_line(&make_key(folder.path(), name, kind, "")))
        .collect();
    let hosts = [
        "web",
        "WEB",
        "web.example",
        "*.example",
        "*.example,!bad.example",
        "!bad.example,*.example",
        "w?b",
        "?",
        "*",
        "[web]:2222",
        "[*]:2222",
        "192.0.2.7",
        "192.0.2.*",
        "web,192.0.2.7",
        "[192.0.2.7]:2222,web",
        "2001:db8::1",
        "[2001:db8::1]:2222",
        "!web",
        "!*,web",
        "**b",
        "w*b*",
        "web,",
        ",web",
        "",
    ];
    let forms: [fn(&str, &str) -> String; 9] = [
        |host, key| format!("{host} {key}"),
        |host, key| format!("{host}\t{key}"),
        |host, key| format!("  {host}   {key}"),
        |host, key| format!("@revoked {host} {key}"),
        |host, key| format!("@cert-authority\t{host} {key} comment of many words"),
        |host, key| format!("@cert-authority {host} {key} comment of many words"),
        |host, key| format!("@nonsense {host} {key}"),
        |host, key| format!("#{host} {key}"),
        |host, key| format!("{host} {key}\r"),
    ];
    let mut text = String::from("# a comment\n\n");
    for (index, host) in hosts.iter().enumerate() {
        for (number, form) in forms.iter().enumerate() {
            text.push_str(&form(host, &keys[(index + number) % keys.len()]));
            text.push('\n');
        }
    }
    let file = folder.path().join("known_hosts");
    for content in [text.clone(), text.trim_end().to_owned(), hashed(folder.path(), &keys)] {
        fs::write(&file, &content).unwrap();
        let mut known = KnownHosts::default();
        known.add(&file, content.as_bytes());
        for host in [
            "web",
            "wb",
            "wxb",
            "web.example",
            "bad.example",
            "x.bad.example",
            "example",
            "w",
            "[web]:2222",
            "[web]:22",
            "192.0.2.7",
            "192.0.2.77",
            "[192.0.2.7]:2222",
            "2001:db8::1",
            "[2001:db8::1]:2222",
            "other",
        ] {
            let ours: Vec<(usize, Marker)> = known.matching(host).map(|entry| (entry.line, entry.marker)).collect();
            let theirs = found_by_keygen(&file, host);
            let differing: Vec<&str> = content
                .lines()
                .enumerate()
                .filter(|(index, _)| {
                    ours.iter().any(|(line, _)| line - 1 == *index) != theirs.iter().any(|(line, _)| line - 1 == *index)
                })
                .map(|(_, line)| line)
                .collect();
            assert_eq!(differing, [""; 0], "{host}");
            assert_eq!(ours, theirs, "{host}");
        }
    }
}

/// The same kind of file with every name hashed by ssh-keygen.
fn hashed(folder: &Path, keys: &[String]) -> String {
    let file = folder.join("to_hash");
    let lines = [
        "web",
        "[web]:2222",
        "192.0.2.7",
        "2001:db8::1",
        "[2001:db8::1]:2222",
        "web.example",
    ];
    let text: String = lines
        .iter()
        .zip(keys.iter().cycle())
        .map(|(host, key)| format!("{host} {key}\n"))
        .collect();
    fs::write(&file, text).unwrap();
    keygen(&["-H", "-f", file.to_str().unwrap()]);
    let hashed = fs::read_to_string(&file).unwrap();
    assert!(hashed.lines().all(|line| line.starts_with("|1|")), "{hashed}");
    hashed
}

/// An sshd with several host keys and a certificate, and one ssh_config for both clients.
struct Bench {
    sshd: Sshd,
    options: SshOptions,
}

impl Bench {
    fn new(sshd: Sshd) -> Self {
        let shown = |name: &str| sshd.path(name).display().to_string();
        let config = format!(
            "BatchMode yes\nStrictHostKeyChecking yes\nGlobalKnownHostsFile /dev/null\nUserKnownHostsFile {} {}\n\
             IdentityFile {}\nIdentitiesOnly yes\n",
            shown("known_hosts"),
            shown("known_hosts_two"),
            shown("client")
        );
        fs::write(sshd.path("both_config"), config).unwrap();
        let mut options = plain_options();
        options.ssh_config = Some(sshd.path("both_config"));
        Self { sshd, options }
    }

    fn openssh_accepts(&self) -> (bool, String) {
        let output = Command::new("ssh")
            .arg("-F")
            .arg(self.sshd.path("both_config"))
            .args([
                "-p",
                &self.sshd.port.to_string(),
                &format!("{}@127.0.0.1", own_login()),
                "true",
            ])
            .stdin(Stdio::null())
            .output()
            .expect("these tests need ssh (Debian: openssh-client)");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }

    async fn ours(&self) -> Result<Session, ConnectError> {
        Session::connect(&self.sshd.destination(), &self.options, Arc::new(NoPrompt)).await
    }

    /// Why our client does not hold with the host's certificate; empty where it does.
    async fn certificate_reason(&self) -> String {
        match self.ours().await {
            Err(ConnectError::HostKey { source, .. }) => match *source {
                HostKeyError::Certificate { reason, .. } => reason,
                other => other.to_string(),
            },
            _ => String::new(),
        }
    }

    /// Both clients look at the same files; returns whether they accept.
    async fn both(&self, one: &str, two: &str) -> bool {
        fs::write(self.sshd.path("known_hosts"), one).unwrap();
        fs::write(self.sshd.path("known_hosts_two"), two).unwrap();
        let (expected, words) = self.openssh_accepts();
        let ours = self.ours().await;
        assert_eq!(
            ours.is_ok(),
            expected,
            "{one}---\n{two}\nf2bctl: {:?}\nssh: {words}",
            ours.err()
        );
        expected
    }
}

fn sshd_with_host_keys(kinds: &[(&str, &str)], prepare: impl FnOnce(&Path), extra: &str) -> Sshd {
    let folder = TempDir::new().unwrap();
    for (name, kind) in kinds.iter().chain(&[
        ("client", "ed25519"),
        ("other", "ed25519"),
        ("other_ec", "ecdsa"),
        ("other_rsa", "rsa"),
        ("ca", "ed25519"),
    ]) {
        make_key(folder.path(), name, kind, "");
    }
    fs::write(
        folder.path().join("authorized_keys"),
        public_line(&folder.path().join("client")),
    )
    .unwrap();
    prepare(folder.path());
    Sshd::start_in(folder, extra)
}

#[tokio::test]
async fn what_openssh_accepts_is_accepted_and_what_it_refuses_is_refused() {
    let sshd = sshd_with_host_keys(&[("host_key", "ed25519"), ("host_key_ecdsa", "ecdsa")], |_| {}, "");
    let bench = Bench::new(sshd);
    let key = |name: &str| public_line(&bench.sshd.path(name));
    let (ed, ec) = (key("host_key"), key("host_key_ecdsa"));
    let (other, other_ec, other_rsa, ca) = (key("other"), key("other_ec"), key("other_rsa"), key("ca"));
    let (name, port) = (bench.sshd.name(), bench.sshd.port);
    let cases = [
        (String::new(), ""),
        (format!("{name} {ed}\n"), ""),
        (format!("{name} {ec}\n"), ""),
        (format!("{name} {other}\n"), ""),
        (format!("{name} {other_ec}\n"), ""),
        (format!("{name} {other_rsa}\n"), ""),
        (format!("{name} {other}\n{name} {ed}\n"), ""),
        (format!("127.0.0.1 {other}\n"), ""),
        (format!("127.0.0.1 {ed}\n{name} {other}\n"), ""),
        (format!("{name} {ed}\n@revoked * {ed}\n"), ""),
        (format!("@revoked {name} {ed}\n"), ""),
        (format!("{name} {ed}\n@revoked * {ec}\n"), ""),
        (format!("{name} {ed}\n@revoked 127.0.0.1 {ed}\n"), ""),
        (format!("127.0.0.1 {ed}\n@revoked 127.0.0.1 {ed}\n"), ""),
        (format!("[127.0.0.*]:{port} {ed}\n"), ""),
        (format!("  {name}\t\t{ed}  me\r\n"), ""),
        (format!("{name} {}\n", &ed[..50]), ""),
        (format!("@cert-authority {name} {ca}\n"), ""),
        (format!("@cert-authority {name} {ed}\n"), ""),
        (format!("{name} {other}\n"), ed.as_str()),
    ];
    // Versions before 8.5 ask for ECDSA keys first where the name with its port is not known by another type alone.
    let newer = [
        (format!("{name} {other_ec}\n{name} {ed}\n"), ""),
        (format!("127.0.0.1 {ed}\n"), ""),
        (format!("*,!{name} {ed}\n"), ""),
    ];
    let newer: &[(String, &str)] = if client_version() >= (8, 5) { &newer } else { &[] };
    let mut accepted = 0;
    for (one, two) in cases.iter().chain(newer) {
        let two = if two.is_empty() {
            String::new()
        } else {
            format!("{name} {two}\n")
        };
        accepted += usize::from(bench.both(one, &two).await);
    }
    assert_eq!(accepted, 8 + newer.len(), "of {}", cases.len());
}

fn sign_host(folder: &Path, principals: &str, validity: &str) {
    let shown = |name: &str| folder.join(name).display().to_string();
    let mut arguments = vec![
        "-s".to_owned(),
        shown("ca"),
        "-I".into(),
        "a-host".into(),
        "-h".into(),
        "-V".into(),
        validity.into(),
    ];
    if !principals.is_empty() {
        arguments.extend(["-n".into(), principals.into()]);
    }
    arguments.push(shown("host_key.pub"));
    keygen(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
}

#[tokio::test]
async fn host_certificates_are_held_to_their_signer_names_and_dates() {
    let kinds = [("host_key", "ed25519")];
    let cases = [
        ("127.0.0.1", "-1d:+1d"),
        ("other.example", "-1d:+1d"),
        ("127.0.0.1", "-2d:-1d"),
    ];
    let (mut accepted, mut reasons) = (Vec::new(), Vec::new());
    for (principals, validity) in cases {
        let prepare = |folder: &Path| sign_host(folder, principals, validity);
        let bench = Bench::new(sshd_with_host_keys(
            &kinds,
            prepare,
            "HostCertificate @FOLDER@/host_key-cert.pub",
        ));
        let ca = public_line(&bench.sshd.path("ca"));
        let (ed, other) = (
            public_line(&bench.sshd.path("host_key")),
            public_line(&bench.sshd.path("other")),
        );
        let name = bench.sshd.name();
        accepted.push(bench.both(&format!("@cert-authority {name} {ca}\n"), "").await);
        reasons.push(bench.certificate_reason().await);
        bench
            .both(&format!("@cert-authority * {ca}\n{name} {other}\n"), "")
            .await;
        bench
            .both(&format!("@cert-authority * {ca}\n@revoked * {ca}\n"), "")
            .await;
        bench
            .both(&format!("@cert-authority * {ca}\n@revoked * {ed}\n"), "")
            .await;
        bench
            .both(&format!("@cert-authority * {other}\n{name} {ed}\n"), "")
            .await;
        bench.both(&format!("{name} {ed}\n"), "").await;
    }
    assert_eq!(accepted, [true, false, false]);
    assert_eq!(
        reasons,
        [
            "",
            "it is for other.example, not for 127.0.0.1",
            "it is not valid today"
        ]
    );
}

/// Up to 10.2 ssh took patterns literally and a certificate without names for every host's.
#[tokio::test]
async fn patterns_on_a_host_certificate_count_and_no_name_is_no_hosts_as_with_the_newest_openssh() {
    let cases = [
        ("127.0.*", true, ""),
        ("pbx.example,127.0.0.?", true, ""),
        ("127.0.?", false, "it is for 127.0.?, not for 127.0.0.1"),
        ("!127.0.0.1", false, "it is for !127.0.0.1, not for 127.0.0.1"),
        ("", false, "it names no host"),
    ];
    for (principals, meant, reason) in cases {
        let prepare = |folder: &Path| sign_host(folder, principals, "-1d:+1d");
        let bench = Bench::new(sshd_with_host_keys(
            &[("host_key", "ed25519")],
            prepare,
            "HostCertificate @FOLDER@/host_key-cert.pub",
        ));
        let ca = public_line(&bench.sshd.path("ca"));
        let known = format!("@cert-authority {} {ca}\n", bench.sshd.name());
        fs::write(bench.sshd.path("known_hosts"), &known).unwrap();
        assert_eq!(bench.ours().await.is_ok(), meant, "{principals:?}");
        assert_eq!(bench.certificate_reason().await, reason, "{principals:?}");
        if client_version() >= (10, 3) {
            assert_eq!(bench.both(&known, "").await, meant, "{principals:?}");
        }
    }
}

#[tokio::test]
async fn an_rsa_host_certificate_holds_too() {
    let prepare = |folder: &Path| sign_host(folder, "127.0.0.1", "-1d:+1d");
    let bench = Bench::new(sshd_with_host_keys(
        &[("host_key", "rsa")],
        prepare,
        "HostCertificate @FOLDER@/host_key-cert.pub",
    ));
    let ca = public_line(&bench.sshd.path("ca"));
    assert!(
        bench
            .both(&format!("@cert-authority {} {ca}\n", bench.sshd.name()), "")
            .await
    );
}

#[tokio::test]
async fn an_alias_names_the_host_in_the_files() {
    let bench = Bench::new(sshd_with_host_keys(&[("host_key", "ed25519")], |_| {}, ""));
    let config = fs::read_to_string(bench.sshd.path("both_config")).unwrap();
    fs::write(
        bench.sshd.path("both_config"),
        format!("HostKeyAlias Pbx-One\n{config}"),
    )
    .unwrap();
    let key = public_line(&bench.sshd.path("host_key"));
    assert!(bench.both(&format!("pbx-one {key}\n"), "").await);
    assert!(!bench.both(&format!("{} {key}\n", bench.sshd.name()), "").await);
}

#[tokio::test]
async fn a_file_of_revoked_keys_counts_and_an_unusable_one_is_no_empty_one() {
    let bench = Bench::new(sshd_with_host_keys(&[("host_key", "ed25519")], |_| {}, ""));
    let config = fs::read_to_string(bench.sshd.path("both_config")).unwrap();
    let revoked = bench.sshd.path("revoked");
    fs::write(
        bench.sshd.path("both_config"),
        format!("RevokedHostKeys {}\n{config}", revoked.display()),
    )
    .unwrap();
    let (key, other) = (
        public_line(&bench.sshd.path("host_key")),
        public_line(&bench.sshd.path("other")),
    );
    let known = format!("{} {key}\n", bench.sshd.name());
    fs::write(&revoked, format!("{other}\n")).unwrap();
    assert!(bench.both(&known, "").await);
    fs::write(&revoked, format!("# lost laptop\n{other}\n{key}\n")).unwrap();
    assert!(!bench.both(&known, "").await);
    fs::remove_file(&revoked).unwrap();
    assert!(!bench.both(&known, "").await);
    keygen(&[
        "-k",
        "-f",
        revoked.to_str().unwrap(),
        bench.sshd.path("other.pub").to_str().unwrap(),
    ]);
    let error = bench.ours().await.unwrap_err();
    let ConnectError::HostKey { source, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(matches!(**source, HostKeyError::File { .. }), "{source}");
}
