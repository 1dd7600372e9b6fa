//! The verdicts of `why`: each code once, with its word in JSON and what it means.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

/// Declares every verdict once: the value, its word in JSON, what it means, and the list of all of them.
macro_rules! verdicts {
    ($($name:ident => $word:literal, $meaning:literal;)*) => {
        /// What `why` comes to, as a stable word. Those that weigh more come first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Verdict {
            $(#[doc = $meaning] $name,)*
        }

        impl Verdict {
            /// Every verdict.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word, e.g. `below_threshold`.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// Whether it is about a ban that stands.
            pub fn is_banned(self) -> bool {
                matches!(
                    self,
                    Self::Banned
                        | Self::BannedByHand
                        | Self::BannedByMemory
                        | Self::BannedButReachable
                        | Self::BannedWithItsNetwork
                        | Self::WhitelistedYetBanned
                )
            }

            /// What it means, as a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)*
                }
            }
        }
    };
}

verdicts! {
    Fail2banDown => "fail2ban_down", "fail2ban does not run, so nobody is counted or banned.";
    BannedButReachable => "banned_but_reachable", "It is banned, and still gets through: fail2ban found more of it after the ban, or no rule covers it.";
    WhitelistedYetBanned => "whitelisted_yet_banned", "It is on the whitelist, and a ban from before still stands: whitelisting lifts no ban.";
    BannedByMemory => "banned_by_memory", "It is banned because fail2ban's count reached the threshold; the real number within findtime did not.";
    BannedByHand => "banned_by_hand", "It is banned, and no failure of it was found before: somebody set the ban.";
    BannedWithItsNetwork => "banned_with_its_network", "A network is banned, and it lies in that.";
    Banned => "banned", "It is banned: its failures reached the threshold.";
    BlockedWithoutBan => "blocked_without_ban", "The firewall blocks it in a chain of fail2ban, although no jail lists it.";
    AccountTaken => "account_taken", "An address failed several times with this account and then got in with it.";
    GuessedFromManyAddresses => "guessed_from_many_addresses", "Several addresses fail with this account, and none of them got in.";
    JailCountsNothing => "jail_counts_nothing", "fail2ban's own expressions match its lines, and the running jail found none of them.";
    DateUnreadable => "date_unreadable", "fail2ban reads no date in its lines, or one that is more than a minute off: it drops them, or counts them as of just now.";
    JailMissing => "jail_missing", "Its failures are logged, and the jail for them does not run.";
    JailReadsOtherFile => "jail_reads_other_file", "Its failures are logged in a file that the jails do not read.";
    CountedByNoJail => "counted_by_no_jail", "Its failures are logged in a form that no jail is made for.";
    NoMatch => "no_match", "Its failures are logged where the jail reads, and the jail's expressions do not take them.";
    WhitelistedButShadowed => "whitelisted_but_shadowed", "An entry of the whitelist covers it, and is not in force in every jail.";
    Whitelisted => "whitelisted", "It is on the whitelist in every jail.";
    IgnoredOtherwise => "ignored_otherwise", "fail2ban ignores it for another reason than its whitelist: a command, a name, its own address.";
    WasBannedLifted => "was_banned_lifted", "It was banned, and the ban was lifted before its end.";
    WasBannedExpired => "was_banned_expired", "It was banned, and the ban has ended.";
    BelowThreshold => "below_threshold", "Its failures are counted, and do not reach the threshold.";
    RefusedByAsterisk => "refused_by_asterisk", "Asterisk's own rules refuse it (an ACL, max_contacts); no jail is about that.";
    LinesButNoFailure => "lines_but_no_failure", "It is in the log, and did not fail.";
    LogElsewhere => "log_elsewhere", "Asterisk writes another file than the host's settings name.";
    BeyondHorizon => "beyond_horizon", "Nothing of it was seen, and the logs do not reach back far enough.";
    NoLines => "no_lines", "Nothing of it stands in the logs.";
    Unknown => "unknown", "It could not be found out; the phases say why.";
}

impl Serialize for Verdict {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl JsonSchema for Verdict {
    fn schema_name() -> Cow<'static, str> {
        "Verdict".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words: Vec<&str> = Self::ALL.iter().map(|verdict| verdict.word()).collect();
        json_schema!({"type": "string", "enum": words})
    }
}
