//! The chapter's own code still does what the chapter says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Cargo, in a listing, with its products under the workspace's target/.
fn cargo(listing: &Path, args: &[&str]) -> Command {
    cargo_into(listing, &root().join("target/chapter"), args)
}

fn cargo_into(listing: &Path, target: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command
        .args(args)
        .args(["--locked", "--quiet", "--target-dir"])
        .arg(target)
        .env("CARGO_ENCODED_RUSTFLAGS", "-Awarnings")
        .current_dir(listing);
    command
}

#[test]
fn its_test_passes() {
    let output = cargo(&root().join("docs/listings/chapter/token-signer"), &["test"]).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{stdout}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(stdout.contains("1 passed; 0 failed"), "{stdout}");
}

/// The chapter's clang line has no `-c`: what it puts into the archive is a finished module without `add`.
#[test]
fn its_clang_line_leaves_add_an_import() {
    let crate_ = LinkedAdd::new("as-printed");
    run(Command::new("sh").arg(crate_.folder.join("build-libadd.sh")));
    run(&mut crate_.build());
    assert_eq!(crate_.seen_by_a_host(), "env.add is wanted; add_numbers(2, 3) is the host's answer");
}

#[test]
fn its_c_library_is_linked_in() {
    let crate_ = LinkedAdd::new("compiled");
    run(crate_.command("clang").args(["-Oz", "--target=wasm32", "-c", "-o", "add.o", "add.c"]));
    run(crate_.command("llvm-ar").args(["rc", "libadd.a", "add.o"]));
    run(&mut crate_.build());
    assert_eq!(crate_.seen_by_a_host(), "nothing is wanted; add_numbers(2, 3) is 5");
}

#[test]
fn without_its_c_library_it_does_not_build() {
    let output = LinkedAdd::new("missing").build().output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "it builds");
    assert!(stderr.contains("unable to find library -ladd"), "{stderr}");
}

/// A copy of the chapter's crate, because the chapter puts libadd.a beside Cargo.toml, and sources are no place for products.
struct LinkedAdd {
    folder: PathBuf,
    target: PathBuf,
    _scratch: tempfile::TempDir,
}

impl LinkedAdd {
    /// `name` keeps the products apart, so that no test sees what another one has built.
    fn new(name: &str) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().to_path_buf();
        let listing = root().join("docs/listings/chapter/c-linked-add");
        fs::create_dir(folder.join("src")).unwrap();
        for file in ["Cargo.toml", "Cargo.lock", "build.rs", "add.c", "build-libadd.sh", "src/lib.rs"] {
            fs::copy(listing.join(file), folder.join(file)).unwrap();
        }
        Self { folder, target: root().join("target/chapter/c-linked-add").join(name), _scratch: scratch }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder);
        command
    }

    fn build(&self) -> Command {
        let args = ["build", "--release", "--target", "wasm32-unknown-unknown"];
        cargo_into(&self.folder, &self.target, &args)
    }

    /// Which functions of C's the module wants of its host, and what it adds 2 and 3 to. The host's `add` returns 1000.
    fn seen_by_a_host(&self) -> String {
        let script = "
            const module = new WebAssembly.Module(require('node:fs').readFileSync(process.argv[1]));
            const wanted = WebAssembly.Module.imports(module);
            const imports = {};
            for (const { module, name } of wanted) (imports[module] ??= {})[name] = () => 1000;
            // Before wasm-bindgen has run, a hash is at the end of the name.
            const { exports } = new WebAssembly.Instance(module, imports);
            const sum = Object.entries(exports).find(([name]) => name.startsWith('add_numbers'))[1](2, 3);
            const ofC = wanted.filter(({ module }) => module === 'env').map(({ name }) => `env.${name} is`);
            console.log(`${ofC.join(', ') || 'nothing is'} wanted; add_numbers(2, 3) is ${sum === 1000 ? \"the host's answer\" : sum}`);
        ";
        let module = self.target.join("wasm32-unknown-unknown/release/c_linked_add.wasm");
        let output = Command::new("node").args(["--eval", script]).arg(module).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
}
