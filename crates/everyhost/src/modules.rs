//! The modules: how each is built, and which vectors it is asked.

use std::path::{Path, PathBuf};

use vectors::model::Face;

/// How a module's crate becomes a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A cdylib without imports.
    Raw,
    /// Through wasm-bindgen; the name is that of the files in `pkg/`.
    Bindgen {
        /// Such as `token_signer`.
        out_name: &'static str,
    },
}

/// One module of the workspace.
#[derive(Debug, Clone, Copy)]
pub struct Module {
    /// What hosts.toml calls it.
    pub name: &'static str,
    /// The cargo package.
    pub package: &'static str,
    /// A profile of the root Cargo.toml.
    pub profile: &'static str,
    /// Cargo features that are turned on; no others are, not the default ones either.
    pub features: &'static [&'static str],
    /// Wasm target features that are turned on beyond the target's own, such as `+simd128`.
    pub target_features: &'static str,
    /// Cfgs that are set for every crate of the build, such as `sha2_backend_soft="compact"`.
    pub cfgs: &'static [&'static str],
    /// What rustc is told in the last step alone, in which it optimizes all crates as one.
    pub last_step: &'static [&'static str],
    /// What happens after cargo.
    pub kind: Kind,
    /// Which suites it is asked.
    pub faces: &'static [Face],
}

/// SHA-512 as a loop instead of 80 rounds written out, with SIMD too: 9 KB less, and a third longer for each byte.
pub(crate) const SMALL_SHA_512: &[&str] = &["sha2_backend=\"soft\"", "sha2_backend_soft=\"compact\""];

/// What gains by being inlined was inlined when its crate was compiled. Doing it again over all crates takes 700 bytes
/// more, and nothing gets faster.
const LAST_STEP: &[&str] = &["-Cllvm-args=-inline-threshold=5"];

/// The same. The level of the last step decides for all crates whether LLVM makes vectors of what is written without
/// them, and rustc lets it at 3 only: at `s` a batch takes a quarter longer.
const LAST_STEP_OF_VECTORS: &[&str] = &["-Copt-level=3", "-Cllvm-args=-inline-threshold=5"];

/// Every module, in the order in which they are built and listed.
pub const MODULES: &[Module] = &[
    Module {
        name: "signer-raw",
        package: "token-signer",
        profile: "wasm",
        features: &[],
        target_features: "",
        cfgs: &[],
        last_step: LAST_STEP,
        kind: Kind::Raw,
        faces: &[Face::Signer, Face::SignerAbi],
    },
    Module {
        name: "signer-raw-simd",
        package: "token-signer",
        profile: "wasm",
        features: &[],
        target_features: "+simd128",
        cfgs: &[],
        last_step: LAST_STEP_OF_VECTORS,
        kind: Kind::Raw,
        faces: &[Face::Signer, Face::SignerAbi],
    },
    Module {
        name: "signer-lanes",
        package: "token-signer-lanes",
        profile: "wasm-lanes",
        features: &[],
        target_features: "+simd128",
        cfgs: &[],
        last_step: &[],
        kind: Kind::Raw,
        faces: &[Face::Signer, Face::SignerAbi],
    },
    Module {
        name: "signer-lanes-relaxed",
        package: "token-signer-lanes",
        profile: "wasm-lanes",
        features: &[],
        target_features: "+simd128,+relaxed-simd",
        cfgs: &[],
        last_step: &[],
        kind: Kind::Raw,
        faces: &[Face::Signer, Face::SignerAbi],
    },
    Module {
        name: "signer-bindgen",
        package: "token-signer-bindgen",
        profile: "wasm",
        features: &[],
        target_features: "",
        cfgs: &[],
        last_step: &[],
        kind: Kind::Bindgen {
            out_name: "token_signer",
        },
        faces: &[Face::Signer],
    },
    Module {
        name: "signer-small",
        package: "token-signer-small",
        profile: "wasm-size",
        features: &["verify"],
        target_features: "",
        cfgs: SMALL_SHA_512,
        last_step: &[],
        kind: Kind::Raw,
        faces: &[Face::Signer, Face::SignerAbi],
    },
    Module {
        name: "signer-small-fast",
        package: "token-signer-small",
        profile: "wasm",
        features: &["verify"],
        target_features: "",
        cfgs: SMALL_SHA_512,
        last_step: &[],
        kind: Kind::Raw,
        faces: &[Face::Signer, Face::SignerAbi],
    },
    Module {
        name: "signer-small-sign",
        package: "token-signer-small",
        profile: "wasm-size",
        features: &[],
        target_features: "",
        cfgs: SMALL_SHA_512,
        last_step: &[],
        kind: Kind::Raw,
        faces: &[Face::Signer, Face::SignerAbi],
    },
    Module {
        name: "add-raw",
        package: "c-linked-add",
        profile: "wasm",
        features: &[],
        target_features: "",
        cfgs: &[],
        last_step: &[],
        kind: Kind::Raw,
        faces: &[Face::Adder, Face::AdderAbi],
    },
    Module {
        name: "add-bindgen",
        package: "c-linked-add",
        profile: "wasm",
        features: &["bindgen"],
        target_features: "",
        cfgs: &[],
        last_step: &[],
        kind: Kind::Bindgen {
            out_name: "c_linked_add",
        },
        faces: &[Face::Adder],
    },
];

/// The signer again, optimized for size: for `everyhost size` and its budgets, and for whoever needs them. No
/// host is asked about them.
pub const SIZE_BUILDS: &[Module] = &[
    Module {
        name: "signer-raw-size",
        package: "token-signer",
        profile: "wasm-size",
        features: &[],
        target_features: "",
        cfgs: SMALL_SHA_512,
        last_step: &[],
        kind: Kind::Raw,
        faces: &[],
    },
    Module {
        name: "signer-raw-simd-size",
        package: "token-signer",
        profile: "wasm-size",
        features: &[],
        target_features: "+simd128",
        cfgs: SMALL_SHA_512,
        last_step: &[],
        kind: Kind::Raw,
        faces: &[],
    },
];

/// Builds that only tests need, under `target/fixtures`.
pub const FIXTURES: &[Module] = &[
    // Keeps its secrets in memory, so that the test which looks for them there has something to find.
    Module {
        name: "signer-bindgen-unscrubbed",
        package: "token-signer-bindgen",
        profile: "wasm",
        features: &["without-scrub"],
        target_features: "",
        cfgs: &[],
        last_step: &[],
        kind: Kind::Bindgen {
            out_name: "token_signer",
        },
        faces: &[],
    },
    // Its time and its way depend on the secret, so that the checkers of both have something to find.
    Module {
        name: "signer-raw-planted-leak",
        package: "token-signer",
        profile: "wasm",
        features: &["planted-leak"],
        target_features: "",
        cfgs: &[],
        last_step: LAST_STEP,
        kind: Kind::Raw,
        faces: &[],
    },
    // Its `wipe` does nothing, for the same test.
    Module {
        name: "signer-small-unwiped",
        package: "token-signer-small",
        profile: "wasm-size",
        features: &["verify", "without-wipe"],
        target_features: "",
        cfgs: SMALL_SHA_512,
        last_step: &[],
        kind: Kind::Raw,
        faces: &[],
    },
    Module {
        name: "signer-lanes-unscrubbed",
        package: "token-signer-lanes",
        profile: "wasm-lanes",
        features: &["without-scrub"],
        target_features: "+simd128",
        cfgs: &[],
        last_step: &[],
        kind: Kind::Raw,
        faces: &[],
    },
    Module {
        name: "signer-lanes-relaxed-unscrubbed",
        package: "token-signer-lanes",
        profile: "wasm-lanes",
        features: &["without-scrub"],
        target_features: "+simd128,+relaxed-simd",
        cfgs: &[],
        last_step: &[],
        kind: Kind::Raw,
        faces: &[],
    },
    // The option against faults of the machine, for whoever wants it.
    Module {
        name: "signer-lanes-verifying",
        package: "token-signer-lanes",
        profile: "wasm-lanes",
        features: &["verify-after-sign"],
        target_features: "+simd128",
        cfgs: &[],
        last_step: &[],
        kind: Kind::Raw,
        faces: &[],
    },
    Module {
        name: "signer-lanes-relaxed-verifying",
        package: "token-signer-lanes",
        profile: "wasm-lanes",
        features: &["verify-after-sign"],
        target_features: "+simd128,+relaxed-simd",
        cfgs: &[],
        last_step: &[],
        kind: Kind::Raw,
        faces: &[],
    },
];

/// A module that is written as text, and made as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextModule {
    /// What hosts.toml calls it.
    pub name: &'static str,
    /// Its text, from the root of the workspace.
    pub file: &'static str,
    /// Which suites it is asked.
    pub faces: &'static [Face],
}

/// No product, but what hosts are asked about themselves.
pub const PROBE: TextModule = TextModule {
    name: "probe",
    file: "hosts/probe/probe.wat",
    faces: &[Face::Probe],
};

/// No product either: a signer that traps or refuses on demand, for the tests of the wrappers. It goes to `target/fixtures`.
pub const FAULTY: TextModule = TextModule {
    name: "signer-faulty",
    file: "hosts/fixtures/signer-faulty.wat",
    faces: &[],
};

/// What hosts.toml calls the code that is compiled into an adapter: no module, the same operations.
pub const NATIVE: &str = "native";

/// Which suites [`NATIVE`] is asked.
pub const NATIVE_FACES: &[Face] = &[Face::Signer, Face::Adder];

/// What not every signer exports: those made for batches do not verify, and the small ones have no batches.
#[must_use]
pub fn lacks(name: &str) -> &'static [&'static str] {
    match name {
        "signer-lanes" | "signer-lanes-relaxed" => &["verify", "verify_strict"],
        "signer-small" | "signer-small-fast" => &["allocate_batch", "sign_batch", "get_batch_signatures_ptr"],
        "signer-small-sign" => &[
            "verify",
            "verify_strict",
            "allocate_batch",
            "sign_batch",
            "get_batch_signatures_ptr",
        ],
        _ => &[],
    }
}

/// Modules about which every row is asked a few cases of each suite, unless told to do `--all`. The wrappers are the same
/// as for signer-raw, and signer-raw-simd is its source too; the others build a table for each case first, which takes as
/// long as hundreds of signatures.
pub const FEW: &[&str] = &[
    "signer-raw-simd",
    "signer-lanes",
    "signer-lanes-relaxed",
    "signer-small",
    "signer-small-fast",
    "signer-small-sign",
];

/// Which suites the module of this name is asked. One that is not in the workspace is a file of the user's.
#[must_use]
pub fn faces_of(name: &str) -> &'static [Face] {
    if name == NATIVE {
        return NATIVE_FACES;
    }
    if name == PROBE.name {
        return PROBE.faces;
    }
    MODULES
        .iter()
        .find(|module| module.name == name)
        .map_or(&[Face::Own], |module| module.faces)
}

/// The names that a row's `modules` may use.
#[must_use]
pub fn module_names() -> Vec<&'static str> {
    let built = MODULES.iter().map(|module| module.name);
    built.chain([PROBE.name, NATIVE]).collect()
}

/// Where the built modules are: `target/modules` in the workspace.
#[must_use]
pub fn modules_dir(root: &Path) -> PathBuf {
    root.join("target/modules")
}
