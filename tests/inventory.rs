//! An Ansible inventory as the list of hosts: what is read of it, what goes before it, and what is refused.

use std::fs;
use std::path::PathBuf;

use f2bctl::settings::{Become, Environment, Origin, Settings, SettingsError};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new(configuration: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("config.toml"), configuration).expect("a configuration");
        Self { folder }
    }

    fn read(&self, inventory: &Value) -> Result<Settings, SettingsError> {
        let home = self.folder.path().join("home");
        let file = self.folder.path().join("inventory.json");
        fs::write(&file, inventory.to_string()).expect("an inventory");
        let environment = Environment::below(&home);
        let settings = Settings::load(Some(&self.folder.path().join("config.toml")), &environment)?;
        settings.with_inventory(&file, &home)
    }
}

/// As `ansible-inventory --list` prints it.
fn inventory() -> Value {
    json!({
        "_meta": {"hostvars": {
            "pbx-1": {
                "ansible_host": "192.0.2.11", "ansible_port": 2222, "ansible_user": "ops",
                "ansible_ssh_private_key_file": "~/.ssh/pbx", "ansible_become": true,
            },
            "pbx-2": {"ansible_host": "2001:db8::2", "ansible_port": "22", "ansible_become": "no"},
            "here": {"ansible_connection": "local"},
        }},
        "all": {"children": ["ungrouped", "asterisk"]},
        "asterisk": {"children": ["pbx", "asterisk"]},
        "pbx": {"hosts": ["pbx-1", "pbx-2"]},
        "ungrouped": {"hosts": ["here", "lonely"]},
    })
}

fn names(settings: &Settings, selection: &str) -> Vec<String> {
    let hosts = settings.select(selection).expect("a selection");
    hosts.into_iter().map(|host| host.name).collect()
}

#[test]
fn hosts_groups_and_children_are_read() {
    let settings = Bench::new("").read(&inventory()).expect("settings");
    assert_eq!(names(&settings, "@pbx"), ["pbx-1", "pbx-2"]);
    assert_eq!(names(&settings, "@asterisk"), ["pbx-1", "pbx-2"]);
    assert_eq!(names(&settings, "@all"), ["lonely", "pbx-1", "pbx-2"]);
    let hosts = settings.select("pbx-1,pbx-2,lonely").expect("hosts");
    let addresses: Vec<&str> = hosts.iter().map(|host| host.address.as_str()).collect();
    assert_eq!(addresses, ["ops@192.0.2.11:2222", "[2001:db8::2]:22", "lonely"]);
    assert_eq!(hosts[0].r#become, Some(Become::Sudo));
    assert_eq!(hosts[1].r#become, None);
    assert!(
        hosts[0]
            .identity
            .as_ref()
            .is_some_and(|key| key.ends_with("home/.ssh/pbx"))
    );
    assert_eq!(hosts[2].origin, Origin::Inventory);
}

#[test]
fn the_configuration_goes_before_the_inventory_which_adds_its_groups() {
    let bench =
        Bench::new("[hosts.pbx-1]\naddress = \"root@192.0.2.99\"\nprotected = [\"192.0.2.7\"]\ngroups = [\"own\"]\n");
    let settings = bench.read(&inventory()).expect("settings");
    let host = settings.select("pbx-1").expect("a host").remove(0);
    assert_eq!(host.address, "root@192.0.2.99");
    assert_eq!((host.r#become, host.identity), (None, None::<PathBuf>));
    assert_eq!(host.protected.len(), 1);
    assert_eq!(host.protected[0].text(), "192.0.2.7");
    assert_eq!(names(&settings, "@own"), ["pbx-1"]);
    assert_eq!(names(&settings, "@pbx"), ["pbx-1", "pbx-2"]);
}

#[test]
fn a_host_that_no_file_names_is_not_among_all_hosts() {
    let all = |settings: &Settings| -> Vec<String> {
        let hosts = settings.all_hosts();
        hosts.into_iter().map(|host| host.name).collect()
    };
    let settings = Bench::new("").read(&inventory()).expect("settings");
    assert_eq!(all(&settings), ["lonely", "pbx-1", "pbx-2"]);
    let own = Bench::new("[hosts.prod]\naddress = \"root@192.0.2.1\"\n");
    let settings = own.read(&inventory()).expect("settings");
    assert_eq!(all(&settings), ["prod", "lonely", "pbx-1", "pbx-2"]);
}

#[test]
fn what_only_ansible_could_read_is_refused_with_its_name() {
    let with = |variables: Value| json!({"_meta": {"hostvars": {"pbx": variables}}, "all": {"hosts": ["pbx"]}});
    for (inventory, said) in [
        (
            with(json!({"ansible_host": "{{ pbx_address }}"})),
            "pbx a ansible_host that is a template",
        ),
        (
            with(json!({"ansible_host": "-oProxyCommand=x"})),
            "has no usable host name",
        ),
        (
            with(json!({"ansible_paramiko_host": "192.0.2.8"})),
            "pbx a ansible_paramiko_host, which holds for paramiko alone",
        ),
        (with(json!({"ansible_port": 70000})), "has no port between 1 and 65535"),
        (with(json!({"ansible_user": ["root"]})), "neither text nor a number"),
        (
            with(json!({"ansible_become": true, "ansible_become_method": "community.general.doas"})),
            "root through community.general.doas",
        ),
        (
            with(json!({"ansible_become": true, "ansible_become_user": "asterisk"})),
            "become asterisk",
        ),
        (
            json!({"_meta": {"hostvars": {}}, "all": {"hosts": ["a b"]}}),
            "a host \"a b\"",
        ),
        (json!([]), "is not the JSON of an inventory"),
    ] {
        let error = Bench::new("").read(&inventory).expect_err("a refusal");
        assert!(matches!(error, SettingsError::Inventory { .. }), "{error}");
        assert!(error.to_string().contains(said), "{said}: {error}");
        assert!(error.hints()[0].contains("--list > FILE"));
    }
}

#[test]
fn both_spellings_of_a_variable_are_read_and_two_that_disagree_are_refused() {
    let with = |variables: Value| json!({"_meta": {"hostvars": {"pbx": variables}}, "all": {"hosts": ["pbx"]}});
    let old = json!({"ansible_ssh_host": "192.0.2.5", "ansible_ssh_user": "ops", "ansible_ssh_port": 2222});
    let settings = Bench::new("").read(&with(old)).expect("settings");
    assert_eq!(settings.hosts[0].address, "ops@192.0.2.5:2222");
    let same = json!({"ansible_host": "192.0.2.5", "ansible_ssh_host": "192.0.2.5", "ansible_port": 22, "ansible_ssh_port": "22"});
    let settings = Bench::new("").read(&with(same)).expect("settings");
    assert_eq!(settings.hosts[0].address, "192.0.2.5:22");
    for (first, second) in [
        ("ansible_host", "ansible_ssh_host"),
        ("ansible_user", "ansible_ssh_user"),
        ("ansible_port", "ansible_ssh_port"),
        ("ansible_private_key_file", "ansible_ssh_private_key_file"),
    ] {
        let error = Bench::new("").read(&with(json!({first: "1", second: "2"})));
        let said = error.expect_err("a contradiction").to_string();
        assert!(
            said.contains(&format!("both {first} \"1\" and {second} \"2\"")),
            "{said}"
        );
    }
    let other = json!({"ansible_become": true, "ansible_sudo_user": "asterisk"});
    let error = Bench::new("").read(&with(other)).expect_err("another user");
    assert!(error.to_string().contains("become asterisk"), "{error}");
}

#[test]
fn a_file_that_was_made_otherwise_is_refused_with_how_to_make_it() {
    let meta = json!({"hostvars": {}});
    for (inventory, said) in [
        (
            json!({"_meta": meta, "pbx": {"hosts": ["one"], "vars": {"ansible_port": 2222}}}),
            "gives the group pbx the variable ansible_port, as `--export` leaves it",
        ),
        (
            json!({"_meta": meta, "pbx": {"hosts": ["one"], "vars": {"ansible_connection": "local"}}}),
            "gives the group pbx the variable ansible_connection",
        ),
        (
            json!({"_meta": meta, "pbx": ["one"]}),
            "has the group pbx in the short form",
        ),
        (json!({"pbx": {"hosts": ["one"]}}), "has no `_meta` with `hostvars`"),
        (
            json!({"_meta": {"hostvars": []}, "pbx": {"hosts": ["one"]}}),
            "has no `_meta` with `hostvars`",
        ),
        (
            json!({"_meta": meta, "pbx": {"hosts": {"one": {}}}}),
            "group pbx whose `hosts` is not a list of names",
        ),
        (
            json!({"_meta": meta, "pbx": {"children": [1]}}),
            "group pbx whose `children` is not a list of names",
        ),
    ] {
        let error = Bench::new("").read(&inventory).expect_err("a refusal");
        assert!(error.to_string().contains(said), "{said}: {error}");
        assert!(error.hints()[0].contains("--list > FILE` (without --export)"));
    }
    let harmless = json!({"_meta": meta, "pbx": {"hosts": ["one"], "vars": {"sip_port": 5060}}});
    let settings = Bench::new("").read(&harmless).expect("settings");
    assert_eq!(names(&settings, "@pbx"), ["one"]);
}

#[test]
fn a_host_that_is_not_reached_over_ssh_is_refused_by_its_name() {
    let settings = Bench::new("").read(&inventory()).expect("settings");
    let error = settings.select("pbx-1,here").expect_err("a host that is none of ours");
    let said = error.to_string();
    assert!(
        said.contains("`here`") && said.contains("ansible_connection \"local\""),
        "{said}"
    );
    assert!(error.hints()[0].contains("[hosts.here]"));
    let own = Bench::new("[hosts.here]\naddress = \"root@192.0.2.3\"\n");
    let settings = own.read(&inventory()).expect("settings");
    assert_eq!(names(&settings, "here"), ["here"]);
}

#[test]
fn groups_nested_without_an_end_take_no_stack_and_many_of_them_no_hour() {
    const GROUPS: usize = 200_000;
    let mut inventory: serde_json::Map<String, Value> = (0..GROUPS)
        .map(|number| {
            (
                format!("g{number:06}"),
                json!({"children": [format!("g{:06}", number + 1)]}),
            )
        })
        .collect();
    inventory.insert(
        format!("g{GROUPS:06}"),
        json!({"hosts": ["pbx"], "children": ["g000000"]}),
    );
    inventory.insert(
        "_meta".to_owned(),
        json!({"hostvars": {"pbx": {"ansible_host": "192.0.2.11"}}}),
    );
    let settings = Bench::new("")
        .read(&Value::Object(inventory.clone()))
        .expect("settings");
    assert_eq!(names(&settings, "@g000000"), ["pbx"]);
    let many: Vec<String> = (0..100).map(|number| format!("pbx-{number}")).collect();
    inventory.insert(format!("g{GROUPS:06}"), json!({"hosts": many}));
    let error = Bench::new("").read(&Value::Object(inventory)).expect_err("too many");
    assert!(error.to_string().contains("more than 1000000 groups"), "{error}");
}

#[test]
fn a_pipe_in_place_of_an_inventory_is_refused_and_not_waited_for() {
    let bench = Bench::new("");
    let pipe = bench.folder.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .expect("mkfifo")
            .success()
    );
    let settings = Settings::without_file(bench.folder.path().join("config.toml"));
    let error = settings.with_inventory(&pipe, bench.folder.path()).expect_err("a pipe");
    assert!(error.to_string().contains("not a regular file"), "{error}");
}
