//! Files of this machine that an operator names: read whole, bounded, and never waited for.

use std::io::{Error, ErrorKind, Read, Result};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

/// Reads a regular file of at most `most` bytes. A pipe or a device in its place could be waited for without an end, so it
/// is refused.
///
/// # Errors
/// What the system answers, or that it is not a regular file, or that it is larger.
pub fn read_regular(path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut options = std::fs::OpenOptions::new();
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    options.read(true).custom_flags(flags.bits() as i32);
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is not a regular file"));
    }
    bounded(file, most)
}

/// The same, where `-` stands for this process's stdin.
///
/// # Errors
/// As [`read_regular`].
pub fn read_input(path: &Path, most: u64) -> Result<Vec<u8>> {
    match path.as_os_str() == "-" {
        true => bounded(std::io::stdin().lock(), most),
        false => read_regular(path, most),
    }
}

fn bounded(source: impl Read, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(Error::new(
            ErrorKind::FileTooLarge,
            format!("it is larger than {most} bytes"),
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_waited_for_is_refused_and_a_size_is_a_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "12345").expect("a file");
        assert_eq!(read_regular(&file, 5).expect("a file"), b"12345");
        assert!(
            read_regular(&file, 4)
                .expect_err("a limit")
                .to_string()
                .contains("larger than 4")
        );
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
        for place in [&pipe, Path::new("/dev/zero"), folder.path()] {
            let error = read_regular(place, 5).expect_err("no regular file");
            assert!(error.to_string().contains("not a regular file"), "{error}");
        }
    }
}
