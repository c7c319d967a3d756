//! Files that come from outside: regular ones only, up to a size, and text as UTF-8.

use std::fs::{self, File, FileType};
use std::io::Read as _;
use std::path::{Component, Path};

/// 1 MiB.
pub const MIB: u64 = 1 << 20;

/// Whether a name stays below the folder that it is joined to: it is relative and has no `..`. The empty name does too.
pub fn is_below(name: impl AsRef<Path>) -> bool {
    name.as_ref().components().all(|part| matches!(part, Component::Normal(_)))
}

/// Reads a file of at most `most` bytes.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("cannot be read: {error}");
    // Before it is opened, because opening a pipe waits for somebody to write.
    let about = fs::metadata(path).map_err(failed)?;
    if let Some(kind) = other_than_a_file(about.file_type()) {
        return Err(format!("is {kind}, and must be a regular file"));
    }
    let too_large = || format!("is larger than {} MiB, the limit for such a file", most / MIB);
    if about.len() > most {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    // It may have grown since.
    file.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(too_large());
    }
    Ok(bytes)
}

/// Reads a text of at most `most` bytes.
pub fn read_text(path: &Path, most: u64) -> Result<String, String> {
    let bytes = read(path, most)?;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err("begins with a byte order mark (BOM, the bytes ef bb bf): save it as UTF-8 without one".into());
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("is UTF-16: save it as UTF-8".into());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("is not UTF-8: byte {at} is {:02x}", error.as_bytes()[at])
    })
}

fn other_than_a_file(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some("a folder")
    } else {
        Some(special(kind))
    }
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// Tests of this workspace read the vectors under WASI too.
#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "a device"
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn only_regular_files_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::create_dir(path("folder")).unwrap();
        assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
        let _listener = UnixListener::bind(path("socket")).unwrap();
        symlink("/dev/zero", path("zero")).unwrap();
        symlink("nowhere", path("dangling")).unwrap();
        for (name, said) in [
            ("folder", "is a folder, and must be a regular file"),
            ("pipe", "is a named pipe"),
            ("socket", "is a socket"),
            ("zero", "is a device"),
            ("dangling", "cannot be read: No such file"),
        ] {
            let error = read(&path(name), MIB).unwrap_err();
            assert!(error.contains(said), "{name}: {error}");
        }
        fs::write(path("file"), vec![b' '; 1 << 20]).unwrap();
        symlink(path("file"), path("link")).unwrap();
        assert_eq!(read(&path("link"), MIB).unwrap().len(), 1 << 20);
        fs::write(path("file"), vec![b' '; (1 << 20) + 1]).unwrap();
        assert_eq!(read(&path("file"), MIB).unwrap_err(), "is larger than 1 MiB, the limit for such a file");
    }

    #[test]
    fn text_is_utf_8_without_a_mark() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("text");
        for (bytes, said) in [
            (&b"\xef\xbb\xbf{}"[..], "byte order mark (BOM"),
            (b"\xff\xfe{\0}\0", "is UTF-16"),
            (b"a\xe4b", "is not UTF-8: byte 1 is e4"),
        ] {
            fs::write(&path, bytes).unwrap();
            let error = read_text(&path, MIB).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
