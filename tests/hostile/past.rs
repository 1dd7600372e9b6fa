//! Documents about a host's past, with a text wherever one of the host's may stand: for the property of the views.

use f2bctl::document::{
    Advice, Affected, Change, ClassKind, Coverage, Forecast, ForecastClass, Promise, Recipe, RecipeCode, Review,
    ReviewCode, ReviewFinding, SettingResult, Severity, SinceChange, Smallest, Split, TuneReview, Tuned,
    WhitelistReview,
};

fn affected(text: &str) -> Affected {
    Affected {
        address: text.into(),
        customer: Some(text.into()),
        whitelisted: true,
        count: 7,
        attempts: 5,
        at: "2026-11-27T10:00:00+00:00".to_owned(),
    }
}

fn result() -> SettingResult {
    SettingResult {
        maxretry: 50,
        findtime: 3600,
        bantime: -1,
        banned: Split {
            customers: 1,
            protected: 0,
            unknown: 2,
        },
        whitelisted: 1,
        let_through: 9,
        at_least: true,
    }
}

fn forecast(text: &str) -> Forecast {
    Forecast {
        jail: text.into(),
        coverage: Coverage {
            from: None,
            to: "2026-11-27T10:00:00+00:00".to_owned(),
            seconds: 1,
            found: 1,
            ignored: 1,
            addresses: 1,
            banned: 1,
            banned_by_replay: 0,
            source: text.into(),
            gaps: vec![text.into()],
        },
        present: result(),
        proposed: result(),
        classes: vec![ForecastClass {
            kind: ClassKind::Newly,
            count: Split::default(),
            addresses: vec![affected(text)],
        }],
        smallest: Some(Smallest {
            maxretry: 8,
            margin: 1,
            by: affected(text),
        }),
        curve: Vec::new(),
        recipes: vec![Recipe {
            code: RecipeCode::FlashCrowd,
            sign: text.into(),
            price: text.into(),
            next: Advice::text("look"),
        }],
    }
}

/// What `tune --since` answers.
pub fn tuned(change: Change, text: &str) -> Tuned {
    Tuned {
        change,
        forecast: Some(forecast(text)),
        is_shown: false,
    }
}

/// What `tune --review` answers.
pub fn tune_review(text: &str) -> TuneReview {
    let forecast = forecast(text);
    TuneReview {
        reviews: vec![Review {
            change_id: Some(text.into()),
            time: text.into(),
            promise: Promise {
                jail: text.to_owned(),
                ..forecast.promise()
            },
            since: SinceChange {
                seconds: 1,
                banned: Split::default(),
                let_through: 1,
                in_force: Some(false),
            },
            text: text.into(),
        }],
    }
}

/// What `whitelist review` answers.
pub fn whitelist_review(text: &str) -> WhitelistReview {
    WhitelistReview {
        bans_from: None,
        accounts_from: None,
        gaps: vec![text.into()],
        findings: vec![ReviewFinding {
            code: ReviewCode::NearMiss,
            severity: Severity::Warning,
            subject: text.into(),
            customer: Some(text.into()),
            message: text.into(),
            next: Advice::text("look"),
        }],
    }
}
