//! Extended attributes of files, and an access control list as the kernel keeps it.

use std::path::Path;

use rustix::fs::{XattrFlags, getxattr, setxattr};

/// The attribute that holds a file's access control list.
pub const ACCESS_LIST: &str = "system.posix_acl_access";

/// A list in the kernel's form (`linux/posix_acl_xattr.h`): the owner may read and write, user 1001 what `rights` say (4
/// read, 2 write), everybody else read.
pub fn access_list(rights: u16) -> Vec<u8> {
    const NOBODY: u32 = u32::MAX;
    let entries = [
        (1, 6, NOBODY),
        (2, rights, 1001),
        (4, 4, NOBODY),
        (16, 4 | rights, NOBODY),
        (32, 4, NOBODY),
    ];
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in entries {
        bytes.extend(u16::to_le_bytes(tag));
        bytes.extend(u16::to_le_bytes(rights));
        bytes.extend(u32::to_le_bytes(id));
    }
    bytes
}

/// Sets an attribute.
pub fn set(path: &Path, name: &str, value: &[u8]) {
    setxattr(path, name, value, XattrFlags::empty()).unwrap_or_else(|error| panic!("{name} of {path:?}: {error}"));
}

/// An attribute; `None` where the file has none of that name.
pub fn get(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut value = vec![0; 4096];
    let length = getxattr(path, name, value.as_mut_slice()).ok()?;
    value.truncate(length);
    Some(value)
}
