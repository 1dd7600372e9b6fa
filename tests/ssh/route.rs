//! The ways to a host: jump hosts of the flags, a ProxyCommand, no OpenSSH at all; links that go silent; round trips.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::sshd::{Person, Sshd, fingerprint, own_login, plain_options, public_line};
use f2bctl::remote::ssh::{ConnectError, Destination, Ended, Exec, NoPrompt, Session, SshOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn read_all(exec: &mut Exec) -> String {
    let mut text = String::new();
    exec.stdout.read_to_string(&mut text).await.expect("stdout");
    text
}

fn block(name: &str, sshd: &Sshd, more: &str) -> String {
    format!(
        "Host {name}\n  HostName 127.0.0.1\n  Port {}\n  IdentityFile {}\n  UserKnownHostsFile {}\n  IdentitiesOnly yes\n{more}",
        sshd.port,
        sshd.path("client").display(),
        sshd.trust().path("known_hosts").display()
    )
}

fn options_with(sshd: &Sshd, config: &str) -> SshOptions {
    fs::write(sshd.path("route_config"), config).unwrap();
    let mut options = plain_options();
    options.ssh_config = Some(sshd.path("route_config"));
    options
}

#[tokio::test]
async fn the_jump_flag_goes_before_the_configuration_and_the_known_hosts_flag_counts_for_every_hop() {
    let (near, target) = (Sshd::start(), Sshd::start());
    let known: String = [&near, &target]
        .iter()
        .map(|sshd| format!("{} {}\n", sshd.name(), public_line(&sshd.path("host_key"))))
        .collect();
    fs::write(target.path("known_hosts"), known).unwrap();
    let config = format!(
        "Host closed\n  HostName 127.0.0.1\n  Port 1\nHost 127.0.0.1\n  ProxyJump closed\n  IdentitiesOnly yes\n  IdentityFile {}\n  IdentityFile {}\n",
        near.path("client").display(),
        target.path("client").display()
    );
    let mut options = options_with(&target, &config);
    options.known_hosts = Some(target.path("known_hosts"));
    options.jump = vec![format!("{}@127.0.0.1:{}", own_login(), near.port)];
    // As with ssh, the flag stands for the host's own ProxyJump, and the first hop still has its own.
    let error = Session::connect(&target.destination(), &options, Arc::new(NoPrompt))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, ConnectError::Jump { hop, .. } if hop == "closed"),
        "{error:?}"
    );

    fs::write(target.path("route_config"), config.replace("  ProxyJump closed\n", "")).unwrap();
    let session = Session::connect(&target.destination(), &options, Arc::new(NoPrompt))
        .await
        .unwrap();
    assert_eq!(session.server_key_fingerprint(), fingerprint(&target.path("host_key")));
    assert_eq!(near.log().matches("Accepted publickey").count(), 1);
}

#[tokio::test]
async fn a_host_that_the_jump_host_cannot_reach_is_recognised() {
    let near = Sshd::start();
    let config = format!(
        "{}Host far\n  HostName 127.0.0.1\n  Port 1\n  ProxyJump near\n",
        block("near", &near, "")
    );
    let options = options_with(&near, &config);
    let error = Session::connect(&Destination::parse("far").unwrap(), &options, Arc::new(NoPrompt))
        .await
        .unwrap_err();
    let ConnectError::Unreachable { address, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(address, "127.0.0.1:1 (from the jump host)");
}

#[tokio::test]
async fn a_proxy_command_carries_the_connection_and_its_output_is_shown_when_it_does_not() {
    let (near, target) = (Sshd::start(), Sshd::start());
    let near_config = target.path("near_config");
    fs::write(&near_config, block("near", &near, "")).unwrap();
    let proxied = format!("  ProxyCommand ssh -F {} -W %h:%p near\n", near_config.display());
    let options = options_with(&target, &block("target", &target, &proxied));
    let destination = Destination::parse("target").unwrap();
    let session = Session::connect(&destination, &options, Arc::new(NoPrompt))
        .await
        .unwrap();
    let mut exec = session.exec("head -c 3000000 /dev/zero | wc -c").await.unwrap();
    assert_eq!(read_all(&mut exec).await.trim(), "3000000");
    assert_eq!(near.log().matches("Accepted publickey").count(), 1);
    session.close().await;

    let broken = options_with(
        &target,
        &block(
            "target",
            &target,
            "  ProxyCommand sh -c 'echo no way to %h >&2; exit 1'\n",
        ),
    );
    let error = Session::connect(&destination, &broken, Arc::new(NoPrompt))
        .await
        .unwrap_err();
    let ConnectError::ProxyCommand { message, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(message, "no way to 127.0.0.1");
}

#[tokio::test]
async fn without_openssh_the_flags_serve() {
    let sshd = Sshd::start();
    let mut options = sshd.trust().options();
    options.ssh_config = None;
    options.environment.ssh = "/nonexistent/ssh".into();
    let person = Arc::new(Person::default());
    Session::connect(&sshd.destination(), &options, person.clone())
        .await
        .unwrap();
    assert!(
        person.notices()[0].starts_with("ssh_client_missing: "),
        "{:?}",
        person.notices()
    );
}

#[tokio::test]
async fn options_that_are_not_honoured_are_named() {
    let sshd = Sshd::start();
    let config = block("host", &sshd, "  Ciphers aes256-ctr\n  StrictHostKeyChecking no\n");
    let person = Arc::new(Person::default());
    let destination = Destination::parse("host").unwrap();
    Session::connect(&destination, &options_with(&sshd, &config), person.clone())
        .await
        .unwrap();
    let notices = person.notices();
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert!(notices[0].starts_with("host_key_check_stays_on: "), "{notices:?}");
    assert!(notices[1].contains("Ciphers"), "{notices:?}");
}

#[tokio::test]
async fn a_host_that_stops_answering_is_a_lost_link() {
    let sshd = Sshd::start();
    let config = block("host", &sshd, "  ServerAliveInterval 1\n  ServerAliveCountMax 1\n");
    let destination = Destination::parse("host").unwrap();
    let session = Session::connect(&destination, &options_with(&sshd, &config), Arc::new(NoPrompt))
        .await
        .unwrap();
    let exec = session.exec("exec sleep 60").await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    sshd.freeze_sessions();
    let begun = Instant::now();
    let ended = exec.finish().await.ended;
    let Ended::LinkLost(lost) = ended else {
        panic!("{ended:?}")
    };
    assert!(lost.to_string().contains("the host stopped answering"), "{lost}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

/// Half of a round trip through the relay.
const ONE_WAY: Duration = Duration::from_millis(40);

/// A relay on 127.0.0.1 that holds packets back and counts how often somebody had to wait for the other side.
///
/// What is counted is the depth of the exchange, not time: a packet of the host is one deeper than the deepest one that had
/// reached it, and a packet of the client as deep as the deepest one that had reached the client.
#[derive(Clone, Default)]
struct Relay(Arc<Mutex<Depths>>);

#[derive(Default)]
struct Depths {
    /// Of what has reached the host; nothing at first.
    at_host: Option<u32>,
    /// Of what has reached the client.
    at_client: u32,
}

impl Relay {
    async fn start(&self, port: u16) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let relay = self.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                *relay.0.lock().unwrap() = Depths::default();
                let host = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                client.set_nodelay(true).unwrap();
                host.set_nodelay(true).unwrap();
                let (client_read, client_write) = client.into_split();
                let (host_read, host_write) = host.into_split();
                let to_host: Delivery = |depths, depth| depths.at_host = depths.at_host.max(Some(depth));
                let to_client: Delivery = |depths, depth| depths.at_client = depths.at_client.max(depth);
                tokio::spawn(
                    relay
                        .clone()
                        .carry(client_read, host_write, |depths| depths.at_client, to_host),
                );
                let of_host = |depths: &Depths| depths.at_host.map_or(0, |depth| depth + 1);
                tokio::spawn(relay.clone().carry(host_read, client_write, of_host, to_client));
            }
        });
        address.port()
    }

    /// Round trips of the connection so far.
    fn depth(&self) -> u32 {
        self.0.lock().unwrap().at_client
    }

    async fn carry(
        self,
        mut from: impl AsyncReadExt + Unpin,
        mut to: impl AsyncWriteExt + Unpin + Send + 'static,
        depth_of: fn(&Depths) -> u32,
        delivered: Delivery,
    ) {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel::<(Instant, u32, Vec<u8>)>();
        let relay = self.clone();
        tokio::spawn(async move {
            while let Some((due, depth, packet)) = receiver.recv().await {
                tokio::time::sleep_until(due.into()).await;
                delivered(&mut relay.0.lock().unwrap(), depth);
                if to.write_all(&packet).await.is_err() {
                    return;
                }
            }
        });
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let depth = depth_of(&self.0.lock().unwrap());
            let _ = sender.send((Instant::now() + ONE_WAY, depth, buffer[..count].to_vec()));
        }
    }
}

/// Notes that a packet of that depth has arrived.
type Delivery = fn(&mut Depths, u32);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_round_trip_is_wasted() {
    let sshd = Sshd::start();
    let relay = Relay::default();
    let port = relay.start(sshd.port).await;
    let known = format!("[127.0.0.1]:{port} {}\n", public_line(&sshd.path("host_key")));
    fs::write(sshd.path("known_hosts"), known).unwrap();
    let destination = Destination::parse(&format!("{}@127.0.0.1:{port}", own_login())).unwrap();
    let mut fewest = [u32::MAX; 5];
    // A busy machine delays packets past one another, which only ever adds to the count.
    for _ in 0..8 {
        let counted = count(&relay, &destination, &sshd.options()).await;
        fewest = std::array::from_fn(|index| fewest[index].min(counted[index]));
        if fewest == [5, 7, 2, 1, 2] {
            break;
        }
    }
    assert_eq!(
        fewest,
        [5, 7, 2, 1, 2],
        "round trips of a login, login and command, next command, prepared command, with stdin"
    );
}

/// Login (2 for the key exchange, 3 for the key), the same with a first command, a second one, one on a prepared channel,
/// and one that reads stdin: sshd grants a window for that only once the command runs.
async fn count(relay: &Relay, destination: &Destination, options: &SshOptions) -> [u32; 5] {
    let session = Session::connect(destination, options, Arc::new(NoPrompt))
        .await
        .unwrap();
    let login = relay.depth();
    echo(&session).await;
    let first = relay.depth();

    let begun = settled(relay).await;
    echo(&session).await;
    let second = relay.depth() - begun;

    session.prepare_channel().await;
    let begun = settled(relay).await;
    echo(&session).await;
    let prepared = relay.depth() - begun;

    session.prepare_channel().await;
    let begun = settled(relay).await;
    let mut exec = session.exec("cat").await.unwrap();
    exec.stdin.write_all(b"x").await.unwrap();
    exec.stdin.shutdown().await.unwrap();
    assert_eq!(read_all(&mut exec).await, "x");
    [login, first, second, prepared, relay.depth() - begun]
}

/// The depth once nothing is on its way any more.
async fn settled(relay: &Relay) -> u32 {
    tokio::time::sleep(6 * ONE_WAY).await;
    relay.depth()
}

async fn echo(session: &Session) {
    let mut exec = session.exec("echo x").await.unwrap();
    assert_eq!(read_all(&mut exec).await, "x\n");
}
