//! Byte streams to a host: TCP with a limit for each address, or a ProxyCommand's stdin and stdout.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::watch;

use super::error::ConnectError;
use super::options::SshOptions;
use super::patience::Patience;
use super::prompt::visible;
use super::settings::{AddressFamily, HostSettings};

/// How long a ProxyCommand that brought no connection may take to say why.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// How much of what a ProxyCommand says is kept, in bytes.
const MOST_WORDS: usize = 2048;

/// Anything that carries an SSH connection.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for T {}

/// A stream, and what is known about where it leads.
pub(super) struct Dialled {
    /// The stream.
    pub stream: Box<dyn ByteStream>,
    /// The address, for a direct TCP connection.
    pub peer: Option<SocketAddr>,
    /// What a ProxyCommand says on its stderr.
    pub words: Option<ProxyWords>,
}

/// The last words of a ProxyCommand.
#[derive(Debug, Clone)]
pub(super) struct ProxyWords(watch::Receiver<Vec<u8>>);

impl ProxyWords {
    /// Its output, once it has ended or had a moment to write; made safe for a terminal.
    pub(super) async fn last(mut self) -> String {
        let end = async { while self.0.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(LAST_WORDS, end).await;
        visible(&String::from_utf8_lossy(&self.0.borrow()))
    }
}

/// Opens the way to a host that no other host is gone through for.
pub(super) async fn dial(
    host: &HostSettings,
    options: &SshOptions,
    patience: &Patience,
) -> Result<Dialled, ConnectError> {
    if let Some(command) = &host.proxy_command {
        return proxy(command, host, options);
    }
    let addresses = resolve(host, patience).await?;
    let mut last = None;
    for address in addresses {
        match connect(address, host, patience).await {
            Ok(stream) => {
                return Ok(Dialled {
                    stream: Box::new(stream),
                    peer: Some(address),
                    words: None,
                });
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| no_address(host, "none of its addresses is of the wanted family")))
}

fn no_address(host: &HostSettings, why: &'static str) -> ConnectError {
    ConnectError::Resolve {
        host: host.host.clone(),
        source: io::Error::new(io::ErrorKind::NotFound, why),
    }
}

async fn resolve(host: &HostSettings, patience: &Patience) -> Result<Vec<SocketAddr>, ConnectError> {
    let looked_up = patience.wait_for(lookup_host((host.host.as_str(), host.port))).await;
    let found = looked_up.map_err(|_| ConnectError::TimedOut {
        host: host.host.clone(),
        step: "its name was looked up",
        after: patience.limit(),
    })?;
    let found = found.map_err(|source| ConnectError::Resolve {
        host: host.host.clone(),
        source,
    })?;
    let wanted = |address: &SocketAddr| match host.address_family {
        AddressFamily::Any => true,
        AddressFamily::Inet => address.is_ipv4(),
        AddressFamily::Inet6 => address.is_ipv6(),
    };
    Ok(found.filter(wanted).collect())
}

async fn connect(address: SocketAddr, host: &HostSettings, patience: &Patience) -> Result<TcpStream, ConnectError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::ConnectionRefused => ConnectError::ConnectionRefused { address, source },
        _ => ConnectError::Unreachable {
            address: address.to_string(),
            source,
        },
    };
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }
    .map_err(failed)?;
    // Without this each command of a session costs up to two more round trips (Nagle's algorithm).
    socket.set_nodelay(true).map_err(failed)?;
    if let Some(local) = &host.bind_address {
        let local: IpAddr = local.parse().map_err(|_| {
            failed(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("the BindAddress {local:?} is not an address"),
            ))
        })?;
        socket.bind(SocketAddr::new(local, 0)).map_err(failed)?;
    }
    match patience.wait_for(socket.connect(address)).await {
        Ok(connected) => connected.map_err(failed),
        Err(_) => Err(ConnectError::TimedOut {
            host: address.to_string(),
            step: "a connection was opened",
            after: patience.limit(),
        }),
    }
}

/// Runs the command as OpenSSH does: by the operator's shell, which it replaces.
fn proxy(command: &str, host: &HostSettings, options: &SshOptions) -> Result<Dialled, ConnectError> {
    let failed = |message: String| ConnectError::ProxyCommand {
        host: host.label(),
        message,
    };
    let mut child = Command::new(&options.environment.shell)
        .arg("-c")
        .arg(format!("exec {command}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            failed(format!(
                "{} could not be run: {error}",
                options.environment.shell.display()
            ))
        })?;
    let (sender, words) = watch::channel(Vec::new());
    let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(failed("it has no stdin or stdout".into()));
    };
    tokio::spawn(listen(stderr, sender));
    let stream = ProxyStream {
        stdin,
        stdout,
        _child: child,
    };
    Ok(Dialled {
        stream: Box::new(stream),
        peer: None,
        words: Some(ProxyWords(words)),
    })
}

async fn listen(mut stderr: impl AsyncRead + Unpin, sender: watch::Sender<Vec<u8>>) {
    let mut part = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut part).await {
        sender.send_modify(|words| {
            words.extend_from_slice(part.get(..count).unwrap_or_default());
            let surplus = words.len().saturating_sub(MOST_WORDS);
            words.drain(..surplus);
        });
    }
}

/// A ProxyCommand as a stream; the command ends with it.
struct ProxyStream {
    stdin: ChildStdin,
    stdout: ChildStdout,
    _child: Child,
}

impl AsyncRead for ProxyStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stdout).poll_read(context, buffer)
    }
}

impl AsyncWrite for ProxyStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stdin).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stdin).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stdin).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::ssh::destination::Destination;
    use crate::remote::ssh::settings::from_flags;
    use std::time::Instant;

    fn host(port: u16) -> HostSettings {
        let destination = Destination::parse(&format!("root@127.0.0.1:{port}")).unwrap();
        from_flags(&destination, &SshOptions::default()).unwrap()
    }

    fn patience() -> Patience {
        Patience::new(Duration::from_secs(5))
    }

    #[tokio::test]
    async fn packets_go_out_at_once_and_from_the_address_that_is_set() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut host = host(address.port());
        host.bind_address = Some("127.0.0.9".into());
        let stream = connect(address, &host, &patience()).await.unwrap();
        assert!(stream.nodelay().unwrap());
        assert_eq!(stream.local_addr().unwrap().ip().to_string(), "127.0.0.9");
    }

    #[tokio::test]
    async fn only_addresses_of_the_wanted_family_are_dialled() {
        let mut host = host(9);
        host.address_family = AddressFamily::Inet6;
        let refused = dial(&host, &SshOptions::default(), &patience()).await.err().unwrap();
        assert!(matches!(refused, ConnectError::Resolve { .. }), "{refused}");
    }

    #[tokio::test]
    async fn a_proxy_command_ends_with_its_stream() {
        let folder = tempfile::tempdir().unwrap();
        let mut host = host(9);
        host.proxy_command = Some(format!(
            "sh -c 'echo $$ > {}; exec sleep 60'",
            folder.path().join("pid").display()
        ));
        let mut options = SshOptions::default();
        options.environment.shell = "/bin/sh".into();
        let dialled = dial(&host, &options, &patience()).await.unwrap();
        let begun = Instant::now();
        let process = loop {
            let text = std::fs::read_to_string(folder.path().join("pid")).unwrap_or_default();
            if text.ends_with('\n') {
                break text.trim().to_owned();
            }
            assert!(begun.elapsed() < Duration::from_secs(5), "the command did not start");
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        drop(dialled);
        while std::path::Path::new("/proc").join(&process).exists() {
            assert!(begun.elapsed() < Duration::from_secs(5), "the command is still there");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
