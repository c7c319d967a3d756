//! Whether what was timed was right: every signature of everyone, in every engine, is the same as all the others'.

use std::collections::BTreeMap;

use super::engine::{Config, Engine, Lane, Outcome};
use super::lineup;

/// How many faults are told; one wrong contestant has a thousand of them.
const MOST_FAULTS: usize = 5;

/// What is wrong, in words; empty where everything is right.
pub(super) fn faults(outcomes: &[(Engine, Outcome)], config: &Config) -> Vec<String> {
    let lanes: Vec<(String, &Lane)> = outcomes
        .iter()
        .flat_map(|(engine, outcome)| {
            outcome
                .lanes
                .iter()
                .map(move |lane| (format!("{engine}'s {}", lane.id), lane))
        })
        .collect();
    let mut faults: Vec<String> = lanes
        .iter()
        .filter_map(|(name, lane)| malformed(name, lane, config))
        .collect();
    if lanes.len() < 2 {
        faults.push(format!("{} signed: there is nobody to compare with", lanes.len()));
    }
    if !faults.is_empty() {
        return faults;
    }
    for (name, lane) in &lanes {
        faults.extend(lane.changed.iter().map(|changed| {
            let (now, before) = (&changed.signature, lane.signatures.get(changed.message));
            format!(
                "{name} signed hello{} with {} while the clock ran, and with {} before",
                changed.message,
                now,
                before.map_or("nothing", String::as_str)
            )
        }));
    }
    faults.extend((0..config.messages).filter_map(|message| disagreement(&lanes, message)));
    let more = faults.len().saturating_sub(MOST_FAULTS);
    faults.truncate(MOST_FAULTS);
    if more > 0 {
        faults.push(format!("and {more} more like these"));
    }
    faults
}

/// What is wrong with the form of what a contestant handed over.
fn malformed(name: &str, lane: &Lane, config: &Config) -> Option<String> {
    if lineup::find(&lane.id).is_none() {
        return Some(format!("{name} is nobody that the lineup knows"));
    }
    if lane.signatures.len() != config.messages {
        return Some(format!(
            "{name} gave {} signatures for {} messages",
            lane.signatures.len(),
            config.messages
        ));
    }
    let is_signature = |hex: &String| hex.len() == 128 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(message) = lane.signatures.iter().position(|hex| !is_signature(hex)) {
        return Some(format!(
            "{name} gave {:?} for hello{message}, which is no signature",
            lane.signatures[message]
        ));
    }
    for times in std::iter::once(&lane.samples_us).chain(&lane.cpu_samples_us) {
        if times.len() != config.rounds || !times.iter().all(|us| us.is_finite() && *us > 0.0) {
            return Some(format!(
                "{name} should have {} times, all above 0: {times:?}",
                config.rounds
            ));
        }
    }
    None
}

/// Who gives what, where not everyone gives the same signature of a message.
fn disagreement(lanes: &[(String, &Lane)], message: usize) -> Option<String> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, lane) in lanes {
        groups.entry(&lane.signatures[message]).or_default().push(name);
    }
    if groups.len() < 2 {
        return None;
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, names)| names.len());
    let told: Vec<_> = groups
        .iter()
        .map(|(signature, names)| format!("\n  {signature} from {}", names.join(", ")))
        .collect();
    Some(format!(
        "hello{message} has {} signatures:{}",
        groups.len(),
        told.concat()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::engine::Changed;
    use crate::bench::{config_for_tests, outcome};

    fn two_engines() -> Vec<(Engine, Outcome)> {
        vec![
            (
                Engine::Node,
                outcome(&[("held", 60.0), ("tweetnacl", 8000.0)], 30),
            ),
            (
                Engine::Wasmtime,
                outcome(&[("held", 60.0), ("native-held", 26.0)], 30),
            ),
        ]
    }

    fn judged(change: impl FnOnce(&mut Vec<(Engine, Outcome)>)) -> Vec<String> {
        let mut outcomes = two_engines();
        change(&mut outcomes);
        faults(&outcomes, &config_for_tests(30))
    }

    #[test]
    fn equal_signatures_are_right() {
        assert_eq!(judged(|_| ()), Vec::<String>::new());
    }

    #[test]
    fn one_wrong_signature_among_all_is_found_and_its_maker_named() {
        let faults = judged(|outcomes| outcomes[1].1.lanes[0].signatures[17] = "f".repeat(128));
        assert_eq!(faults.len(), 1);
        assert!(
            faults[0].starts_with(&format!(
                "hello17 has 2 signatures:\n  {} from wasmtime's held\n  ",
                "f".repeat(128)
            )),
            "{faults:?}"
        );
    }

    #[test]
    fn a_contestant_that_is_always_wrong_is_told_briefly() {
        let faults = judged(|outcomes| outcomes[0].1.lanes[1].signatures.fill("0".repeat(127) + "f"));
        assert_eq!(faults.len(), MOST_FAULTS + 1);
        assert!(faults[0].contains("node's tweetnacl"), "{faults:?}");
        assert_eq!(faults[MOST_FAULTS], "and 24 more like these");
    }

    #[test]
    fn a_signature_that_was_wrong_while_the_clock_ran_counts() {
        let faults = judged(|outcomes| {
            let changed = Changed {
                message: 3,
                signature: "f".repeat(128),
            };
            outcomes[0].1.lanes[0].changed.push(changed);
        });
        assert!(
            faults[0].starts_with("node's held signed hello3 with ffffffffffffffff"),
            "{faults:?}"
        );
    }

    #[test]
    fn what_is_missing_or_of_the_wrong_form_is_a_fault() {
        let one = |change: fn(&mut Lane)| judged(|outcomes| change(&mut outcomes[0].1.lanes[0])).remove(0);
        assert!(one(|lane| lane.signatures.truncate(29)).contains("29 signatures for 30"));
        assert!(one(|lane| lane.signatures[2].truncate(126)).contains("which is no signature"));
        assert!(one(|lane| lane.samples_us.truncate(2)).contains("should have 3 times"));
        assert!(one(|lane| lane.samples_us[0] = f64::NAN).contains("should have 3 times"));
        assert!(one(|lane| lane.cpu_samples_us = Some(vec![1.0, 0.0, 1.0])).contains("should have 3 times"));
        assert!(one(|lane| lane.id = "nobody".to_owned()).contains("nobody that the lineup knows"));
    }

    #[test]
    fn one_alone_proves_nothing() {
        let alone = vec![(Engine::Node, outcome(&[("held", 60.0)], 30))];
        assert!(faults(&alone, &config_for_tests(30))[0].contains("nobody to compare with"));
    }
}
