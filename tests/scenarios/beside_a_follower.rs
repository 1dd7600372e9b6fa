//! One session serves a follower of the action log and requests at the same time: a look and a whole change are answered
//! while it follows, it sees what the change does, and it delays nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Parser as _;
use f2bctl::cli::{Arguments, Services};
use f2bctl::document::Outcome;
use f2bctl::engine::{
    self, Approver, ChangeReport, Connection, Consumer, Context, Event, Events, Mode, Recovery, Target,
};
use f2bctl::model::comment_text::CommentText;
use f2bctl::model::observed::{OpenChange, Part};
use f2bctl::planning::details::Details;
use f2bctl::planning::plan::Plan;
use f2bctl::procedure::Onboard;
use f2bctl::remote::agent::{LinkError, LogEvent, LogSince, Stream};
use f2bctl::remote::ssh::NoPrompt;
use f2bctl::settings::HostSettings;
use f2bctl::ui::{Output, Style};

use super::support::{Lab, environment};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// An operator's program around the lab.
struct Desk {
    services: Services,
    host: HostSettings,
    target: Target,
}

impl Desk {
    fn new(lab: &Lab) -> Self {
        let file = lab.paths.configuration_file.display().to_string();
        let typed = ["f2bctl", "--config", &file, "-H", "lab", "status"];
        let arguments = Arguments::try_parse_from(typed).expect("arguments");
        let output = Arc::new(Output::new(Style::default(), anstream::ColorChoice::Never));
        let services = Services::new(arguments.global, false, output, Vec::new()).expect("the configuration");
        let host = services.hosts().expect("the lab").remove(0);
        let target = services.target(&host).expect("an address");
        Self { services, host, target }
    }

    async fn connection(&self) -> Connection {
        let opened = Connection::open(&self.target, Arc::new(NoPrompt)).await;
        opened.expect("a login")
    }

    /// A customer joins, whose address is banned, over a connection that is there.
    async fn onboard(&self, lab: &Lab, connection: &mut Connection, seen: &Arc<Seen>) -> ChangeReport {
        let procedure = Onboard {
            jails: Vec::new(),
            networks: vec!["192.0.2.0/28".to_owned()],
            details: Details {
                customer: CommentText::new("Lotus Court Hotels").ok(),
                by: "ravi".to_owned(),
                ..Details::default()
            },
        };
        let context = Context {
            mode: Mode::Ask,
            local_log: Context::usual_local_log(&environment(lab.folder()).state_home),
            prompt: Arc::new(NoPrompt),
            ..self.services.context("onboard", &self.host, &self.target)
        };
        let events = Events::to([Arc::clone(seen) as Arc<dyn Consumer>]);
        let run = engine::run_over(connection, &procedure, context, &events, seen.as_ref());
        tokio::time::timeout(PATIENCE, run).await.expect("it ends")
    }
}

/// What is seen, in its order: the names of events, the questions, and the lines of the log.
#[derive(Default)]
struct Seen(Mutex<Vec<String>>);

impl Seen {
    fn note(&self, what: &str) {
        self.0.lock().expect("a lock").push(what.to_owned());
    }

    /// Where this was seen, if it was.
    fn place(&self, what: &str) -> Option<usize> {
        self.0
            .lock()
            .expect("a lock")
            .iter()
            .position(|seen| seen.contains(what))
    }

    async fn eventually(&self, what: &str) {
        let began = Instant::now();
        while self.place(what).is_none() {
            let seen = self.0.lock().expect("a lock").join("\n");
            assert!(began.elapsed() < PATIENCE, "{what} was not seen in\n{seen}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Consumer for Seen {
    fn take(&self, event: &Event<'_>) {
        self.note(match event {
            Event::Observed(_) => "observed",
            Event::Planned(_) => "planned",
            Event::Applying { .. } => "applying",
            Event::Progress(text) => text,
            Event::ConnectionLost { .. } => "connection lost",
            _ => "something else",
        });
    }
}

impl Approver for Seen {
    fn approve(&self, plan: &Plan) -> Option<bool> {
        self.note("asked");
        Some(plan.lifted().is_some())
    }

    fn type_host_name(&self, _: &str) -> Option<bool> {
        None
    }

    fn recover(&self, _: &OpenChange) -> Option<Recovery> {
        None
    }
}

/// Notes each line that is followed until the follower ends; how that was.
fn note_lines(mut following: Stream<LogEvent>, seen: &Arc<Seen>) -> tokio::task::JoinHandle<Result<(), LinkError>> {
    let seen = Arc::clone(seen);
    tokio::spawn(async move {
        while let Some(event) = following.next().await? {
            if let LogEvent::Lines { lines, .. } = event {
                lines.iter().for_each(|line| seen.note(line));
            }
        }
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_and_a_change_are_served_while_it_follows_and_it_sees_the_change() {
    let lab = Lab::start();
    lab.on_client("if [ \"$3\" = reload ]; then touch $here/reloading; until [ -e $here/go ]; do sleep 0.05; done; fi");
    let desk = Desk::new(&lab);
    let mut connection = desk.connection().await;
    let seen = Arc::<Seen>::default();
    let following = connection.host.follow(None, None).await.expect("a follower");
    let noting = note_lines(following, &seen);

    let looked = connection
        .host
        .observe(&[Part::Server], &mut |_| ())
        .await
        .expect("a look");
    assert!(looked.server.value().is_some_and(|server| server.running));

    let folder = lab.folder().join("client");
    let meanwhile = async {
        let began = Instant::now();
        while !folder.join("reloading").exists() {
            assert!(began.elapsed() < PATIENCE, "it does not reload");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::task::block_in_place(|| lab.client(&["set", "asterisk-scan", "banip", "203.0.113.99"]));
        seen.eventually("Ban 203.0.113.99").await;
        seen.note("the reload may end");
        std::fs::write(folder.join("go"), "").expect("a file");
    };
    let (report, ()) = tokio::join!(desk.onboard(&lab, &mut connection, &seen), meanwhile);
    seen.note("changed");
    assert_eq!(report.outcome, Outcome::Changed, "{report:?}");
    seen.eventually("Unban 192.0.2.10").await;
    let order = [
        "observed",
        "planned",
        "asked",
        "applying",
        "Ban 203.0.113.99",
        "the reload may end",
        "changed",
    ];
    let places: Vec<Option<usize>> = order.iter().map(|what| seen.place(what)).collect();
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{places:?}");
    // What is done last in a change is seen with no more delay than the follower's look.
    let looked = connection
        .host
        .observe(&[Part::Lock], &mut |_| ())
        .await
        .expect("a look");
    assert!(looked.lock.value().is_some_and(Option::is_none), "the lock is free");
    connection.close().await;
    assert!(matches!(noting.await.expect("it ends"), Err(LinkError::Lost(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_goes_on_to_its_end_where_the_connection_is_cut_that_follows_as_well() {
    let lab = Lab::start();
    // The parent of the agent is the session's sshd.
    lab.on_client(
        "if [ \"$3\" = reload ]; then read -r line < /proc/$PPID/stat; line=${line##*) }\n\
         line=${line#* }; kill -9 ${line%% *}; sleep 0.5; fi",
    );
    let desk = Desk::new(&lab);
    let mut connection = desk.connection().await;
    let seen = Arc::<Seen>::default();
    let following = connection.host.follow(None, None).await.expect("a follower");
    let noting = note_lines(following, &seen);
    let report = desk.onboard(&lab, &mut connection, &seen).await;
    assert_eq!(report.outcome, Outcome::Changed, "{report:?}");
    assert!(seen.place("connection lost").is_some());
    assert!(matches!(noting.await.expect("it ends"), Err(LinkError::Lost(_))));
    assert_eq!(lab.phases(), ["done"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_whose_events_nobody_takes_delays_nothing_and_loses_nothing() {
    const LINES: usize = 200_000;
    let lab = Lab::start();
    let mut text = String::new();
    for number in 0..LINES {
        writeln!(
            text,
            "2026-01-01 00:00:00,000 fail2ban.filter [1]: INFO [sshd] Found {number}"
        )
        .expect("memory");
    }
    let mut log = std::fs::File::options()
        .append(true)
        .open(lab.paths.action_log())
        .expect("the log");
    log.write_all(text.as_bytes()).expect("written");

    let desk = Desk::new(&lab);
    let mut connection = desk.connection().await;
    let since = LogSince::Ago(1_000_000_000);
    let mut following = connection.host.follow(Some(&since), None).await.expect("a follower");
    let report = desk.onboard(&lab, &mut connection, &Arc::default()).await;
    assert_eq!(report.outcome, Outcome::Changed, "{report:?}");

    let mut found = BTreeSet::new();
    while found.len() < LINES {
        let event = tokio::time::timeout(PATIENCE, following.next())
            .await
            .expect("more events");
        if let Some(LogEvent::Lines { lines, .. }) = event.expect("a connection") {
            let last = |line: &String| line.rsplit_once("INFO [sshd] Found ")?.1.parse::<usize>().ok();
            found.extend(lines.iter().filter_map(last));
        }
    }
    drop(following);
    let looked = connection.host.observe(&[Part::Lock], &mut |_| ()).await;
    looked.expect("it is served as before");
    connection.close().await;
}
