//! From everything whole to the smallest signer, one step after the other: token-signer-small, with features that put
//! back what it leaves out.

use anyhow::{Context, Result};
use everyhost::modules::{Module, Purpose};

/// Name; what was done beyond the step before; features, and `loop` if SHA-512 is one. The last two are modules of the
/// workspace, except for their names.
const STEPS: &str = "\
whole | RFC 8032's steps on curve25519-dalek and sha2, with std, opt-level s | verify std whole-product whole-reduction whole-table whole-verify whole-hash
table | the base point's table is made when it is needed | verify std whole-product whole-reduction whole-verify whole-hash
no-std | without std: no allocator, no text for panics; the message lies at __heap_base | verify whole-product whole-reduction whole-verify whole-hash
loop | SHA-512 as a loop instead of 80 rounds written out | verify whole-product whole-reduction whole-verify whole-hash loop
block | SHA-512 straight over sha2's block function | verify whole-product whole-reduction whole-verify loop
reduction | every scalar is reduced in one way | verify whole-product whole-verify loop
verify | S·B − k·A with a table that is made when it is needed | verify whole-product loop
product | a product of plain integers: this is signer-small | verify loop
sign | without verifying: this is signer-small-sign | loop";

/// The steps in order, made like signer-small.
pub(super) fn steps(modules: &[&Module]) -> Result<Vec<Module>> {
    let small = modules.iter().find(|module| module.name == "signer-small");
    let small = small.context("there is no signer-small, the module that the steps lead to")?;
    let step = |line: &str| {
        let [name, how, features] = line.split(" | ").collect::<Vec<_>>()[..] else { panic!("three parts: {line}") };
        let (loops, features): (Vec<&str>, Vec<&str>) = features.split(' ').partition(|feature| *feature == "loop");
        Module {
            name: name.to_owned(),
            about: how.to_owned(),
            purpose: Purpose::Fixture,
            features: features.into_iter().map(str::to_owned).collect(),
            cfgs: if loops.is_empty() { Vec::new() } else { small.cfgs.clone() },
            ..(**small).clone()
        }
    };
    Ok(STEPS.lines().map(step).collect())
}

#[cfg(test)]
mod tests {
    use everyhost::modules;

    use super::*;

    #[test]
    fn each_step_takes_something_away_and_the_last_are_the_modules() {
        let modules = modules::parse(include_str!("../../../modules.toml")).unwrap();
        let steps = steps(&modules.iter().collect::<Vec<_>>()).unwrap();
        for pair in steps.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            assert!(after.features.iter().all(|feature| before.features.contains(feature)));
            let changed =
                usize::from(after.features.len() != before.features.len()) + usize::from(after.cfgs != before.cfgs);
            assert_eq!(changed, 1, "one change from {} to {}", before.name, after.name);
        }
        for (step, name) in steps[steps.len() - 2..].iter().zip(["signer-small", "signer-small-sign"]) {
            let module = modules.iter().find(|module| module.name == name).unwrap();
            let what = |module: &Module| {
                (module.package.clone(), module.profile.clone(), module.features.clone(), module.cfgs.clone())
            };
            assert_eq!(what(step), what(module));
        }
    }
}
