//! What is known of a host, with a text of the host's in every place.

use f2bctl::document::{
    Activity, Advice, Ban, BusyNetwork, CustomerBan, CustomerHeadroom, Fail2ban, FilesSince, Happening, HappeningKind,
    HourBans, Jail, JailActivity, Protection, ProtectionVerdict, ReviewCode, ReviewFinding, Severity, Source, Status,
    Storm, WhitelistRow,
};

pub fn ban(text: &str) -> Ban {
    Ban {
        ip: text.into(),
        customer: Some(text.into()),
        since: "2026-11-22T10:15:03+00:00".to_owned(),
        until: None,
    }
}

pub fn protection(text: &str) -> Protection {
    Protection {
        verdict: ProtectionVerdict::NotProtected,
        reasons: vec![text.into(), text.into()],
        jails: vec![text.into()],
        customers_banned: Some(vec![CustomerBan {
            ip: text.into(),
            network: text.into(),
            customer: Some(text.into()),
            jails: vec![text.into()],
            until: None,
        }]),
        not_in_force: Some(vec![text.into()]),
        drift: FilesSince {
            written_since: Some(true),
            file: Some(text.into()),
            reason: Some(text.into()),
        },
        interrupted: Some(1),
    }
}

pub fn status(text: &str) -> Status {
    Status {
        time: "2026-11-27T16:02:06Z".to_owned(),
        protection: protection(text),
        whole: false,
        addresses: Vec::new(),
        fail2ban: Fail2ban {
            version: Some(text.into()),
            running: None,
        },
        jails: vec![Jail {
            name: text.into(),
            maxretry: None,
            findtime: Some(0),
            bantime: Some(-1),
            currently_failed: 0,
            total_failed: u64::MAX,
            currently_banned: 1,
            total_banned: 1,
            banned: vec![ban(text)],
            ignoreip: vec![text.into()],
            log_files: vec![text.into()],
            actions: vec![text.into()],
            enforced: None,
            enforced_reason: Some(text.into()),
        }],
        whitelist: vec![row(text)],
        unknown: [(text.to_owned(), text.into())].into(),
    }
}

pub fn row(text: &str) -> WhitelistRow {
    WhitelistRow {
        network: text.into(),
        customer: Some(text.into()),
        note: Some(text.into()),
        meta: Default::default(),
        documented: true,
        in_force: vec![text.into()],
        not_in_force: vec![text.into()],
        source: Source::Temporary,
        place: Some(text.into()),
        until: Some("2026-11-22T10:15:03+00:00".to_owned()),
    }
}

pub fn activity(text: &str) -> Activity {
    let moment = || "2026-11-27T16:02:06Z".to_owned();
    Activity {
        from: moment(),
        to: moment(),
        covered_from: None,
        gaps: vec![text.into()],
        redacted: false,
        protection: protection(text),
        jails: vec![JailActivity {
            jail: text.into(),
            bans: 1,
            addresses: 1,
            failures: 1,
            ignored: 1,
            began: 1,
            banned_now: None,
        }],
        hours: vec![HourBans {
            hour: moment(),
            jail: text.into(),
            bans: 1,
        }],
        storms: vec![Storm {
            jail: text.into(),
            from: moment(),
            to: moment(),
            bans: 10,
            networks: 1,
        }],
        networks: vec![BusyNetwork {
            network: text.into(),
            bans: 1,
            addresses: 1,
            customer: Some(text.into()),
        }],
        headroom: vec![CustomerHeadroom {
            customer: text.into(),
            address: text.into(),
            jail: text.into(),
            count: 1,
            maxretry: 3,
            at: moment(),
            whitelisted: true,
        }],
        review: Some(vec![ReviewFinding {
            code: ReviewCode::NearMiss,
            severity: Severity::Warning,
            subject: text.into(),
            customer: Some(text.into()),
            message: text.into(),
            next: Advice::text(text),
        }]),
        changes: vec![super::views::entry(text)],
        timeline: vec![Happening {
            time: moment(),
            kind: HappeningKind::Ban,
            message: text.into(),
            customer: Some(text.into()),
            change: None,
        }],
        file: None,
    }
}
