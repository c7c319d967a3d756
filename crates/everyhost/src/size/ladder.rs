//! From everything whole to the smallest signer, one step after the other: token-signer-small, with features that put
//! back what it leaves out.

use crate::modules::{Kind, Module, SMALL_SHA_512};

/// A build, and what was done beyond the one before it.
pub(super) struct Step {
    pub(super) module: Module,
    pub(super) how: &'static str,
}

const fn step(
    name: &'static str,
    features: &'static [&'static str],
    cfgs: &'static [&'static str],
    how: &'static str,
) -> Step {
    Step {
        module: Module {
            name,
            package: "token-signer-small",
            profile: "wasm-size",
            features,
            target_features: "",
            cfgs,
            last_step: &[],
            kind: Kind::Raw,
            faces: &[],
        },
        how,
    }
}

/// In order. The last two are modules of the workspace, but for their names.
pub(super) const LADDER: &[Step] = &[
    step(
        "whole",
        &[
            "verify",
            "std",
            "whole-product",
            "whole-reduction",
            "whole-table",
            "whole-verify",
            "whole-hash",
        ],
        &[],
        "RFC 8032's steps on curve25519-dalek and sha2, with std, opt-level s",
    ),
    step(
        "table",
        &[
            "verify",
            "std",
            "whole-product",
            "whole-reduction",
            "whole-verify",
            "whole-hash",
        ],
        &[],
        "the base point's table is made when it is needed",
    ),
    step(
        "no-std",
        &[
            "verify",
            "whole-product",
            "whole-reduction",
            "whole-verify",
            "whole-hash",
        ],
        &[],
        "without std: no allocator, no text for panics; the message lies at __heap_base",
    ),
    step(
        "loop",
        &[
            "verify",
            "whole-product",
            "whole-reduction",
            "whole-verify",
            "whole-hash",
        ],
        SMALL_SHA_512,
        "SHA-512 as a loop instead of 80 rounds written out",
    ),
    step(
        "block",
        &["verify", "whole-product", "whole-reduction", "whole-verify"],
        SMALL_SHA_512,
        "SHA-512 straight over sha2's block function",
    ),
    step(
        "reduction",
        &["verify", "whole-product", "whole-verify"],
        SMALL_SHA_512,
        "every scalar is reduced in one way",
    ),
    step(
        "verify",
        &["verify", "whole-product"],
        SMALL_SHA_512,
        "S·B − k·A with a table that is made when it is needed",
    ),
    step(
        "product",
        &["verify"],
        SMALL_SHA_512,
        "a product of plain integers: this is signer-small",
    ),
    step(
        "sign",
        &[],
        SMALL_SHA_512,
        "without verifying: this is signer-small-sign",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::MODULES;

    #[test]
    fn each_step_takes_something_away_and_the_last_are_the_modules() {
        for pair in LADDER.windows(2) {
            let (before, after) = (&pair[0].module, &pair[1].module);
            assert!(
                after
                    .features
                    .iter()
                    .all(|feature| before.features.contains(feature))
            );
            let changed = usize::from(after.features.len() != before.features.len())
                + usize::from(after.cfgs != before.cfgs);
            assert_eq!(changed, 1, "one change from {} to {}", before.name, after.name);
        }
        for (step, name) in LADDER[LADDER.len() - 2..]
            .iter()
            .zip(["signer-small", "signer-small-sign"])
        {
            let module = MODULES.iter().find(|module| module.name == name).unwrap();
            let what = |module: &Module| (module.package, module.profile, module.features, module.cfgs);
            assert_eq!(what(&step.module), what(module));
        }
    }
}
