//! Asks the installed OpenSSH what its configuration means for a host (`ssh -G`); without one, the flags serve.
//!
//! ssh_config is never parsed here: Match, Include, canonical names and system-wide files are OpenSSH's own business.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use super::configuration_error::ConfigurationError;
use super::destination::Destination;
use super::options::SshOptions;
use super::prompt::{Notice, visible};
use super::settings::{HostSettings, from_flags};
use super::ssh_answer::{Answer, from_answer};

/// `ssh -G` takes 5 ms; only a `Match exec` could take long.
const LIMIT: Duration = Duration::from_secs(20);
/// The answer has about 4 KiB.
const MOST_OUTPUT: u64 = 1 << 20;

/// Options that change how a host is reached, trusted or logged in to, and that this session does not have.
const NOT_HONOURED: [(&str, &str); 19] = [
    ("bindinterface", "BindInterface"),
    ("casignaturealgorithms", "CASignatureAlgorithms"),
    ("checkhostip", "CheckHostIP"),
    ("ciphers", "Ciphers"),
    ("compression", "Compression"),
    ("connectionattempts", "ConnectionAttempts"),
    ("fingerprinthash", "FingerprintHash"),
    ("hostbasedauthentication", "HostbasedAuthentication"),
    ("hostkeyalgorithms", "HostKeyAlgorithms"),
    ("kexalgorithms", "KexAlgorithms"),
    ("knownhostscommand", "KnownHostsCommand"),
    ("macs", "MACs"),
    ("nohostauthenticationforlocalhost", "NoHostAuthenticationForLocalhost"),
    ("pkcs11provider", "PKCS11Provider"),
    ("proxyusefdpass", "ProxyUseFdpass"),
    ("pubkeyacceptedalgorithms", "PubkeyAcceptedAlgorithms"),
    ("rekeylimit", "RekeyLimit"),
    ("securitykeyprovider", "SecurityKeyProvider"),
    ("verifyhostkeydns", "VerifyHostKeyDNS"),
];

/// Whether a host is the one asked for, or only on the way to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The last host: the flags are about it.
    Target,
    /// A jump host: as with `ssh -J`, the key files of the command line are not offered to it.
    Hop,
}

/// What applies to `destination`; `jump` overrides its ProxyJump.
pub(super) async fn settings_for(
    destination: &Destination,
    jump: &[String],
    role: Role,
    options: &SshOptions,
) -> Result<HostSettings, ConfigurationError> {
    let program = &options.environment.ssh;
    if let Some(file) = options.ssh_config.as_ref().filter(|file| is_pipe(file)) {
        return Err(ConfigurationError::NotAFile(file.clone()));
    }
    let mut arguments = place_arguments(destination);
    if !jump.is_empty() {
        arguments.splice(0..0, ["-J".into(), jump.join(",").into()]);
    }
    let asked = ask(options, options.ssh_config.as_deref(), &arguments, role);
    let plain = ask(options, Some(Path::new("/dev/null")), &arguments, role);
    let mut settings = match tokio::try_join!(asked, plain) {
        Ok((answer, plain)) => {
            let mut settings = from_answer(&answer, destination, options)?;
            settings.notices.extend(not_honoured(&answer, &plain));
            settings
        }
        Err(ConfigurationError::NotInstalled(_)) if options.ssh_config.is_none() => {
            let mut settings = from_flags(destination, options)?;
            settings.jump = jump.to_vec();
            settings
        }
        Err(ConfigurationError::NotInstalled(_)) => return Err(ConfigurationError::NotInstalled(program.clone())),
        Err(error) => return Err(error),
    };
    if role == Role::Target {
        let explicit = &options.identities;
        settings.identity_files.retain(|file| !explicit.contains(file));
        settings.explicit_identities.clone_from(explicit);
        settings.notices.extend(missing(explicit));
    }
    Ok(settings)
}

/// Whether a file is one that ssh would wait for.
fn is_pipe(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|facts| facts.file_type().is_fifo() || facts.file_type().is_socket())
}

fn place_arguments(destination: &Destination) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::new();
    if let Some(user) = &destination.user {
        arguments.extend(["-l".into(), user.into()]);
    }
    if let Some(port) = destination.port {
        arguments.extend(["-p".into(), port.to_string().into()]);
    }
    arguments.extend(["--".into(), OsString::from(&destination.address)]);
    arguments
}

async fn ask(
    options: &SshOptions,
    config: Option<&Path>,
    arguments: &[OsString],
    role: Role,
) -> Result<Answer, ConfigurationError> {
    let environment = &options.environment;
    let mut command = Command::new(&environment.ssh);
    command.arg("-G");
    if let Some(config) = config {
        command.arg("-F").arg(config);
    }
    if role == Role::Target {
        for identity in &options.identities {
            command.arg("-i").arg(identity);
        }
    }
    command.args(arguments).env("LC_ALL", "C").kill_on_drop(true);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(home) = &environment.home {
        command.env("HOME", home);
    }
    let program = || environment.ssh.clone();
    match tokio::time::timeout(LIMIT, run(command)).await {
        Err(_elapsed) => Err(ConfigurationError::TooLong {
            program: program(),
            after: LIMIT,
        }),
        Ok(Err(source)) if source.kind() == io::ErrorKind::NotFound => Err(ConfigurationError::NotInstalled(program())),
        Ok(Err(source)) => Err(ConfigurationError::NotRun {
            program: program(),
            source,
        }),
        Ok(Ok((status, _, stderr))) if !status.success() => Err(ConfigurationError::Refused {
            program: program(),
            message: visible(&String::from_utf8_lossy(&stderr)),
        }),
        Ok(Ok((_, stdout, _))) => Answer::read(&stdout),
    }
}

async fn run(mut command: Command) -> io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let mut child = command.spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::try_join!(read_some(stdout), read_some(stderr))?;
    Ok((child.wait().await?, stdout, stderr))
}

async fn read_some(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    if let Some(stream) = stream {
        stream.take(MOST_OUTPUT).read_to_end(&mut content).await?;
    }
    Ok(content)
}

/// One notice for each file that was named as an identity and is not there: another key may log in, and hide the mistake.
fn missing(identities: &[PathBuf]) -> Vec<Notice> {
    let notice = |file: &PathBuf| Notice {
        code: "ssh_identity_missing",
        message: format!(
            "--identity {}: there is no such file; other keys are tried",
            file.display()
        ),
    };
    identities.iter().filter(|file| !file.exists()).map(notice).collect()
}

/// One notice for each option that the operator's configuration sets away from OpenSSH's default and that is not honoured.
fn not_honoured(answer: &Answer, plain: &Answer) -> Vec<Notice> {
    NOT_HONOURED
        .into_iter()
        .filter(|(key, _)| answer.first(key) != plain.first(key))
        .map(|(key, name)| Notice {
            code: "ssh_option_not_honoured",
            message: format!(
                "ssh_config sets {name} to {:?}, which f2bctl does not honour",
                answer.first(key).unwrap_or_default()
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_options_that_are_set_and_not_honoured_and_no_others() {
        let plain = Answer::read(b"ciphers a,b\nmacs c\nuser root\n").unwrap();
        let answer = Answer::read(b"ciphers b\nmacs c\nuser ravi\nverifyhostkeydns yes\n").unwrap();
        let named: Vec<String> = not_honoured(&answer, &plain)
            .into_iter()
            .map(|notice| notice.message)
            .collect();
        assert_eq!(
            named,
            [
                "ssh_config sets Ciphers to \"b\", which f2bctl does not honour",
                "ssh_config sets VerifyHostKeyDNS to \"yes\", which f2bctl does not honour"
            ]
        );
    }

    #[tokio::test]
    async fn an_answer_comes_from_the_program_and_its_refusal_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config");
        std::fs::write(&config, "Host web\n  HostName 192.0.2.7\n  Port 2222\n  User ravi\n").unwrap();
        let mut options = SshOptions {
            ssh_config: Some(config.clone()),
            ..SshOptions::default()
        };
        options.environment.ssh = "ssh".into();
        let destination = Destination::parse("web").unwrap();
        let settings = settings_for(&destination, &[], Role::Target, &options).await.unwrap();
        assert_eq!(settings.label(), "ravi@192.0.2.7:2222");

        options.identities = vec![config.clone(), folder.path().join("mistyped")];
        let settings = settings_for(&destination, &[], Role::Target, &options).await.unwrap();
        let notice = settings
            .notices
            .iter()
            .filter(|notice| notice.code == "ssh_identity_missing");
        let notice: Vec<_> = notice.map(|notice| &notice.message).collect();
        assert!(
            matches!(notice[..], [one] if one.contains("mistyped: there is no such file")),
            "{notice:?}"
        );

        std::fs::write(&config, "Nonsense yes\n").unwrap();
        let refused = settings_for(&destination, &[], Role::Target, &options)
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("bad configuration option: nonsense")
                || refused.to_string().contains("Bad configuration option"),
            "{refused}"
        );
    }

    #[tokio::test]
    async fn without_openssh_the_flags_serve_and_it_says_so() {
        let mut options = SshOptions::default();
        options.environment.ssh = "/nonexistent/ssh".into();
        options.environment.user = Some("ravi".into());
        let destination = Destination::parse("192.0.2.7:2222").unwrap();
        let settings = settings_for(&destination, &["hop".into()], Role::Target, &options)
            .await
            .unwrap();
        assert_eq!(
            (settings.label(), settings.jump),
            ("ravi@192.0.2.7:2222".into(), vec!["hop".to_owned()])
        );
        assert_eq!(
            settings.notices.first().map(|notice| notice.code),
            Some("ssh_client_missing")
        );
        options.ssh_config = Some("/tmp/config".into());
        let refused = settings_for(&destination, &[], Role::Target, &options).await;
        assert!(matches!(refused, Err(ConfigurationError::NotInstalled(_))));
    }
}
