//! Bytes as people write them: `{"text": "héllo"}`, `{"base64": "AP8="}` and `{"file": "in.png"}` become hex when a file of
//! vectors is read, so that nobody else needs to know these forms.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::file::{self, MIB};

/// The most bytes that one file beside the vectors may have.
const MOST_OF_A_FILE: u64 = 32 * MIB;

/// The most bytes that all cases of a file of vectors may take from files, counted each time they do.
const MOST_TOGETHER: u64 = 128 * MIB;

/// The files beside a file of vectors, each read once.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// The folder of the file of vectors.
    dir: PathBuf,
    read: BTreeMap<String, String>,
    bytes: u64,
}

impl Files {
    pub(crate) fn beside(path: &Path) -> Self {
        Self { dir: path.parent().unwrap_or(Path::new("")).to_path_buf(), ..Self::default() }
    }

    /// The hex that is meant, if the bytes are written in one of the forms of this module.
    pub(crate) fn hex(&mut self, json: &Json) -> Option<Result<String, String>> {
        let fields = json.as_object().filter(|fields| fields.len() == 1)?;
        let (form, text) = fields.iter().next()?;
        let decode = match form.as_str() {
            "text" => |_: &mut Self, text: &str| Ok(hex::encode(text)),
            "base64" => |_: &mut Self, text: &str| base64(text),
            "file" => Self::file,
            _ => return None,
        };
        Some(match text.as_str() {
            Some(text) => decode(self, text).map_err(|wrong| format!("{form:?}: {wrong}")),
            None => Err(format!("{form:?} is followed by text, not {text}")),
        })
    }

    fn file(&mut self, name: &str) -> Result<String, String> {
        if !self.read.contains_key(name) {
            let hex = hex::encode(self.read(name).map_err(|wrong| format!("{name:?} {wrong}"))?);
            self.read.insert(name.to_owned(), hex);
        }
        let hex = self.read[name].clone();
        self.bytes += hex.len() as u64 / 2;
        if self.bytes > MOST_TOGETHER {
            return Err(format!("with {name:?}, the cases take more than {} MiB from files", MOST_TOGETHER / MIB));
        }
        Ok(hex)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let path = Path::new(name);
        if name.is_empty() || !file::is_below(path) {
            return Err(
                "must be the name of a file below the folder of these vectors, without .. and not absolute".into()
            );
        }
        let path = self.dir.join(path);
        let real = |path: &Path| fs::canonicalize(path).map_err(|error| format!("cannot be read: {error}"));
        let dir = if self.dir.as_os_str().is_empty() { Path::new(".") } else { &self.dir };
        if !real(&path)?.starts_with(real(dir)?) {
            return Err(
                "is a symbolic link that leads out of the folder of these vectors: copy the file instead".into()
            );
        }
        file::read(&path, MOST_OF_A_FILE)
    }
}

fn base64(text: &str) -> Result<String, String> {
    let bytes = STANDARD.decode(text).map_err(|error| {
        format!("{error}; it is the standard alphabet, with + and /, padded with = to a multiple of 4 characters")
    })?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use serde_json::json;

    use super::*;
    use crate::fixture::{assert_has, table};

    #[test]
    fn what_people_write_becomes_hex() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("vectors");
        fs::create_dir_all(dir.join("sub")).unwrap();
        fs::write(dir.join("sub/in.bin"), b"\0\xff").unwrap();
        fs::write(folder.path().join("outside"), b"secret").unwrap();
        symlink("../outside", dir.join("out")).unwrap();
        symlink("sub/in.bin", dir.join("in")).unwrap();
        let mut files = Files::beside(&dir.join("a.json"));
        let rows = r#"
            {"text":"h\u00e9"} => 68c3a9
            {"base64":"AP8="} => 00ff
            {"file":"sub/in.bin"} => 00ff
            {"file":"in"} => 00ff
            {"text":1} => "text" is followed by text, not 1
            {"base64":"AP8"} => "base64": Invalid padding
            {"base64":"A_8="} => Invalid symbol 95, offset 1.; it is the standard alphabet
            {"file":"none.bin"} => "file": "none.bin" cannot be read: No such file
            {"file":"../outside"} => "../outside" must be the name of a file below the folder
            {"file":"/etc/passwd"} => and not absolute
            {"file":""} => must be the name
            {"file":"out"} => "out" is a symbolic link that leads out of the folder
            {"file":"sub"} => "sub" is a folder, and must be a regular file
        "#;
        for (written, said) in table(rows) {
            match files.hex(&serde_json::from_str(written).unwrap()).unwrap() {
                Ok(hex) => assert_eq!(hex, said),
                Err(wrong) => assert_has(wrong, said),
            }
        }
        assert_eq!(files.hex(&json!("00")), None);
        assert_eq!(files.hex(&json!({"repeat": "00", "times": 2})), None);
    }

    #[test]
    fn files_are_counted_each_time() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("big"), vec![0; 30 << 20]).unwrap();
        let mut files = Files::beside(&folder.path().join("a.json"));
        let big = json!({"file": "big"});
        let read = std::iter::from_fn(|| files.hex(&big)).take(5).filter(Result::is_ok).count();
        assert_eq!(read, 4);
        assert_has(files.hex(&big).unwrap().unwrap_err(), "the cases take more than 128 MiB from files");
    }
}
