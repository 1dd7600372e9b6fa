//! The configuration file: defaults, whole error texts, selection, and changes that keep the text.

mod unusable;

use std::path::{Path, PathBuf};

use f2bctl::model::written_network::WrittenNetwork;
use f2bctl::settings::write::{put_host, remove_host};
use f2bctl::settings::{Become, Environment, HostSettings, Origin, Policy, Settings, SettingsError};

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn with(text: &str) -> Self {
        let desk = Self::new();
        std::fs::create_dir_all(desk.file().parent().unwrap()).unwrap();
        std::fs::write(desk.file(), text).unwrap();
        desk
    }

    fn environment(&self) -> Environment {
        Environment::below(self.folder.path())
    }

    fn file(&self) -> PathBuf {
        self.environment().configuration_file()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }

    fn load(&self) -> Result<Settings, SettingsError> {
        Settings::load(None, &self.environment())
    }
}

/// Whole message, excerpt and hints, with the folder's name taken out.
fn complaint(text: &str) -> String {
    let desk = Desk::with(text);
    let error = desk.load().unwrap_err();
    let mut lines = vec![error.to_string()];
    lines.extend(error.place().map(|place| place.excerpt()));
    lines.extend(error.hints());
    lines
        .join("\n")
        .replace(&desk.file().display().to_string(), "config.toml")
}

#[test]
fn without_a_file_there_is_the_runbooks_prod() {
    let settings = Desk::new().load().unwrap();
    assert!(!settings.present);
    assert_eq!(settings.hosts, [HostSettings::production()]);
    assert_eq!(settings.default_host().unwrap(), HostSettings::production());
    assert_eq!(
        settings.policy,
        Policy {
            widest_ipv4: 24,
            widest_ipv6: 48
        }
    );
    let prod = settings.default_host().unwrap();
    assert_eq!(prod.name, "prod");
    assert_eq!(prod.config_dir, Path::new("/etc/fail2ban"));
    assert_eq!(prod.client, "fail2ban-client");
    assert_eq!(prod.log, Path::new("/var/log/fail2ban.log"));
    assert_eq!(prod.asterisk_log, Path::new("/var/log/asterisk/messages.log"));
    assert_eq!(prod.state_dir, Path::new("/var/lib/f2bctl"));
}

#[test]
fn prods_address_stands_in_one_place_of_the_source() {
    let address = HostSettings::PRODUCTION_ADDRESS.split_once('@').unwrap().1;
    let mut places = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                let count = String::from_utf8_lossy(&bytes).matches(address).count();
                places.extend(std::iter::repeat_n(path, count));
            }
        }
    }
    assert_eq!(places.len(), 1, "{places:?}");
}

#[test]
fn a_full_file_is_read() {
    let desk = Desk::with(
        "default_host = \"lab\"\n[hosts.lab]\naddress = \"ops@192.0.2.7:2222\"\nidentity = \"~/.ssh/lab\"\n\
         known_hosts = \"/k\"\nbecome = \"sudo\"\nconfig_dir = \"/c\"\nclient = \"/usr/bin/fail2ban-client\"\n\
         log = \"/l\"\nasterisk_log = \"/a\"\nstate_dir = \"/s\"\ngroups = [\"pbx\", \"mumbai\"]\n\
         protected = [\"192.0.2.10\", \"2001:db8::/32\"]\nallow_special = true\n[policy]\nwidest_ipv4 = 28\nwidest_ipv6 = 56\n",
    );
    let settings = desk.load().unwrap();
    assert_eq!(
        settings.policy,
        Policy {
            widest_ipv4: 28,
            widest_ipv6: 56
        }
    );
    let expected = HostSettings {
        name: "lab".into(),
        address: "ops@192.0.2.7:2222".into(),
        identity: Some(desk.folder.path().join(".ssh/lab")),
        known_hosts: Some("/k".into()),
        r#become: Some(Become::Sudo),
        config_dir: "/c".into(),
        client: "/usr/bin/fail2ban-client".into(),
        log: "/l".into(),
        asterisk_log: "/a".into(),
        state_dir: "/s".into(),
        groups: vec!["pbx".into(), "mumbai".into()],
        protected: ["192.0.2.10", "2001:db8::/32"]
            .map(|text| WrittenNetwork::parse(text).expect(text))
            .to_vec(),
        allow_special: true,
        origin: Origin::File,
    };
    assert_eq!(settings.default_host().unwrap(), expected);
    assert_eq!(settings.hosts, [expected]);
}

#[test]
fn a_table_without_an_address_adds_to_what_is_known() {
    let settings = Desk::with("[hosts.prod]\nprotected = [\"192.0.2.1\"]\n[hosts.pbx2]\n")
        .load()
        .unwrap();
    assert_eq!(settings.hosts[0].address, HostSettings::PRODUCTION_ADDRESS);
    assert_eq!(settings.hosts[0].origin, Origin::File);
    assert_eq!(settings.hosts[1].address, "pbx2");
    assert_eq!(settings.hosts.len(), 2);
}

#[test]
fn a_misspelt_key_is_refused_with_its_place() {
    assert_eq!(
        complaint("[hosts.lab]\n  adress = \"root@192.0.2.1\"\n"),
        "config.toml:2:3: unknown key `adress` in [hosts.lab]\n  adress = \"root@192.0.2.1\"\n  ^\n\
         did you mean `address`?\n\
         the keys are address, identity, known_hosts, become, config_dir, client, log, asterisk_log, state_dir, groups, protected, allow_special"
    );
    assert_eq!(
        complaint("colour = 1\n"),
        "config.toml:1:1: unknown key `colour` in the file\ncolour = 1\n^\nthe keys are default_host, hosts, policy"
    );
    assert_eq!(
        complaint("[policy]\nwidest_ipv5 = 24\n"),
        "config.toml:2:1: unknown key `widest_ipv5` in [policy]\nwidest_ipv5 = 24\n^\n\
         did you mean `widest_ipv4`?\nthe keys are widest_ipv4, widest_ipv6"
    );
    assert_eq!(
        complaint("[plicy]\n"),
        "config.toml:1:2: unknown key `plicy` in the file\n[plicy]\n ^\ndid you mean `policy`?\n\
         the keys are default_host, hosts, policy"
    );
}

#[test]
fn values_that_cannot_be_used_are_refused_with_the_cure() {
    let host = |line: &str| complaint(&format!("[hosts.a]\n{line}\n"));
    assert_eq!(
        host("config_dir = \"etc/fail2ban\""),
        "config.toml:2:14: `config_dir` is \"etc/fail2ban\", which is not an absolute path\nconfig_dir = \"etc/fail2ban\"\n             ^\n\
         begin the path with `/`"
    );
    assert_eq!(
        host("identity = \"key\""),
        "config.toml:2:12: `identity` is \"key\", which is not an absolute path\nidentity = \"key\"\n           ^\n\
         begin the path with `/`, or with `~/` for your home directory"
    );
    assert_eq!(
        host("become = \"su\""),
        "config.toml:2:10: `become` is \"su\", which is not a way to become root here\nbecome = \"su\"\n         ^\n\
         write \"sudo\", or leave the key out where the login is root's"
    );
    assert_eq!(
        host("allow_special = \"yes\""),
        "config.toml:2:17: `allow_special` is a string, not a boolean (true or false)\nallow_special = \"yes\"\n                ^\n\
         write a boolean (true or false) after `allow_special =`"
    );
    assert_eq!(
        host("protected = [\"192.0.2.1\", \"192.0.2.256\"]"),
        "config.toml:2:27: `protected` has \"192.0.2.256\", which is neither an address nor a network\n\
         protected = [\"192.0.2.1\", \"192.0.2.256\"]\n                          ^\n\
         write an address such as 192.0.2.10 or a network such as 192.0.2.0/28"
    );
    assert_eq!(
        host("address = \"root@h:0\""),
        "config.toml:2:11: `address` has no port between 1 and 65535 after its `:`\naddress = \"root@h:0\"\n          ^\n\
         write USER@ADDR, USER@ADDR:PORT or USER@[IPV6]:PORT"
    );
    assert_eq!(
        host("client = \"sh -c x\""),
        "config.toml:2:10: `client` is neither a command name nor an absolute path\nclient = \"sh -c x\"\n         ^\n\
         write \"fail2ban-client\" or a path such as \"/usr/local/bin/fail2ban-client\""
    );
    assert_eq!(
        host("log = \"\""),
        "config.toml:2:7: `log` is empty\nlog = \"\"\n      ^\nwrite a value, or leave the key out"
    );
    assert_eq!(
        host("groups = [\"a b\"]"),
        "config.toml:2:11: `groups` has \"a b\", which is not a usable group name\ngroups = [\"a b\"]\n          ^\n\
         begin with a letter or digit and go on with letters, digits, `.`, `_` or `-`"
    );
    assert_eq!(
        complaint("[hosts.\"-x\"]\n"),
        "config.toml:1:8: `hosts.-x` is not a usable host name\n[hosts.\"-x\"]\n       ^\n\
         begin with a letter or digit and go on with letters, digits, `.`, `_` or `-`"
    );
    assert_eq!(
        complaint("default_host = \"labb\"\n[hosts.lab]\n"),
        "config.toml:1:16: `default_host` names \"labb\", which is not a host of this file\ndefault_host = \"labb\"\n               ^\n\
         did you mean \"lab\"?"
    );
}

#[test]
fn the_policy_stays_within_the_absolute_limits() {
    for (line, range) in [
        ("widest_ipv4 = 19", "19, outside 20 to 32"),
        ("widest_ipv4 = 33", "33, outside 20 to 32"),
        ("widest_ipv4 = -1", "-1, outside 20 to 32"),
        ("widest_ipv6 = 43", "43, outside 44 to 128"),
        ("widest_ipv6 = 1000", "1000, outside 44 to 128"),
    ] {
        let key = line.split(' ').next().unwrap();
        let text = complaint(&format!("[policy]\n{line}\n"));
        assert!(
            text.starts_with(&format!("config.toml:2:15: `{key}` is {range}\n")),
            "{text}"
        );
    }
    assert_eq!(
        Desk::with("[policy]\nwidest_ipv4 = 20\nwidest_ipv6 = 44\n")
            .load()
            .unwrap()
            .policy
            .widest_ipv4,
        20
    );
}

#[test]
fn what_is_no_toml_is_refused_with_its_place() {
    let twice = complaint("[hosts.a]\naddress = \"x\"\naddress = \"y\"\n");
    assert!(twice.starts_with("config.toml:3:1: not valid TOML: "), "{twice}");
    let bare = complaint("default_host = lab\n");
    assert!(bare.starts_with("config.toml:1:16: not valid TOML: "), "{bare}");
    let desk = Desk::new();
    std::fs::create_dir_all(desk.file().parent().unwrap()).unwrap();
    std::fs::write(desk.file(), b"# ok\n# caf\xe9\n").unwrap();
    let text = desk.load().unwrap_err().to_string();
    assert!(
        text.ends_with("config.toml:2:6: not valid TOML: a byte that is not UTF-8"),
        "{text}"
    );
}

#[test]
fn a_named_file_has_to_exist() {
    let desk = Desk::new();
    let path = desk.folder.path().join("other.toml");
    let error = Settings::load(Some(&path), &desk.environment()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the configuration file {} does not exist", path.display())
    );
}

fn names(settings: &Settings, selection: &str) -> Vec<String> {
    settings
        .select(selection)
        .unwrap()
        .into_iter()
        .map(|host| host.name)
        .collect()
}

#[test]
fn hosts_are_selected_in_order_and_once() {
    let settings = Desk::with(
        "[hosts.b]\naddress = \"root@192.0.2.2\"\ngroups = [\"pbx\"]\n[hosts.a]\ngroups = [\"pbx\"]\n[hosts.c]\n",
    )
    .load()
    .unwrap();
    assert_eq!(names(&settings, "a, b,a"), ["a", "b"]);
    assert_eq!(names(&settings, "@pbx"), ["b", "a"]);
    assert_eq!(names(&settings, "a,@pbx,c"), ["a", "b", "c"]);
    assert_eq!(
        settings
            .all_hosts()
            .iter()
            .map(|host| host.name.as_str())
            .collect::<Vec<_>>(),
        ["b", "a", "c"]
    );
    assert_eq!(
        settings.select("pbx7").unwrap(),
        [HostSettings::new("pbx7", "pbx7", Origin::Alias)]
    );
    let given = settings.select("ops@203.0.113.9:2222").unwrap();
    assert_eq!(
        given,
        [HostSettings::new(
            "ops@203.0.113.9:2222",
            "ops@203.0.113.9:2222",
            Origin::Given
        )]
    );
    assert_eq!(settings.select("root@192.0.2.2").unwrap()[0].name, "b");
    assert_eq!(settings.nearest_name("prdo"), None);
    assert_eq!(
        Desk::new().load().unwrap().nearest_name("prdo").as_deref(),
        Some("prod")
    );
}

#[test]
fn a_selection_that_names_nothing_is_refused() {
    let settings = Desk::with("[hosts.b]\ngroups = [\"pbx\"]\n").load().unwrap();
    let text = |selection: &str| {
        let error = settings.select(selection).unwrap_err();
        format!("{error}\n{}", error.hints().join("\n"))
    };
    let forms = "give NAME, @GROUP, USER@ADDR, USER@ADDR:PORT or USER@[IPV6]:PORT, several with commas between them";
    assert_eq!(
        text("@pxb"),
        "`@pxb` names no host: it is a group without hosts\ndid you mean `@pbx`?"
    );
    assert_eq!(
        text("@mumbai"),
        "`@mumbai` names no host: it is a group without hosts\nthe groups are pbx"
    );
    assert_eq!(text("b,,a"), format!("`` names no host: it is empty\n{forms}"));
    assert_eq!(
        text("-oX=y"),
        format!("`-oX=y` names no host: it has no usable host name\n{forms}")
    );
    assert_eq!(
        text("192.0.2.1:22"),
        format!("`192.0.2.1:22` names no host: it has no user\n{forms}")
    );
    assert_eq!(
        text("root@-x"),
        format!("`root@-x` names no host: it has no usable host name\n{forms}")
    );
}

fn lab() -> HostSettings {
    HostSettings {
        identity: Some("/keys/lab".into()),
        allow_special: true,
        ..HostSettings::new("lab", "root@127.0.0.1:2222", Origin::File)
    }
}

#[test]
fn put_makes_the_file_private_and_remove_takes_it_away() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    assert!(put_host(&desk.file(), &lab()).unwrap());
    assert_eq!(
        desk.text(),
        "[hosts.lab]\naddress = \"root@127.0.0.1:2222\"\nidentity = \"/keys/lab\"\nallow_special = true\n"
    );
    assert_eq!(
        std::fs::metadata(desk.file()).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        std::fs::metadata(desk.file().parent().unwrap())
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o700
    );
    assert_eq!(desk.load().unwrap().select("lab").unwrap(), [lab()]);
    assert!(!put_host(&desk.file(), &lab()).unwrap());
    assert!(remove_host(&desk.file(), "lab").unwrap());
    assert!(!desk.file().exists());
    assert!(!remove_host(&desk.file(), "lab").unwrap());
}

const HAND_KEPT: &str = "# Our hosts.\ndefault_host = \"prod\"   # careful\n\n[policy]\nwidest_ipv4 = 26\n\n\
    # The phone system.\n[hosts.prod]\naddress = \"root@198.51.100.7\"   # moved in May\nprotected = [\n  \"192.0.2.10\", # trunk\n]\n";

#[test]
fn put_and_remove_give_back_the_bytes() {
    for text in [
        HAND_KEPT.to_owned(),
        format!("{HAND_KEPT}\n# A last word.\n"),
        "hosts = { web = { address = \"web\" } }\n".to_owned(),
        "# Only a comment.\n".to_owned(),
        "hosts.web.address = \"web\"\n".to_owned(),
    ] {
        let desk = Desk::with(&text);
        put_host(&desk.file(), &lab()).unwrap();
        assert_eq!(desk.load().unwrap().select("lab").unwrap(), [lab()], "{}", desk.text());
        remove_host(&desk.file(), "lab").unwrap();
        assert_eq!(desk.text(), text);
    }
}

#[test]
fn put_changes_only_its_own_values() {
    let desk = Desk::with(HAND_KEPT);
    let mut host = desk.load().unwrap().default_host().unwrap();
    assert!(!put_host(&desk.file(), &host).unwrap(), "{}", desk.text());
    host.address = "root@198.51.100.8".into();
    assert!(put_host(&desk.file(), &host).unwrap());
    assert_eq!(desk.text(), HAND_KEPT.replace("100.7\"", "100.8\""));
}

#[test]
fn remove_leaves_the_comments_of_others_and_no_dangling_default() {
    let desk = Desk::with(
        "# mine\ndefault_host = \"lab\"\n[hosts.a]\naddress = \"a\"\n\n# remember this\n\n# the lab\n[hosts.lab]\naddress = \"b\" # x\n\n[hosts.c]\naddress = \"c\"\n",
    );
    assert!(remove_host(&desk.file(), "lab").unwrap());
    assert_eq!(
        desk.text(),
        "# mine\n[hosts.a]\naddress = \"a\"\n\n# remember this\n\n[hosts.c]\naddress = \"c\"\n"
    );
    assert_eq!(desk.load().unwrap().default_host, None);
}

#[test]
fn a_host_is_not_put_into_a_file_whose_default_it_would_take_away() {
    // Without a host of its own the file may name the built-in one; with one, that is no longer there.
    let desk = Desk::with("default_host = \"prod\"\n");
    assert_eq!(desk.load().unwrap().default_host().unwrap(), HostSettings::production());
    let error = put_host(&desk.file(), &lab()).unwrap_err();
    assert!(error.to_string().contains("`default_host` names \"prod\""), "{error}");
    assert!(error.hints().concat().contains("[hosts.prod]"), "{:?}", error.hints());
    assert_eq!(desk.text(), "default_host = \"prod\"\n");
}

#[test]
fn the_built_in_host_gives_way_to_the_first_host_of_ones_own() {
    let policy = Desk::with("[policy]\nwidest_ipv4 = 26\n").load().unwrap();
    assert_eq!(policy.all_hosts(), [HostSettings::production()]);
    let only = Desk::with("[hosts.pbx]\n").load().unwrap();
    assert_eq!(only.default_host().unwrap().name, "pbx");
    assert_eq!(only.select("prod").unwrap()[0].origin, Origin::Alias);
    let several = Desk::with("[hosts.pbx]\n[hosts.prod]\n").load().unwrap();
    let error = several.default_host().unwrap_err();
    assert_eq!(
        error.to_string(),
        "no host was chosen, and none of the 2 configured hosts is the default"
    );
    assert!(
        error.hints()[0].ends_with("the hosts are pbx, prod"),
        "{:?}",
        error.hints()
    );
}

#[test]
fn a_faulty_file_is_left_alone() {
    let desk = Desk::with("[hosts.a]\nadress = \"x\"\n");
    assert!(matches!(
        put_host(&desk.file(), &lab()),
        Err(SettingsError::UnknownKey { .. })
    ));
    assert!(matches!(
        remove_host(&desk.file(), "a"),
        Err(SettingsError::UnknownKey { .. })
    ));
    assert_eq!(desk.text(), "[hosts.a]\nadress = \"x\"\n");
}

#[test]
fn a_link_is_followed_and_the_mode_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::with("");
    let real = desk.folder.path().join("real.toml");
    std::fs::write(&real, "# real\n").unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::fs::remove_file(desk.file()).unwrap();
    std::os::unix::fs::symlink(&real, desk.file()).unwrap();
    put_host(&desk.file(), &lab()).unwrap();
    assert!(desk.file().is_symlink());
    assert!(std::fs::read_to_string(&real).unwrap().contains("[hosts.lab]"));
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn an_ssh_address_names_the_same_host_as_without_its_scheme() {
    let settings = Desk::with("[hosts.lab]\naddress = \"ssh://root@192.0.2.1:2222/\"\n")
        .load()
        .unwrap();
    for given in ["ssh://root@192.0.2.1:2222", "root@192.0.2.1:2222", "ssh://lab"] {
        let [host] = settings.select(given).unwrap().try_into().unwrap();
        assert_eq!(
            (host.name.as_str(), host.address.as_str()),
            ("lab", "root@192.0.2.1:2222"),
            "{given}"
        );
    }
    let [host] = settings
        .select("ssh://ops@[2001:db8::1]:22/")
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(
        (host.name.as_str(), host.origin),
        ("ops@[2001:db8::1]:22", Origin::Given)
    );
    for wrong in ["ssh://", "http://root@192.0.2.1", "ssh://root@"] {
        assert!(settings.select(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_example_that_the_package_brings_is_a_configuration() {
    let desk = Desk::with(include_str!("../../docs/examples/config.toml"));
    let settings = desk.load().expect("it is read");
    // The units that it brings work on this group.
    let hosts = settings.select("@pbx").expect("a group");
    let names: Vec<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
    assert_eq!(names, ["pbx1", "pbx2"]);
}
