//! One file or folder: its owner, its mode, and whether its group is the owner's own.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
/// In a folder with this bit, nobody may rename or remove what belongs to others.
const STICKY: u32 = 0o1000;

/// That others than this user and root may write to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// Why, as a clause that begins with the path.
    pub reason: String,
    /// The command that ends it.
    pub cure: String,
}

/// Whether others than this user and root may write to a file or folder; `None` if not, and for what cannot be looked at.
///
/// As for OpenSSH's own configuration. A group that has no other member is its owner's own: some systems make every file
/// writable to that.
pub fn exposure(path: &Path) -> Option<Exposure> {
    let facts = std::fs::metadata(path).ok()?;
    let own = rustix::process::geteuid().as_raw();
    let shown = path.display();
    if facts.uid() != own && facts.uid() != 0 {
        return Some(Exposure {
            reason: format!("{shown} belongs to another user (uid {})", facts.uid()),
            cure: format!("chown {own} {shown}"),
        });
    }
    let sticky = facts.is_dir() && facts.mode() & STICKY != 0;
    let by_others = facts.mode() & OTHERS_WRITE != 0 && !sticky;
    let by_group = facts.mode() & GROUP_WRITES != 0 && !sticky && !is_private(facts.gid(), facts.uid());
    (by_others || by_group).then(|| Exposure {
        reason: format!(
            "{shown} can be written to by others (mode {:04o})",
            facts.mode() & 0o7777
        ),
        cure: format!("chmod go-w {shown}"),
    })
}

/// Whether a group has no member but this user, by this machine's own files; a group that is not in them is not private.
fn is_private(group: u32, user: u32) -> bool {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    is_private_in(&read("/etc/group"), &read("/etc/passwd"), group, user)
}

fn is_private_in(groups: &str, users: &str, group: u32, user: u32) -> bool {
    let field = |line: &str, number: usize| line.split(':').nth(number).unwrap_or_default().to_owned();
    let names = |number: u32| -> Vec<String> {
        let lines = users.lines().filter(|line| field(line, 2) == number.to_string());
        lines.map(|line| field(line, 0)).collect()
    };
    let own = names(user);
    let Some(line) = groups.lines().find(|line| field(line, 2) == group.to_string()) else {
        return false;
    };
    let members = field(line, 3);
    let mut others = members
        .split(',')
        .filter(|name| !name.is_empty() && !own.iter().any(|own| own == name));
    let mut primary = users
        .lines()
        .filter(|line| field(line, 3) == group.to_string() && field(line, 2) != user.to_string());
    !own.is_empty() && others.next().is_none() && primary.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_private_if_nobody_else_is_in_it() {
        let users = "root:x:0:0::/root:/bin/sh\nravi:x:1000:1000::/:/bin/sh\nasha:x:1001:1001::/:/bin/sh\nweb:x:1002:1003::/:/bin/sh\n";
        let groups = "root:x:0:\nravi:x:1000:\nasha:x:1001:asha\nops:x:1002:ravi,asha\nshared:x:1003:\n";
        let private = |group, user| is_private_in(groups, users, group, user);
        assert!(private(1000, 1000) && private(1001, 1001));
        assert!(!private(1002, 1000), "another member");
        assert!(!private(1003, 1000), "another user's first group");
        assert!(!private(1001, 1000), "another's");
        assert!(!private(4000, 1000) && !private(1000, 4000), "not in these files");
    }
}
