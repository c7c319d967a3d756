//! The version is the one of Cargo.toml: packages for other languages repeat it, in the form that each has.

use std::fs;
use std::path::Path;

#[test]
fn every_package_has_the_version_of_the_workspace() {
    let version = env!("CARGO_PKG_VERSION");
    let packages = [
        ("hosts/javascript/signer/package.json", format!("\"version\": \"{version}\"")),
        ("hosts/python/pyproject.toml", format!("\nversion = \"{version}\"")),
        ("hosts/java/pom.xml", format!("<artifactId>host-java</artifactId>\n  <version>{version}</version>")),
        ("hosts/csharp/EveryhostSigner/EveryhostSigner.csproj", format!("<Version>{version}</Version>")),
        ("hosts/wasmtime/elsewhere/Cargo.toml", format!("\nversion = \"{version}\"")),
        ("CHANGELOG.md", format!("\n## {version} - ")),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (file, line) in packages {
        let text = fs::read_to_string(root.join(file)).expect("a package");
        assert!(text.contains(&line), "{file} has no {line:?}: its version must be that of Cargo.toml");
    }
}
