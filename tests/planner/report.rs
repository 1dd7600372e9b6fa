//! The report about recorded hosts: its Markdown, and the page. The log is made here: two weeks with a crowd of bans, a reload,
//! and a customer who was banned.

use f2bctl::checks::activity::{Sources, activity};
use f2bctl::checks::redaction::Redaction;
use f2bctl::document::{Activity, Answer, Document, Entry, Failure, FailureKind};
use f2bctl::model::action_columns::{ActionColumns, ActionFile, ActionLog};
use f2bctl::model::host_name::HostName;
use f2bctl::model::observed::Observed;
use f2bctl::ui::{activity_page, human_view};

use super::hosts::RecordedHost;
use super::views::hold_page;

const DAYS: i64 = 14;

/// What happened, and how many seconds before now.
fn log(now: i64, mut events: Vec<(i64, String)>) -> ActionLog {
    events.sort_by_key(|(before, _)| -before);
    let mut last = 0;
    let steps: Vec<String> = events
        .iter()
        .map(|(before, _)| {
            let moment = now - before;
            (moment - std::mem::replace(&mut last, moment)).to_string()
        })
        .collect();
    let columns = ActionColumns {
        first: events.first().map(|(before, _)| now - before),
        events: (0..events.len())
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
            .join(" "),
        times: steps.join(" "),
        names: events.into_iter().map(|(_, name)| name).collect(),
        ..ActionColumns::default()
    };
    let file = ActionFile {
        path: "/var/log/fail2ban.log".to_owned(),
        inode: 1,
        size: 1,
        ends: None,
    };
    ActionLog {
        since: u64::try_from(DAYS * 86_400).expect("two weeks"),
        files: vec![(file, columns)],
    }
}

fn incident() -> Vec<(i64, String)> {
    let storm = (0..24).map(|number| {
        (
            7200 - number * 20,
            format!("[asterisk-scan] Ban 198.18.{}.{number}", number % 3),
        )
    });
    let found = (0..40).map(|number| (9000 - number * 5, "[asterisk-auth] Found 203.0.113.7".to_owned()));
    let begun = ["asterisk-auth", "asterisk-scan", "sshd"].map(|jail| (20_000, format!("Jail '{jail}' started")));
    let alone = [
        (8800, "[asterisk-auth] Ban 203.0.113.7".to_owned()),
        (8000, "[asterisk-auth] Unban 203.0.113.7".to_owned()),
        (5000, "[sshd] Ban 198.18.9.9".to_owned()),
        (DAYS * 86_400 + 100, "[sshd] Found 198.18.9.9".to_owned()),
    ];
    storm.chain(found).chain(begun).chain(alone).collect()
}

/// Two weeks in which each jail bans somebody every hour.
fn two_weeks() -> Vec<(i64, String)> {
    let hours = 1..DAYS * 24;
    let of_hour = |hour: i64| {
        ["asterisk-auth", "asterisk-scan", "sshd"]
            .into_iter()
            .flat_map(move |jail| {
                (0..5).map(move |number| {
                    (
                        hour * 3600 - number * 700,
                        format!("[{jail}] Ban 198.18.{}.{number}", hour % 200),
                    )
                })
            })
    };
    hours.flat_map(of_hour).chain(incident()).collect()
}

fn changes(time: &str) -> Vec<Entry> {
    vec![Entry {
        id: "01a220a1".into(),
        time: time.into(),
        operator: "ravi@desk".into(),
        key: None,
        seen: None,
        command: "onboard".into(),
        reason: Some("new | customer".into()),
        ticket: Some("OPS-412".into()),
        summary: "Added 192.0.2.0/28 (Blue <Lotus> Hotels) to [DEFAULT] ignoreip.".into(),
        outcome: "changed".into(),
        failure: None,
    }]
}

fn of(events: Vec<(i64, String)>) -> Activity {
    let observed: Observed = RecordedHost::read("runbook").observed();
    let now = observed.clock.second();
    let time = observed.clock.moment(now - 6000);
    activity(Sources {
        observed: &observed,
        log: &log(now, events),
        changes: Ok(changes(&time)),
        review: Err("the log was not read".to_owned()),
    })
}

fn document(name: &str, found: Activity) -> Document {
    let host = HostName {
        name: name.to_owned(),
        address: format!("root@{name}.example.net"),
    };
    Document::report("report", Some(&host), found)
}

#[test]
fn an_incident_as_markdown() {
    let text = human_view(&document("pbx1", of(incident())));
    hold_page("report-markdown", &text);
    for word in [
        "**storm**",
        "| reload |",
        "| change |",
        "**Vista Seven Hotels**",
        "\\<Lotus\\>",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn a_page_of_two_weeks_is_small_whole_and_the_same_each_time() {
    let made = || activity_page(&[document("pbx1", of(two_weeks()))]);
    let page = made();
    assert_eq!(page, made());
    assert!(page.len() <= 150_000, "{} bytes", page.len());
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join("report.html"), &page).expect("a file to look at");
    let policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;\">";
    assert!(page.contains(policy));
    for word in [
        "<script",
        "http:",
        "https:",
        "src=",
        "url(",
        "@import",
        "<Lotus>",
        "javascript",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    let number = |word: &str| page.matches(word).count();
    assert_eq!(number("<svg"), 3, "bans by hour, networks, headroom");
    for part in ["<title id=", "<desc id=", "aria-labelledby=\"h0-"] {
        assert!(number(part) >= 3, "{part}");
    }
    assert!(page.contains("Whether it is protected is unknown</strong><span>: the running Asterisk"));
    assert!(page.contains("<th scope=\"col\" class=\"n\">Bans</th>"));
    assert!(number("<details") >= 3 && number("<h1") == 1 && number("<main") == 1);
    assert!(page.contains("prefers-color-scheme:dark") && page.contains("@media print"));
    // Every element that is begun ends, and no identifier is used twice.
    for element in [
        "section", "table", "tr", "td", "th", "div", "svg", "details", "p", "text", "h3",
    ] {
        assert_eq!(
            number(&format!("<{element}>")) + number(&format!("<{element} ")),
            number(&format!("</{element}>")),
            "{element}"
        );
    }
    let mut ids: Vec<&str> = page
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn several_hosts_are_on_one_page_with_those_that_were_not_reached() {
    let down = HostName {
        name: "pbx3".to_owned(),
        address: String::new(),
    };
    let failure = Failure::new(FailureKind::Connection, "no route to <pbx3>");
    let documents = [
        document("pbx1", of(incident())),
        document("pbx2", of(Vec::new())),
        Document::failed("report", Some(&down), &failure),
    ];
    let page = activity_page(&documents);
    for word in [
        "3 hosts",
        "h0-host",
        "h1-host",
        "h2-host",
        "no route to &lt;pbx3&gt;",
        "Nothing is in the log.",
    ] {
        // A change is in every timeline here, so that an empty one is not on this page.
        assert_eq!(page.contains(word), word != "Nothing is in the log.", "{word}");
    }
}

#[test]
fn a_redacted_report_names_nobody() {
    let mut redaction = Redaction::default();
    let mut found = of(incident());
    redaction.activity(&mut found);
    let mut document = document("pbx1", found);
    document.host = document.host.as_ref().map(|host| redaction.host(host));
    let page = activity_page(std::slice::from_ref(&document));
    let text = human_view(&document);
    let json = serde_json::to_string(&document).expect("JSON");
    for form in [&page, &text, &json] {
        for word in [
            "Vista",
            "Lotus",
            "203.0.113",
            "198.18.",
            "192.0.2.",
            "ravi",
            "OPS-412",
            "pbx1",
            "example.net",
        ] {
            assert!(!form.contains(word), "{word}: {form}");
        }
        assert!(
            form.contains("customer 1") && form.contains("host 1") && form.contains("operator 1"),
            "{form}"
        );
    }
    assert!(matches!(&document.answer, Answer::Activity(found) if found.redacted));
}
