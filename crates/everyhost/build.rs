//! With the feature `bundle`: packs what the tool needs where there is no clone.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "bundle")]
    bundle::pack();
}

#[cfg(feature = "bundle")]
mod bundle {
    use std::collections::BTreeSet;
    use std::fs::{self, File};
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};

    use flate2::{Compression, GzBuilder};

    /// What is always packed, from the root of the workspace. `native` and `wasmtime` are built by cargo from the whole workspace, and
    /// the other languages' hosts need more than a package manager has.
    const WANTED: [&str; 14] = [
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "crates/modules.toml",
        "hosts/browser",
        "hosts/bun",
        "hosts/deno",
        "hosts/go",
        "hosts/hosts.toml",
        "hosts/javascript",
        "hosts/known-gaps.toml",
        "hosts/node",
        "hosts/python",
        "scripts/setup.sh",
        "vectors",
    ];

    /// The modules, if they are built: a tool without them still runs those of its user.
    const BUILT: [&str; 3] = ["target/modules", "target/pkg", "target/component"];

    /// What is made in these folders, and what only their tests and packages need.
    const UNWANTED: [&str; 10] = [
        "__pycache__",
        "bin",
        "digests.txt",
        "node_modules",
        "package",
        "packages.sh",
        "schema.json",
        "test-package.sh",
        "tests",
        "check.sh",
    ];

    /// The file that says that a folder was unpacked, and is no clone: `src/bundle.rs` looks for it.
    const MARK: (&str, &str) = (
        "UNPACKED",
        "Unpacked by everyhost, with the hosts that it set up. You may delete this folder: the next run makes it again.\n",
    );

    /// Writes `bundle.tar.gz`. The same files give the same bytes.
    pub(super) fn pack() {
        let crates = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
        let root = crates.join("../..");
        let mut files = BTreeSet::new();
        for path in WANTED {
            println!("cargo::rerun-if-changed={}", root.join(path).display());
            find(&root.join(path), &mut files);
        }
        println!("cargo::rerun-if-changed={}", root.join(BUILT[0]).display());
        if root.join(BUILT[0]).join("manifest.json").is_file() {
            BUILT.iter().for_each(|path| find(&root.join(path), &mut files));
        } else {
            println!(
                "cargo::warning=the modules aren't built, so this everyhost carries none: run `make modules` first"
            );
        }
        let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("bundle.tar.gz");
        // Without a name and a time.
        let gzip = GzBuilder::new().write(File::create(out).expect("the archive can be made"), Compression::best());
        let mut tar = tar::Builder::new(gzip);
        add(&mut tar, Path::new(MARK.0), MARK.1.as_bytes(), false);
        for file in files {
            let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let is_program = fs::metadata(&file).is_ok_and(|data| data.permissions().mode() & 0o100 != 0);
            add(&mut tar, file.strip_prefix(&root).expect("it was found there"), &bytes, is_program);
        }
        tar.into_inner().and_then(flate2::write::GzEncoder::finish).expect("the archive can be written");
    }

    fn add(tar: &mut tar::Builder<impl std::io::Write>, path: &Path, bytes: &[u8], is_program: bool) {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(if is_program { 0o755 } else { 0o644 });
        tar.append_data(&mut header, path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    fn find(path: &Path, files: &mut BTreeSet<PathBuf>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())) {
                let entry = entry.expect("a folder can be read").path();
                let name = entry.file_name().unwrap_or_default().to_string_lossy();
                let is_made = name.starts_with('.') && name != ".npmrc";
                if !is_made && !UNWANTED.contains(&&*name) && !name.ends_with("_test.go") {
                    find(&entry, files);
                }
            }
        } else if path.is_file() {
            files.insert(path.to_path_buf());
        }
    }
}
