//! Every algorithm that a real sshd offers, one at a time: which ones a session can use, and what is said of the others.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use super::sshd::openssh::{server_lists, server_takes};
use super::sshd::{self, Sshd, fingerprint, make_key, public_line};
use f2bctl::remote::ssh::{ConnectError, Ended, NoPrompt, Session};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;

/// An sshd with one host key of a kind, as ssh-keygen names it, and of that many bits.
fn with_host_key(kind: &str, bits: &str, extra: &str) -> Sshd {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("host_key");
    let shown = file.to_str().unwrap();
    sshd::keygen(&["-t", kind, "-b", bits, "-N", "", "-C", "host@test", "-f", shown]);
    let client = make_key(folder.path(), "client", "ed25519", "");
    fs::write(folder.path().join("authorized_keys"), public_line(&client)).unwrap();
    Sshd::start_in(folder, extra)
}

/// A login and a command whose output is larger than a packet.
async fn works(sshd: &Sshd) -> Result<(), ConnectError> {
    let mut options = sshd.options();
    // Exchanges in large finite fields take their time without an optimising compiler.
    options.connect_timeout = Some(Duration::from_secs(60));
    let session = Session::connect(&sshd.destination(), &options, Arc::new(NoPrompt)).await?;
    let mut exec = session
        .exec("head -c 300000 /dev/zero; echo done")
        .await
        .expect("a command");
    let mut text = Vec::new();
    exec.stdout.read_to_end(&mut text).await.expect("stdout");
    assert!(
        text.ends_with(b"done\n") && text.len() == 300_005,
        "{} bytes",
        text.len()
    );
    assert_eq!(exec.finish().await.ended, Ended::Exit(0));
    Ok(())
}

/// Those of a list that no session can be had with when the host offers nothing else; each is refused in plain words.
async fn unusable(option: &str, more: &str, names: &[String]) -> Vec<String> {
    assert!(!names.is_empty(), "sshd lists nothing for {option}");
    let mut found = Vec::new();
    for name in names {
        let sshd = Sshd::start_with(&format!("{option} {name}\n{more}"));
        let Err(error) = works(sshd.trust()).await else {
            continue;
        };
        let ConnectError::Protocol { message, .. } = &error else {
            panic!("{name}: {error:?}")
        };
        assert!(
            message.contains(name.as_str()) || message.contains("common"),
            "{name}: {message}"
        );
        found.push(name.clone());
    }
    found
}

#[tokio::test]
async fn each_key_exchange_that_the_host_offers() {
    let offered = server_lists("KexAlgorithms");
    let unusable = unusable("KexAlgorithms", "", &offered).await;
    // Streamlined NTRU Prime is not there; every version offers a key exchange beside it.
    let expected: Vec<&String> = offered.iter().filter(|name| name.starts_with("sntrup")).collect();
    assert_eq!(unusable.iter().collect::<Vec<_>>(), expected, "of {offered:?}");
}

#[tokio::test]
async fn the_exchange_that_is_safe_from_quantum_computers_is_taken_where_the_host_has_it() {
    let wanted = "mlkem768x25519-sha256";
    let sshd = Sshd::start_with("LogLevel DEBUG1");
    works(sshd.trust()).await.unwrap();
    let taken = sshd.log().contains(&format!("kex: algorithm: {wanted}"));
    assert_eq!(
        taken,
        server_takes(&format!("KexAlgorithms {wanted}")),
        "{}",
        sshd.log()
    );
}

#[tokio::test]
async fn each_cipher_that_the_host_offers() {
    let offered = server_lists("Ciphers");
    assert_eq!(
        unusable("Ciphers", "", &offered).await,
        Vec::<String>::new(),
        "of {offered:?}"
    );
}

#[tokio::test]
async fn each_mac_that_the_host_offers() {
    let offered = server_lists("MACs");
    let unusable = unusable("MACs", "Ciphers aes128-ctr", &offered).await;
    // SHA-1 is not wanted and UMAC not there; every version offers the hashes of SHA-2 beside them.
    let expected: Vec<&String> = offered
        .iter()
        .filter(|name| name.starts_with("umac") || name.contains("sha1"))
        .collect();
    assert_eq!(unusable.iter().collect::<Vec<_>>(), expected, "of {offered:?}");
}

#[tokio::test]
async fn each_kind_of_host_key() {
    for (kind, bits) in [
        ("ed25519", "256"),
        ("ecdsa", "256"),
        ("ecdsa", "384"),
        ("ecdsa", "521"),
        ("rsa", "2048"),
        ("rsa", "4096"),
    ] {
        let sshd = with_host_key(kind, bits, "");
        works(sshd.trust())
            .await
            .unwrap_or_else(|error| panic!("{kind} {bits}: {error:?}"));
        let session = Session::connect(&sshd.destination(), &sshd.options(), Arc::new(NoPrompt))
            .await
            .unwrap();
        assert_eq!(session.server_key_fingerprint(), fingerprint(&sshd.path("host_key")));
    }
}

#[tokio::test]
async fn a_host_that_signs_with_sha_1_alone_is_refused() {
    let sshd = with_host_key("rsa", "2048", "HostKeyAlgorithms ssh-rsa");
    let error = works(sshd.trust()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Protocol { .. }), "{error:?}");
    assert!(error.to_string().contains("ssh-rsa"), "{error}");
}

#[tokio::test]
async fn a_host_that_takes_rsa_keys_with_sha_1_alone_is_not_given_one() {
    let sshd = Sshd::start_with("PubkeyAcceptedKeyTypes ssh-rsa");
    let key = make_key(&sshd.path(""), "old", "rsa", "");
    fs::write(sshd.path("authorized_keys"), public_line(&key)).unwrap();
    let mut options = sshd.trust().options();
    options.identities = vec![key];
    let error = Session::connect(&sshd.destination(), &options, Arc::new(NoPrompt))
        .await
        .unwrap_err();
    let ConnectError::Authentication(refusal) = &error else {
        panic!("{error:?}")
    };
    // Some versions tell beforehand what they take; others name all algorithms, and then refuse the signature.
    match refusal.skipped.as_slice() {
        [] => assert!(refusal.offered[0].what.starts_with("ssh-rsa SHA256:"), "{error}"),
        [skipped] => assert!(skipped.why.contains("only with SHA-1, which is broken"), "{error}"),
        more => panic!("{more:?}"),
    }
    assert!(!sshd.log().contains("Accepted publickey"), "{}", sshd.log());
}
