//! Makes jail.local files as people and editors leave them: mostly readable for fail2ban, sometimes not.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// `count` files, the same ones for the same seed.
pub fn files(count: usize, seed: u64) -> Vec<Vec<u8>> {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = file();
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

fn text(choices: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(choices).prop_map(str::to_owned)
}

fn indentation() -> impl Strategy<Value = String> {
    prop_oneof![
        20 => Just(String::new()),
        1 => text(&[" ", "\t", "    ", "\u{a0}", "\u{c}", "\u{1f} "]),
    ]
}

fn comment() -> impl Strategy<Value = String> {
    let words = text(&[
        "",
        " V7, old uplink",
        " 203.0.113.0/28 | Blue Lotus | uplink | by=ravi",
        " 198.51.100.9|Acme",
        "= x",
        " होटल",
        " [DEFAULT]",
        " 203.0.113.77 | Stale | x",
    ]);
    (indentation(), select(&["#", ";", "##", "#;"][..]), words).prop_map(|(indent, mark, words)| indent + mark + &words)
}

fn gap() -> impl Strategy<Value = Vec<String>> {
    let blank = prop_oneof![6 => Just(String::new()), 1 => text(&["  ", "\t", "\u{a0}", "\u{1c}"])];
    vec(prop_oneof![2 => comment(), 2 => blank], 0..3)
}

fn entry() -> impl Strategy<Value = String> {
    prop_oneof![
        30 => text(&[
            "127.0.0.1/8", "::1", "203.0.113.0/28", "198.51.100.9", "2001:db8::/48", "192.0.2.0/255.255.255.0",
            "pbx.example.com", "[2001:db8::1]", "198.51.100.64/26", "203.0.113.5/28",
        ]),
        3 => text(&["%(known/ignoreip)s", "%(own_list)s", "203.0.113.77"]),
        1 => text(&["#", "Acme", "999.1.1.1", "198.51.100.0/33", "192.0.2.1\t192.0.2.2", "192.0.2.1/0", "%", "é", "a;b"]),
    ]
}

fn separator() -> impl Strategy<Value = String> {
    prop_oneof![20 => Just(" ".to_owned()), 9 => text(&[",", ", ", "  ", " , "]), 1 => text(&[" \t", "\t", "\u{a0}", ",,"])]
}

fn entries(range: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    (vec((entry(), separator()), range), any::<bool>()).prop_map(|(pairs, keep)| {
        let mut line = String::new();
        let last = pairs.len();
        for (index, (word, separator)) in pairs.into_iter().enumerate() {
            line += &word;
            if index + 1 < last || (keep && separator.contains(',')) {
                line += &separator;
            }
        }
        line
    })
}

fn tail() -> impl Strategy<Value = String> {
    prop_oneof![9 => Just(String::new()), 2 => text(&[" ; note", "\t;x", " ", "\t ", "\u{a0}", " ;", "  ; a ; b"])]
}

fn delimiter() -> impl Strategy<Value = String> {
    prop_oneof![6 => Just(" = ".to_owned()), 4 => text(&["=", ":", " : ", "\t=\t", " =", "= ", "   =  "])]
}

fn continuations(values: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<String>> {
    let indent = text(&["    ", "\t", "  ", " ", "\u{a0} ", "           "]);
    let line = (indent, values, tail()).prop_map(|(indent, value, tail)| indent + &value + &tail);
    let between = prop_oneof![8 => Just(Vec::new()), 2 => gap()];
    vec((between, line), 0..4).prop_map(|lines| {
        lines
            .into_iter()
            .flat_map(|(mut between, line)| {
                between.push(line);
                between
            })
            .collect()
    })
}

fn ignoreip() -> impl Strategy<Value = Vec<String>> {
    let key = prop_oneof![9 => Just("ignoreip".to_owned()), 1 => text(&["IgnoreIP", "IGNOREIP"])];
    let more = prop_oneof![Just(Vec::new()).boxed(), continuations(entries(1..3)).boxed()];
    (indentation(), key, delimiter(), entries(0..4), tail(), more).prop_map(
        |(indent, key, delimiter, value, tail, mut more)| {
            more.insert(0, indent + &key + &delimiter + &value + &tail);
            more
        },
    )
}

fn option() -> impl Strategy<Value = Vec<String>> {
    let key = text(&[
        "bantime", "FindTime", "maxretry", "logpath", "x y", "own_list", "İd", "ΣΑΣ", "action", "[odd",
    ]);
    let value = || {
        text(&[
            "3",
            "10m",
            "%(known/x)s",
            "a = b",
            "a:b",
            "",
            "x;y",
            "/var/log/*.log",
            "iptables[port=\"1\"]",
            "é ü",
            "a # b",
            "[x]",
            "1\t2",
            "198.51.100.7 203.0.113.9",
            "50%",
            "\u{85}a\u{2028}b",
            "[a",
        ])
    };
    let more = prop_oneof![4 => Just(Vec::new()).boxed(), 1 => continuations(value()).boxed()];
    (indentation(), key, 0..60u8, delimiter(), value(), tail(), more).prop_map(
        |(indent, key, number, delimiter, value, tail, mut more)| {
            more.insert(0, format!("{indent}{key}{number}{delimiter}{value}{tail}"));
            more
        },
    )
}

fn broken() -> impl Strategy<Value = Vec<String>> {
    text(&[
        "word",
        "= 1",
        "[]",
        "[DEFAULT",
        ": x",
        "[[a]]",
        "[b]c",
        "] = [",
        "rem comment = 1",
        "\u{feff}[x]",
    ])
    .prop_map(|line| vec![line])
}

fn section(name: String, with_list: u32) -> impl Strategy<Value = Vec<String>> {
    let body = vec(
        prop_oneof![12 => option().boxed(), 8 => gap().boxed(), 1 => broken().boxed()],
        0..5,
    );
    let list = prop_oneof![with_list => ignoreip().boxed(), 10 - with_list => Just(Vec::new()).boxed()];
    let header = (indentation(), tail()).prop_map(move |(indent, tail)| format!("{indent}[{name}]{tail}"));
    (header, body, list, any::<usize>()).prop_map(|(header, mut body, list, place)| {
        let place = place % (body.len() + 1);
        body.insert(place, list);
        body.insert(0, vec![header]);
        body.concat()
    })
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let default = prop_oneof![
        8 => section("DEFAULT".to_owned(), 8).boxed(),
        2 => Just(Vec::new()).boxed(),
    ];
    let second = prop_oneof![30 => Just(Vec::new()).boxed(), 1 => section("DEFAULT".to_owned(), 5).boxed()];
    let jails = vec(
        prop_oneof![
            section("asterisk-auth".to_owned(), 1).boxed(),
            section("sshd".to_owned(), 1).boxed(),
            section("asterisk-scan".to_owned(), 1).boxed(),
            section("default".to_owned(), 1).boxed(),
        ],
        0..3,
    );
    let jails = jails.prop_map(|mut jails| {
        jails.dedup_by_key(|lines| lines.first().cloned());
        jails.concat()
    });
    let ending = prop_oneof![6 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r"), 1 => Just("mixed")];
    (gap(), default, jails, second, ending, any::<bool>()).prop_map(
        |(head, default, jails, second, ending, finished)| {
            let lines = [head, default, jails, second].concat();
            let mut bytes = Vec::new();
            for (index, line) in lines.iter().enumerate() {
                bytes.extend_from_slice(line.as_bytes());
                let mixed = ["\n", "\r\n", "\r"][(index * 7 + line.len()) % 3];
                if finished || index + 1 < lines.len() {
                    bytes.extend_from_slice(if ending == "mixed" { mixed } else { ending }.as_bytes());
                }
            }
            bytes
        },
    )
}
