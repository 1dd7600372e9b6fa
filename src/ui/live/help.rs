//! The help of the view.

/// Its lines: a key, and what it does.
pub const HELP: &[(&str, &str)] = &[
    ("Tab, arrows", "the next part, the next row (j, k too)"),
    (
        "/",
        "show rows with a text; `!` before it: rows without it; Esc ends it",
    ),
    ("p", "freeze what is shown; the host is followed all the same"),
    ("P", "hide the names of customers"),
    ("Enter", "why: the selected address, explained"),
    ("w", "unlock the keys that change the host; again to lock"),
    ("u", "unban the selected address"),
    ("a", "whitelist it (onboard asks for the customer)"),
    ("z", "undo the last change"),
    ("q, Ctrl-C", "end the view"),
    ("", "A change shows its plan and asks, as on the command line."),
    ("", "~40 s: banned then, if the failures go on at this rate."),
];
