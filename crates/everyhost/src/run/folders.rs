//! The folders that a program of WASI is given: made for one request, looked at after its answer, and removed.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;
use vectors::Bytes;
use vectors::answer::Answer;
use vectors::ops::Op;
use vectors::wasi::{Dir, File};

/// What a program may leave behind in all of its folders, in bytes and in files: more is its mistake, or meant badly.
const MOST_BYTES: u64 = 8 << 20;
const MOST_FILES: usize = 4096;

/// One temporary folder, with a folder in it for each that the program is given.
#[derive(Debug)]
pub(crate) struct Folders {
    made: TempDir,
    count: usize,
}

impl Folders {
    /// The folders that the operation needs, if it is a program, and the operation with their paths in it.
    pub(crate) fn make(op: &Op) -> io::Result<Option<(Self, Op)>> {
        let Op::Wasi(program) = op else { return Ok(None) };
        let made = tempfile::Builder::new().prefix("everyhost-wasi-").tempdir()?;
        let mut asked = program.clone();
        for (at, dir) in asked.dirs.iter_mut().enumerate() {
            let host = made.path().join(at.to_string());
            fs::create_dir(&host)?;
            for file in &dir.files {
                write(&host, file)?;
            }
            *dir = Dir { guest: dir.guest.clone(), host: Some(host.display().to_string()), files: Vec::new() };
        }
        Ok(Some((Self { made, count: program.dirs.len() }, Op::Wasi(asked))))
    }

    /// Adds what is in the folders now to an answer that a program gave. Why that can't be told, if so.
    pub(crate) fn look(&self, answer: &mut Answer) -> Result<(), String> {
        let Answer::Ok { ok } = answer else { return Ok(()) };
        let mut left = Left::default();
        let mut dirs = Vec::new();
        for at in 0..self.count {
            let mut files = Vec::new();
            let root = self.made.path().join(at.to_string());
            left.list(&root, "", &mut files)
                .map_err(|error| format!("what the program left cannot be read: {error}"))?;
            files.sort_by(|one: &File, other| one.path.cmp(&other.path));
            dirs.push(files.into_iter().map(File::answered).collect());
        }
        ok.dirs = Some(dirs);
        Ok(())
    }
}

fn write(root: &Path, file: &File) -> io::Result<()> {
    let path = root.join(&file.path);
    fs::create_dir_all(path.parent().unwrap_or(root))?;
    match file {
        File { bytes: Some(bytes), .. } => fs::write(path, bytes.to_vec()),
        File { link: Some(link), .. } => symlink(link, path),
        _ => fs::create_dir_all(path),
    }
}

/// Everything that is below a folder.
pub(crate) fn read_folder(folder: &Path) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    Left::default().list(folder, "", &mut files)?;
    Ok(files)
}

struct Left {
    bytes: u64,
    files: usize,
}

impl Default for Left {
    fn default() -> Self {
        Self { bytes: MOST_BYTES, files: MOST_FILES }
    }
}

impl Left {
    /// Everything below a folder; symbolic links are not followed.
    fn list(&mut self, folder: &Path, within: &str, files: &mut Vec<File>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            self.files = self.files.checked_sub(1).ok_or_else(|| io::Error::other("there are too many files"))?;
            let path = format!("{within}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_symlink() {
                let link = fs::read_link(entry.path())?.display().to_string();
                files.push(File { path, link: Some(link), ..File::default() });
            } else if kind.is_dir() {
                files.push(File { path: path.clone(), dir: true, ..File::default() });
                self.list(&entry.path(), &format!("{path}/"), files)?;
            } else if kind.is_file() {
                let mut bytes = Vec::new();
                fs::File::open(entry.path())?.take(self.bytes + 1).read_to_end(&mut bytes)?;
                let rest = self.bytes.checked_sub(bytes.len() as u64);
                self.bytes = rest.ok_or_else(|| io::Error::other(format!("there are more than {MOST_BYTES} bytes")))?;
                files.push(File { path, bytes: Some(Bytes::from(bytes)), ..File::default() });
            } else {
                return Err(io::Error::other(format!("{path} is neither a file nor a folder nor a link")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vectors::answer::Output;

    use super::*;

    fn op(files: serde_json::Value) -> Op {
        serde_json::from_value(json!({"op": "wasi", "in": {"dirs": [{"guest": "/", "files": files}]}})).unwrap()
    }

    #[test]
    fn what_is_made_is_found_again() {
        let files =
            json!([{"path": "a/b", "bytes": "6869"}, {"path": "empty", "dir": true}, {"path": "l", "link": "../x"}]);
        let (folders, asked) = Folders::make(&op(files)).unwrap().unwrap();
        let Op::Wasi(asked) = asked else { panic!("another operation") };
        let host = asked.dirs[0].host.clone().unwrap();
        assert_eq!(fs::read(Path::new(&host).join("a/b")).unwrap(), b"hi");
        fs::write(Path::new(&host).join("new"), "x").unwrap();
        let mut answer = Answer::ok(Output::default());
        folders.look(&mut answer).unwrap();
        let expected = json!([[{"path": "a", "dir": true}, {"path": "a/b", "bytes": "6869"}, {"path": "empty", "dir": true},
            {"path": "l", "link": "../x"}, {"path": "new", "bytes": "78"}]]);
        assert_eq!(serde_json::to_value(&answer).unwrap()["ok"]["dirs"], expected);
        drop(folders);
        assert!(!Path::new(&host).exists());
    }

    #[test]
    fn too_much_is_an_error() {
        let (folders, asked) = Folders::make(&op(json!([]))).unwrap().unwrap();
        let Op::Wasi(asked) = asked else { panic!("another operation") };
        let host = asked.dirs[0].host.clone().unwrap();
        fs::File::create(Path::new(&host).join("large")).unwrap().set_len(MOST_BYTES + 1).unwrap();
        let why = folders.look(&mut Answer::ok(Output::default())).unwrap_err();
        assert!(why.contains("more than 8388608 bytes"), "{why}");
    }
}
