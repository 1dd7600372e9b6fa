//! Whole files before and after an edit.

use super::super::super::comment_text::CommentText;
use super::super::super::network::Network;
use super::super::entries::EntryKind;
use super::super::reader::Reader;
use super::super::register::{Metadata, Registration};
use super::super::{EditRefusal, JailLocal};

fn document(text: &str) -> JailLocal {
    JailLocal::parse("/etc/fail2ban/jail.local", text.as_bytes(), &Reader::new("1.0.2")).unwrap()
}

fn network(text: &str) -> Network {
    Network::parse(text).unwrap().network
}

fn registration(text: &str, customer: &str) -> Registration {
    let mut metadata = Metadata::new();
    metadata.set("by", "ravi").unwrap();
    Registration {
        network: network(text),
        customer: CommentText::new(customer).unwrap(),
        note: Some(CommentText::new("Primary uplink").unwrap()),
        metadata,
    }
}

fn lotus() -> Registration {
    registration("203.0.113.0/28", "Blue Lotus")
}

fn text_of(document: &JailLocal) -> String {
    String::from_utf8(document.to_bytes()).unwrap()
}

/// Adds Blue Lotus, compares, removes it again and compares with the start.
fn adds(before: &str, after: &str) {
    let start = document(before);
    let inherited = ["127.0.0.1/8".to_owned(), "::1".to_owned()];
    let added = start.add(&[lotus()], &inherited).unwrap();
    assert_eq!(text_of(&added.document), after);
    assert!(added.changed);
    let again = added.document.add(&[lotus()], &inherited).unwrap();
    assert!(!again.changed);
    let removed = added.document.remove(&[lotus().network]).unwrap();
    assert_eq!(text_of(&removed.document), before);
}

/// fail2ban 1.1.1 takes no entry after one that names a file.
#[test]
fn an_entry_goes_before_a_file_of_entries_and_leaves_the_bytes_as_they_were() {
    let line = format!("# {}\n", lotus()).replace("# # ", "# ");
    for (before, after) in [
        ("ignoreip = ::1 file:/c\n", "ignoreip = ::1 203.0.113.0/28 file:/c\n"),
        (
            "ignoreip = file:/c 192.0.2.1\n",
            "ignoreip = 203.0.113.0/28 file:/c 192.0.2.1\n",
        ),
        (
            "ignoreip =\n  ::1\n  file:/c\n",
            "ignoreip =\n  ::1\n  203.0.113.0/28\n  file:/c\n",
        ),
        (
            "ignoreip = 127.0.0.1/8\n  ::1, file:/c\n  file:/d\n",
            "ignoreip = 127.0.0.1/8\n  ::1 203.0.113.0/28, file:/c\n  file:/d\n",
        ),
        ("ignoreip =\n  file:/c\n", "ignoreip =\n  203.0.113.0/28 file:/c\n"),
    ] {
        let before = format!("[DEFAULT]\n{before}");
        let start = JailLocal::parse("jail.local", before.as_bytes(), &Reader::new("1.1.1")).unwrap();
        let added = start.add(&[lotus()], &[]).unwrap().document;
        assert_eq!(text_of(&added), format!("[DEFAULT]\n{line}{after}"));
        assert_eq!(text_of(&added.remove(&[lotus().network]).unwrap().document), before);
    }
    let none = JailLocal::parse("jail.local", b"", &Reader::new("1.1.1")).unwrap();
    let added = none.add(&[lotus()], &["::1".to_owned(), "file:/c".to_owned()]).unwrap();
    assert!(text_of(&added.document).contains("ignoreip = ::1 203.0.113.0/28 file:/c"));
}

#[test]
fn entries_of_which_nothing_is_known_get_no_comment() {
    let networks = [Network::parse("192.0.2.0/28").unwrap().network];
    for (before, after) in [
        (
            "[DEFAULT]\nignoreip = ::1\n",
            "[DEFAULT]\nignoreip = ::1 192.0.2.0/28\n",
        ),
        (
            "[DEFAULT]\nx = 1\n",
            "[DEFAULT]\nx = 1\nignoreip = 127.0.0.1/8 192.0.2.0/28\n",
        ),
        (
            "[a]\nx = 1\n",
            "[DEFAULT]\nignoreip = 127.0.0.1/8 192.0.2.0/28\n[a]\nx = 1\n",
        ),
        (
            "[DEFAULT]\nignoreip = 192.0.2.0/28\n",
            "[DEFAULT]\nignoreip = 192.0.2.0/28\n",
        ),
    ] {
        let document = JailLocal::parse("jail.local", before.as_bytes(), &Reader::new("1.0.2")).unwrap();
        let edited = document
            .add_undocumented(&networks, &["127.0.0.1/8".to_owned()])
            .unwrap();
        assert_eq!(
            String::from_utf8(edited.document.to_bytes()).unwrap(),
            after,
            "{before}"
        );
    }
}

#[test]
fn a_value_on_one_line_stays_on_one_line() {
    adds(
        "# PROD\n[DEFAULT]\n# V7, current uplink\nignoreip = 127.0.0.1/8 ::1 198.51.100.0/24\nbantime = 1h\n",
        "# PROD\n[DEFAULT]\n# V7, current uplink\n# 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi\n\
         ignoreip = 127.0.0.1/8 ::1 198.51.100.0/24 203.0.113.0/28\nbantime = 1h\n",
    );
}

#[test]
fn separators_comments_and_missing_ends_stay() {
    adds(
        "[DEFAULT]\r\n  ignoreip : ::1, 192.0.2.1 ; note\t",
        "[DEFAULT]\r\n  # 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi\r\n  ignoreip : ::1, 192.0.2.1, 203.0.113.0/28 ; note\t",
    );
}

#[test]
fn a_value_over_lines_gets_a_line_of_its_own() {
    adds(
        "[DEFAULT]\nignoreip = 127.0.0.1/8\n\t# office\n\t192.0.2.1\n\n[sshd]\nenabled = true\n",
        "[DEFAULT]\n# 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi\nignoreip = 127.0.0.1/8\n\t# office\n\t192.0.2.1\n\
         \t203.0.113.0/28\n\n[sshd]\nenabled = true\n",
    );
    adds(
        "[DEFAULT]\nignoreip =\n    ::1,\n    192.0.2.1,",
        "[DEFAULT]\n# 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi\nignoreip =\n    ::1,\n    192.0.2.1,\n    203.0.113.0/28,",
    );
}

#[test]
fn register_lines_stay_together() {
    adds(
        "[DEFAULT]\n# 192.0.2.1 | Office\n# keep this short\n\nignoreip = 192.0.2.1\n",
        "[DEFAULT]\n# 192.0.2.1 | Office\n# 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi\n# keep this short\n\n\
         ignoreip = 192.0.2.1 203.0.113.0/28\n",
    );
}

#[test]
fn an_empty_value_is_filled_and_emptied() {
    for (before, after) in [
        ("ignoreip =", "ignoreip = 203.0.113.0/28"),
        ("ignoreip = ", "ignoreip = 203.0.113.0/28 "),
        ("ignoreip=\t; none yet", "ignoreip= 203.0.113.0/28\t; none yet"),
    ] {
        let comment = "# 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi";
        adds(
            &format!("[DEFAULT]\n{before}\nx=1\n"),
            &format!("[DEFAULT]\n{comment}\n{after}\nx=1\n"),
        );
    }
}

#[test]
fn a_missing_key_is_added_over_the_inherited_list() {
    adds(
        "[DEFAULT]\n# an hour\nbantime = 1h\n",
        "[DEFAULT]\n# f2bctl: ignoreip added over [127.0.0.1/8 ::1]; removed with its last customer\n\
         # 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi\nignoreip = 127.0.0.1/8 ::1 203.0.113.0/28\n\
         # an hour\nbantime = 1h\n",
    );
    adds(
        "[DEFAULT]",
        "[DEFAULT]\n# f2bctl: ignoreip added over [127.0.0.1/8 ::1]; removed with its last customer\n\
         # 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi\nignoreip = 127.0.0.1/8 ::1 203.0.113.0/28",
    );
}

#[test]
fn a_missing_section_is_added_at_the_top() {
    let section = "[DEFAULT]\n# f2bctl: section and ignoreip added over [127.0.0.1/8 ::1]; removed with its last customer\n\
                   # 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi\nignoreip = 127.0.0.1/8 ::1 203.0.113.0/28\n";
    adds("", section);
    adds("[sshd]\nenabled = true", &format!("{section}\n[sshd]\nenabled = true"));
    // Unindented, the new key would swallow the indented header below it.
    let indented: String = section.lines().map(|line| format!("  {line}\n")).collect();
    adds("# top\n  [sshd]\n", &format!("{indented}\n# top\n  [sshd]\n"));
}

#[test]
fn an_added_key_stays_while_somebody_needs_it() {
    let start = document("[sshd]\nenabled = true\n");
    let two = [lotus(), registration("198.51.100.7", "Acme")];
    let added = start.add(&two, &[]).unwrap().document;
    let one_left = added.remove(&[lotus().network]).unwrap().document;
    assert!(text_of(&one_left).contains("ignoreip = 198.51.100.7\n"));
    let by_hand = document(&text_of(&one_left).replace("ignoreip =", "bantime = 2h\nignoreip ="));
    let none_left = by_hand.remove(&[two[1].network]).unwrap().document;
    assert_eq!(none_left.value("DEFAULT", "bantime"), Some("2h"));
    assert_eq!(none_left.value("DEFAULT", "ignoreip"), Some(""));
    let none_left = one_left.remove(&[two[1].network]).unwrap().document;
    assert_eq!(none_left, start);
}

#[test]
fn an_inherited_word_that_cannot_be_copied_is_refused() {
    for word in ["192.0.2.1/0", "a b", "%(x)s", "[::1]"] {
        let refusal = document("").add(&[lotus()], &[word.to_owned()]).unwrap_err();
        assert!(matches!(refusal, EditRefusal::UnusableSeed { .. }), "{word}: {refusal}");
    }
}

#[test]
fn removing_by_hand_written_entries_touches_nothing_else() {
    for (before, after) in [
        (
            "ignoreip = 192.0.2.1 203.0.113.5/28  ::1 ; x",
            "ignoreip = 192.0.2.1  ::1 ; x",
        ),
        ("ignoreip = 203.0.113.0/28,::1", "ignoreip = ::1"),
        (
            "ignoreip = ::1\n  203.0.113.0/28\n  # mine\n  192.0.2.1",
            "ignoreip = ::1\n  # mine\n  192.0.2.1",
        ),
        (
            "ignoreip = ::1\n  203.0.113.0/28 ; Blue Lotus",
            "ignoreip = ::1\n   ; Blue Lotus",
        ),
        ("ignoreip =\n\t203.0.113.0/28", "ignoreip ="),
        ("ignoreip = 203.0.113.0/28\n  ::1", "ignoreip =\n  ::1"),
        ("ignoreip = 203.0.113.0/28 ::1 203.0.113.1/28", "ignoreip = ::1"),
        ("ignoreip = 203.0.113.0/255.255.255.240 ::1", "ignoreip = ::1"),
    ] {
        let start = document(&format!("[DEFAULT]\na = 1\n{before}\nb = 2\n[s]\nc = 3"));
        let removed = start.remove(&[lotus().network]).unwrap();
        assert_eq!(
            text_of(&removed.document),
            format!("[DEFAULT]\na = 1\n{after}\nb = 2\n[s]\nc = 3")
        );
        assert!(removed.changed && !removed.document.remove(&[lotus().network]).unwrap().changed);
    }
}

#[test]
fn annotating_rewrites_the_register_line_only() {
    let start = document("[DEFAULT]\n  #203.0.113.0/28|Old name\nignoreip = ::1 203.0.113.0/28\n");
    let edited = start.annotate(&lotus()).unwrap();
    assert_eq!(
        text_of(&edited.document),
        "[DEFAULT]\n  # 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi\nignoreip = ::1 203.0.113.0/28\n"
    );
    assert_eq!(start.add(&[lotus()], &[]).unwrap(), edited);
    assert!(!edited.document.annotate(&lotus()).unwrap().changed);
    let other = registration("192.0.2.9", "x");
    assert_eq!(start.annotate(&other), Err(EditRefusal::NotListed(other.network)));
}

#[test]
fn adopting_replaces_hand_kept_comments() {
    let start = document("[DEFAULT]\n# Blue Lotus, uplink\n# see wiki\nignoreip = ::1 203.0.113.0/28\n# after\n");
    assert_eq!(
        start.ordinary_comments(),
        [(2, "# Blue Lotus, uplink"), (3, "# see wiki")]
    );
    let edited = start
        .annotate(&lotus())
        .unwrap()
        .document
        .remove_comments(&[1, 2])
        .unwrap();
    assert_eq!(
        text_of(&edited.document),
        "[DEFAULT]\n# see wiki\n# 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi\nignoreip = ::1 203.0.113.0/28\n# after\n"
    );
}

#[test]
fn stale_register_lines_are_listed_and_can_be_forgotten() {
    let text = "[DEFAULT]\n# 192.0.2.1 | Office\n# 203.0.113.0/28 | Gone\nignoreip = 192.0.2.1\n";
    let start = document(text);
    let list = start.ignoreip().unwrap();
    assert_eq!(
        list.entries[0]
            .register
            .as_ref()
            .unwrap()
            .registration
            .customer
            .as_str(),
        "Office"
    );
    assert_eq!(list.stale.iter().map(|line| line.line).collect::<Vec<_>>(), [3]);
    assert!(!start.remove(&[lotus().network]).unwrap().changed);
    let networks = [lotus().network, network("192.0.2.1")];
    let forgotten = start.forget_stale(&networks).unwrap();
    assert_eq!(
        text_of(&forgotten.document),
        text.replace("# 203.0.113.0/28 | Gone\n", "")
    );
}

#[test]
fn junk_blocks_edits_and_is_pointed_at() {
    let start =
        document("[DEFAULT]\nignoreip = 198.51.100.0/33 # Acme 999.1.1.1 192.0.2.1/0\n  192.0.2.1\t192.0.2.2\n");
    let refusal = start.add(&[lotus()], &[]).unwrap_err();
    let EditRefusal::Objections(found) = &refusal else {
        panic!("{refusal}");
    };
    let places: Vec<(usize, usize)> = found.iter().map(|found| (found.line, found.column)).collect();
    assert_eq!(places, [(2, 12), (2, 45), (3, 3)]);
    assert!(
        refusal.to_string().contains("/etc/fail2ban/jail.local:2:45: "),
        "{refusal}"
    );
    assert!(start.remove(&[network("192.0.2.1")]).is_err());
    // Other keys can still be edited, and a version that splits at tabs has no objection to them.
    assert!(start.set("DEFAULT", "bantime", "600").is_ok());
    let newer = b"[DEFAULT]\nignoreip = 192.0.2.1\t192.0.2.2\n";
    let newer = JailLocal::parse("x", newer, &Reader::new("1.1.0")).unwrap();
    assert!(newer.add(&[lotus()], &[]).is_ok());
}

#[test]
fn interpolation_is_kept_and_looked_behind() {
    let start =
        document("[DEFAULT]\nown = 203.0.113.0/28 ::1\nmore = %(own)s\nignoreip = %(known/ignoreip)s %(more)s\n");
    let added = start.add(&[registration("192.0.2.9", "x")], &[]).unwrap();
    assert!(text_of(&added.document).ends_with("ignoreip = %(known/ignoreip)s %(more)s 192.0.2.9\n"));
    assert_eq!(added.warnings.len(), 2);
    let refusal = start.remove(&[lotus().network]).unwrap_err();
    assert!(matches!(&refusal, EditRefusal::Hidden { finding, .. } if (finding.line, finding.column) == (2, 7)));
    assert!(!start.remove(&[network("192.0.2.9")]).unwrap().changed);
    let looped = document("[DEFAULT]\na = %(b)s %(b)s\nb = %(a)s %(a)s\nignoreip = %(a)s\n");
    assert!(looped.remove(&[lotus().network]).is_ok());
}

#[test]
fn names_and_everybody_are_warned_about() {
    let start = document("[DEFAULT]\nignoreip = pbx.example.com 0.0.0.0/0\n");
    let places: Vec<usize> = start.ignoreip_warnings().iter().map(|found| found.column).collect();
    assert_eq!(places, [12, 28]);
    assert_eq!(start.ignoreip().unwrap().entries[0].kind, EntryKind::Name);
    let removed = start.remove(&[network("0.0.0.0/0")]).unwrap();
    assert_eq!(text_of(&removed.document), "[DEFAULT]\nignoreip = pbx.example.com\n");
}

#[test]
fn many_added_at_once_are_the_same_bytes_as_one_after_the_other() {
    let lists = [
        "",
        "ignoreip =\n",
        "ignoreip=::1\n",
        "ignoreip = ::1 127.0.0.1/8\n",
        "ignoreip = ::1, 127.0.0.1/8\n",
        "ignoreip = ::1     ,   127.0.0.1/8 ; of old\n",
        "ignoreip = ::1   127.0.0.1/8  \n",
        "ignoreip =\n    ::1\n    127.0.0.1/8\nfindtime = 600\n",
        "ignoreip = ::1,\n\t127.0.0.1/8,\n",
        "# about\n# 198.51.100.4 | Lotus | by=ravi\n\n  # 192.0.2.1 | Old one | by=lab\nignoreip = ::1\n # 192.0.2.3 | Stale\n 127.0.0.1/8",
        "ignoreip = ::1\r\n# 192.0.2.2 | Below\r\n",
    ];
    let networks = [
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.3",
        "::1",
        "2001:db8::/64",
        "192.0.2.2",
        "192.0.2.5",
        "192.0.2.6",
    ];
    let registrations = networks.map(|text| registration(text, "Blue Lotus"));
    let inherited = ["127.0.0.1/8".to_owned()];
    for list in lists {
        for text in [
            format!("[DEFAULT]\n{list}"),
            format!("[DEFAULT]\n{list}\n[sshd]\nenabled = true\n"),
        ] {
            for from in 0..networks.len() {
                let some = &registrations[from..];
                let start = document(&text);
                let at_once = start.add(some, &inherited).unwrap().document;
                let one_by_one = some.iter().fold(start, |document, registration| {
                    document
                        .add(std::slice::from_ref(registration), &inherited)
                        .unwrap()
                        .document
                });
                assert_eq!(text_of(&at_once), text_of(&one_by_one), "{text:?}");
            }
        }
    }
}

const IN_SSHD: &str = "# 203.0.113.0/28 | Blue Lotus | Primary uplink | by=ravi";

/// Adds Blue Lotus to the list of sshd alone, compares, removes it again and compares with the start.
fn adds_to_sshd(before: &str, after: &str) {
    let start = document(before);
    let added = start.of_jail("sshd").add(&[lotus()], &[]).unwrap();
    assert_eq!(text_of(&added.document), after);
    assert_eq!(added.document.of_default().ignoreip(), start.ignoreip());
    assert!(!added.document.add(&[lotus()], &[]).unwrap().changed);
    let removed = added.document.remove(&[lotus().network]).unwrap();
    assert_eq!(text_of(&removed.document), before);
}

#[test]
fn a_jails_own_list_gets_the_entry_with_its_comment() {
    let shared = "[DEFAULT]\n# 192.0.2.1 | Other\nignoreip = 192.0.2.1\n";
    adds_to_sshd(
        &format!("{shared}[sshd]\nignoreip = ::1\nport = 22\n[a]\nx = 1\n"),
        &format!("{shared}[sshd]\n{IN_SSHD}\nignoreip = ::1 203.0.113.0/28\nport = 22\n[a]\nx = 1\n"),
    );
    // Its comments are none of the common list, and the other way round.
    let text = format!("{shared}[sshd]\n{IN_SSHD}\nignoreip = ::1 203.0.113.0/28\n");
    let whose = |list: Vec<super::super::RegisterLine>| {
        let names = list.into_iter().map(|line| line.registration.customer.to_string());
        names.collect::<Vec<_>>()
    };
    assert_eq!(whose(document(&text).register()), ["Other"]);
    assert_eq!(whose(document(&text).of_jail("sshd").register()), ["Blue Lotus"]);
    let own = document(&text).own_lists();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].1.entries[1].register.as_ref().unwrap().line, 5);
}

#[test]
fn a_jail_without_a_list_of_its_own_keeps_the_common_one() {
    let mark = "# f2bctl: ignoreip added over [%(known/ignoreip)s]; removed with its last customer";
    adds_to_sshd(
        "[DEFAULT]\nignoreip = 192.0.2.1\n[sshd]\n  port = 22\n",
        &format!(
            "[DEFAULT]\nignoreip = 192.0.2.1\n[sshd]\n  {mark}\n  {IN_SSHD}\n  ignoreip = %(known/ignoreip)s 203.0.113.0/28\n  port = 22\n"
        ),
    );
}

#[test]
fn a_jail_of_another_file_gets_a_section_that_goes_again() {
    let list = format!("{IN_SSHD}\nignoreip = %(known/ignoreip)s 203.0.113.0/28");
    let mark = |what: &str| {
        format!("# f2bctl: {what} and ignoreip added over [%(known/ignoreip)s]; removed with its last customer")
    };
    let shared = "# top\n[DEFAULT]\nignoreip = 192.0.2.1\n[a]\nx = 1\n";
    let both = mark("section with the blank line above");
    adds_to_sshd(shared, &format!("{shared}\n[sshd]\n{both}\n{list}\n"));
    let section = mark("section");
    adds_to_sshd(
        &format!("{shared}\n"),
        &format!("{shared}\n[sshd]\n{section}\n{list}\n"),
    );
    adds_to_sshd(shared.trim_end(), &format!("{shared}\n[sshd]\n{both}\n{list}"));
    adds_to_sshd("", &format!("[sshd]\n{section}\n{list}\n"));
    // A key that somebody has added keeps the section.
    let added = document(shared).of_jail("sshd").add(&[lotus()], &[]).unwrap().document;
    let more = document(&format!("{}port = 22\n", text_of(&added))).of_jail("sshd");
    let removed = more.remove(&[lotus().network]).unwrap();
    assert_eq!(text_of(&removed.document), format!("{shared}\n[sshd]\nport = 22\n"));
}
