//! Examples of the commands, each once: the help, the man pages and the command reference show these.

/// One command as it is typed.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// The whole line.
    pub line: &'static str,
    /// What it is for, as a phrase.
    pub meaning: &'static str,
}

const fn example(line: &'static str, meaning: &'static str) -> Example {
    Example { line, meaning }
}

/// Each command with its examples, in the order in which they can be tried one after the other on one host.
pub const ALL: &[(&str, &[Example])] = &[
    (
        "status",
        &[
            example(
                "f2bctl status",
                "Whether the PBX is protected and a customer banned; jails, bans, the whitelist",
            ),
            example(
                "f2bctl status asterisk-auth asterisk-scan --all",
                "Only these two jails, with every ban of theirs",
            ),
            example(
                "f2bctl status --all-hosts --json",
                "Every configured host, for a program",
            ),
        ],
    ),
    (
        "doctor",
        &[
            example(
                "f2bctl doctor",
                "Hold the host against the runbook; exit 8 where something is wrong",
            ),
            example("f2bctl doctor --json", "The same for a program"),
            example(
                "f2bctl doctor --explain rule_before_ban",
                "What a finding means, how it is found, and the fix",
            ),
        ],
    ),
    (
        "split",
        &[
            example(
                "f2bctl split --dry-run",
                "Show which jails, filters and files would change",
            ),
            example(
                "f2bctl split -m \"two jails, as agreed\"",
                "Run the plan after the question",
            ),
        ],
    ),
    (
        "onboard",
        &[
            example(
                "f2bctl onboard 203.0.113.0/28 --customer \"Blue Lotus Hotels\" --note \"Primary uplink\"",
                "Whitelist the network and lift the bans of its members",
            ),
            example(
                "f2bctl onboard 198.51.100.7 --customer \"Vista Seven\" --expires 2099-12-31 --ticket OPS-412",
                "For a time; `f2bctl offboard --expired` removes it afterwards",
            ),
            example(
                "f2bctl onboard 2001:db8:7::/48 --customer \"Vista Seven\" --dry-run",
                "Show the plan and change nothing",
            ),
        ],
    ),
    (
        "whitelist list",
        &[example(
            "f2bctl whitelist list",
            "Every entry with its customer, and the jails that ignore it",
        )],
    ),
    (
        "whitelist check",
        &[
            example(
                "f2bctl whitelist check 203.0.113.5",
                "Whether each jail ignores the address, and by which entry",
            ),
            example(
                "f2bctl whitelist check 203.0.113.0/24",
                "The entries that cover it or a part of it",
            ),
        ],
    ),
    (
        "whitelist annotate",
        &[example(
            "f2bctl whitelist annotate 203.0.113.0/28 --note \"Backup uplink\" --review 2099-06-30",
            "Change what the register says of an entry",
        )],
    ),
    (
        "whitelist adopt",
        &[
            example(
                "f2bctl whitelist adopt",
                "Turn the comments of a hand-kept list into register lines",
            ),
            example(
                "f2bctl whitelist adopt --assign 203.0.113.0/28=\"Blue Lotus Hotels\"",
                "Name the customer of an entry whose comment is not clear",
            ),
        ],
    ),
    (
        "whitelist lint",
        &[
            example(
                "f2bctl whitelist lint",
                "What is wrong with the list; exit 8 with findings",
            ),
            example("f2bctl whitelist lint --fix", "Make the repairs that are certain"),
        ],
    ),
    (
        "whitelist review",
        &[
            example(
                "f2bctl whitelist review",
                "Whitelisted addresses that need a look; exit 8 with findings",
            ),
            example("f2bctl whitelist review --since 30d", "The same over a month"),
        ],
    ),
    (
        "whitelist export",
        &[example(
            "f2bctl whitelist export > customers.csv",
            "The register as a table",
        )],
    ),
    (
        "whitelist import",
        &[example(
            "f2bctl whitelist import customers.csv",
            "Onboard each entry of a table that is not there yet",
        )],
    ),
    (
        "unban",
        &[
            example("f2bctl unban 203.0.113.5", "Lift its bans in every jail"),
            example(
                "f2bctl unban 203.0.113.5 --grace 30m",
                "And whitelist it for half an hour, while the phone is put right",
            ),
            example(
                "f2bctl unban 203.0.113.0/28 --jail asterisk-auth",
                "The bans of all members, in one jail",
            ),
        ],
    ),
    (
        "temp add",
        &[example(
            "f2bctl temp add 198.51.100.9 --for 2h",
            "Whitelist it for two hours; the host ends that by itself",
        )],
    ),
    (
        "temp list",
        &[example("f2bctl temp list", "The temporary entries with their ends")],
    ),
    (
        "temp extend",
        &[example("f2bctl temp extend 198.51.100.9 --for 1d", "A day from now")],
    ),
    (
        "temp keep",
        &[example(
            "f2bctl temp keep 198.51.100.9 --customer \"Vista Seven\"",
            "Make it an entry of the register",
        )],
    ),
    (
        "temp remove",
        &[example("f2bctl temp remove 203.0.113.5", "End it now")],
    ),
    (
        "why",
        &[
            example("f2bctl why 203.0.113.5", "Why it is banned, or why not"),
            example(
                "f2bctl why --customer \"Blue Lotus Hotels\" --since 2h",
                "All networks of a customer",
            ),
            example(
                "f2bctl why 203.0.113.5 --reply --language de",
                "Three sentences for the customer, in German",
            ),
        ],
    ),
    (
        "regex",
        &[
            example("f2bctl regex asterisk-auth", "What the jail counts in its own log"),
            example(
                "f2bctl regex asterisk-auth --log /var/log/asterisk/messages.log.1.gz",
                "The same in an older log of the host",
            ),
        ],
    ),
    (
        "watch",
        &[
            example("f2bctl watch", "Bans and unbans as they happen, until Ctrl-C"),
            example(
                "f2bctl watch --customers",
                "Who of the customers comes near a ban, and how soon it comes",
            ),
            example(
                "f2bctl watch --live",
                "A view of the whole terminal; ? in it shows its keys",
            ),
        ],
    ),
    (
        "tune",
        &[
            example("f2bctl tune asterisk-scan maxretry 100", "More failures before a ban"),
            example(
                "f2bctl tune asterisk-auth bantime 2h --dry-run",
                "Show what a longer ban would change",
            ),
            example(
                "f2bctl tune asterisk-scan maxretry 60 --since 14d --dry-run",
                "Whom it would have banned, by the host's own past",
            ),
        ],
    ),
    (
        "recidive status",
        &[example("f2bctl recidive status", "Whether it runs, and what it needs")],
    ),
    (
        "recidive enable",
        &[example(
            "f2bctl recidive enable --dry-run",
            "Show whom it would ban at once",
        )],
    ),
    (
        "recidive disable",
        &[example("f2bctl recidive disable", "jail.local gets its old bytes back")],
    ),
    (
        "reload",
        &[
            example("f2bctl reload --dry-run", "What the files on disk would change"),
            example(
                "f2bctl reload --with-drift",
                "Put edits into force that somebody made by hand",
            ),
        ],
    ),
    (
        "start",
        &[example(
            "f2bctl start",
            "Start a fail2ban that is down, after the same preflight",
        )],
    ),
    (
        "backup",
        &[example(
            "f2bctl backup --label before-maintenance",
            "Keep a copy of jail.local on the host",
        )],
    ),
    (
        "backups list",
        &[example(
            "f2bctl backups list",
            "Every backup with its age and its maker",
        )],
    ),
    (
        "backups show",
        &[example("f2bctl backups show before-maintenance", "Its text")],
    ),
    (
        "backups diff",
        &[example(
            "f2bctl backups diff before-maintenance",
            "What restoring it would change in the file",
        )],
    ),
    (
        "backups prune",
        &[example(
            "f2bctl backups prune --keep 10 --older-than 90d",
            "Move old backups out of the folder",
        )],
    ),
    (
        "report",
        &[
            example(
                "f2bctl report --since 24h",
                "A timeline of bans, storms, reloads and changes, as Markdown for a ticket",
            ),
            example(
                "f2bctl report --html report.html --all-hosts",
                "One page for a browser about the last 14 days of every host",
            ),
            example(
                "f2bctl report --html report.html --redact",
                "The same of one host, with numbers instead of names and addresses",
            ),
        ],
    ),
    (
        "history",
        &[
            example("f2bctl history", "Who changed what, when and why"),
            example(
                "f2bctl history --customer \"Blue Lotus Hotels\" --markdown",
                "One customer, as the runbook's table",
            ),
        ],
    ),
    (
        "audit verify",
        &[example(
            "f2bctl audit verify",
            "Whether anything is missing from the host's audit log",
        )],
    ),
    (
        "undo",
        &[
            example(
                "f2bctl undo --dry-run",
                "What taking the newest change back would change",
            ),
            example("f2bctl undo", "Take it back"),
        ],
    ),
    (
        "restore",
        &[example(
            "f2bctl restore before-maintenance",
            "jail.local as it was then",
        )],
    ),
    (
        "offboard",
        &[
            example("f2bctl offboard 203.0.113.0/28", "Remove the entry and its comment"),
            example(
                "f2bctl offboard --customer \"Vista Seven\"",
                "All entries of a customer",
            ),
            example(
                "f2bctl offboard --expired --yes",
                "What has passed its day, for a timer",
            ),
        ],
    ),
    (
        "rollback",
        &[
            example(
                "f2bctl rollback --carry-whitelist --dry-run",
                "Show what the single jail would change",
            ),
            example(
                "f2bctl rollback --carry-whitelist",
                "Go back, and keep today's customers whitelisted",
            ),
        ],
    ),
    (
        "hosts",
        &[example(
            "f2bctl hosts",
            "The configured hosts, and which one is the default",
        )],
    ),
    (
        "lab up",
        &[
            example("f2bctl lab up", "A rehearsal host on 127.0.0.1, as host `lab`"),
            example("f2bctl lab up --from pbx2", "With a copy of a host's configuration"),
        ],
    ),
    (
        "lab status",
        &[example("f2bctl lab status", "Whether it runs, and how to reach it")],
    ),
    (
        "lab demo",
        &[example(
            "f2bctl lab demo",
            "The daily jobs on a rehearsal host, one after the other",
        )],
    ),
    ("lab down", &[example("f2bctl lab down", "Stop it and remove it")]),
    (
        "completions",
        &[example(
            "f2bctl completions bash > ~/.local/share/bash-completion/completions/f2bctl",
            "Complete commands and flags in bash",
        )],
    ),
];

/// A command's examples, most wanted first; `command` is what is typed after `f2bctl`.
pub fn of(command: &str) -> &'static [Example] {
    let found = ALL.iter().find(|(name, _)| *name == command);
    found.map_or(&[], |(_, examples)| examples)
}
