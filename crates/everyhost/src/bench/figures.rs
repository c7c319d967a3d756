//! `bench.json`: from times to figures.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::engine::{Config, Engine, Missing, Outcome};
use super::lineup::{self, BASELINES, EXPECTED_ON_V8, Kind};
use super::machine::Machine;

/// The whole file.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// The version of this shape.
    pub(super) schema: &'static str,
    /// When the figures were ready, UTC.
    pub(super) finished: String,
    pub(super) machine: Machine,
    /// How it was measured.
    pub(super) settings: Settings,
    /// What was measured.
    pub(super) modules: BTreeMap<String, ModuleInfo>,
    pub(super) engines: Vec<EngineFigures>,
    /// Engines that are not here.
    pub(super) left_out: Vec<LeftOut>,
}

#[derive(Debug, Serialize)]
pub(super) struct Settings {
    pub(super) messages: usize,
    pub(super) rounds: usize,
    pub(super) warm_up_ms: u64,
    pub(super) slice_ms: u64,
}

/// A module, as it was measured.
#[derive(Debug, Serialize)]
pub(super) struct ModuleInfo {
    pub(super) sha256: String,
    pub(super) bytes: usize,
}

/// An engine that is not here.
#[derive(Debug, Serialize)]
pub(super) struct LeftOut {
    pub(super) engine: String,
    pub(super) why: String,
}

#[derive(Debug, Serialize)]
pub(super) struct EngineFigures {
    pub(super) engine: String,
    pub(super) version: String,
    pub(super) runtime: String,
    pub(super) clock: Clock,
    /// Fastest first.
    pub(super) contestants: Vec<Figures>,
    pub(super) missing: Vec<Missing>,
    /// What is promised, and what was seen.
    pub(super) expectations: Vec<Expectation>,
}

/// What the times of an engine are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Clock {
    /// The processor's time, of all threads of the process: other programs on the machine do not lengthen it.
    Cpu,
    /// Time that passed. A page can know no other.
    Wall,
}

/// One contestant's. Times are microseconds a signature, by the engine's clock.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    pub(super) messages_a_round: usize,
    pub(super) median_us: f64,
    /// A quarter of the rounds was faster than the first, a quarter slower than the second.
    pub(super) quartiles_us: [f64; 2],
    pub(super) fastest_us: f64,
    pub(super) slowest_us: f64,
    /// The median of the time that passed.
    pub(super) wall_median_us: f64,
    /// By the id of whom it is compared with: the ratio of the medians.
    pub(super) times_as_fast_as: BTreeMap<String, f64>,
}

/// `id` should be at least `at_least` times as fast as `than`. Nothing fails where it is not: speed is shown, and
/// a busy machine changes it.
#[derive(Debug, Serialize)]
pub(super) struct Expectation {
    pub(super) id: String,
    pub(super) than: String,
    pub(super) at_least: f64,
    pub(super) seen: f64,
    pub(super) met: bool,
}

impl Report {
    /// `outcomes` have been judged: every one has as many times as there were rounds.
    pub(super) fn new(
        config: &Config,
        modules: BTreeMap<String, ModuleInfo>,
        machine: Machine,
        outcomes: &[(Engine, Outcome)],
        left_out: Vec<LeftOut>,
    ) -> Self {
        Self {
            schema: "everyhost/bench/1",
            finished: format!("{:.0}", Timestamp::now()),
            machine,
            settings: Settings {
                messages: config.messages,
                rounds: config.rounds,
                warm_up_ms: config.warm_up_ms,
                slice_ms: config.slice_ms,
            },
            modules,
            engines: outcomes
                .iter()
                .map(|(engine, outcome)| EngineFigures::new(*engine, outcome))
                .collect(),
            left_out,
        }
    }
}

impl EngineFigures {
    fn new(engine: Engine, outcome: &Outcome) -> Self {
        let medians: BTreeMap<&str, f64> = outcome
            .lanes
            .iter()
            .map(|lane| (lane.id.as_str(), quantile(lane.times_us(), 0.5)))
            .collect();
        let mut contestants: Vec<Figures> = outcome
            .lanes
            .iter()
            .filter_map(|lane| {
                let known = lineup::find(&lane.id)?;
                let of = |share| quantile(lane.times_us(), share);
                let median_us = of(0.5);
                let compared = BASELINES
                    .iter()
                    .filter(|(id, _)| *id != known.id)
                    .filter_map(|(id, _)| Some(((*id).to_owned(), medians.get(id)? / median_us)))
                    .collect();
                Some(Figures {
                    id: lane.id.clone(),
                    label: known.label.to_owned(),
                    kind: known.kind,
                    version: lane.version.clone(),
                    messages_a_round: lane.slice_messages,
                    median_us,
                    quartiles_us: [of(0.25), of(0.75)],
                    fastest_us: of(0.0),
                    slowest_us: of(1.0),
                    wall_median_us: quantile(&lane.samples_us, 0.5),
                    times_as_fast_as: compared,
                })
            })
            .collect();
        contestants.sort_by(|a, b| a.median_us.total_cmp(&b.median_us));
        let expectations = EXPECTED_ON_V8
            .iter()
            .filter(|_| engine.is_v8())
            .filter_map(|(id, than, at_least)| {
                let seen = medians.get(than)? / medians.get(id)?;
                Some(Expectation {
                    id: (*id).to_owned(),
                    than: (*than).to_owned(),
                    at_least: *at_least,
                    seen,
                    met: seen >= *at_least,
                })
            })
            .collect();
        Self {
            engine: engine.to_string(),
            version: outcome.version.clone(),
            runtime: outcome.runtime.clone(),
            clock: if outcome.lanes.iter().all(|lane| lane.cpu_samples_us.is_some()) {
                Clock::Cpu
            } else {
                Clock::Wall
            },
            contestants,
            missing: outcome.missing.clone(),
            expectations,
        }
    }

    /// What the times are, in words.
    pub(super) fn clock_shown(&self) -> &'static str {
        match self.clock {
            Clock::Cpu => "processor time",
            Clock::Wall => "time that passed",
        }
    }

    /// The baselines that took part: id and heading.
    pub(super) fn baselines(&self) -> Vec<(&'static str, &'static str)> {
        let here = |id: &str| self.contestants.iter().any(|contestant| contestant.id == id);
        BASELINES.iter().copied().filter(|(id, _)| here(id)).collect()
    }
}

impl Expectation {
    /// Such as `key held over key passed: 2.3 times as fast, at least 2.0 expected`.
    pub(super) fn sentence(&self) -> String {
        let label = |id: &str| lineup::find(id).map_or_else(|| id.to_owned(), |known| known.label.to_owned());
        format!(
            "{}: {} times as fast as {} (expected: at least {})",
            label(&self.id),
            significant(self.seen),
            label(&self.than),
            significant(self.at_least)
        )
    }
}

/// The value that a `share` of the samples is not above, between two samples where it lies between them.
fn quantile(samples: &[f64], share: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let at = share * last as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    below + (above - below) * at.fract()
}

/// Three digits that matter: `1,234`, `123`, `12.3`, `1.23`, `0.123`.
pub(super) fn significant(number: f64) -> String {
    match number {
        n if n >= 99.95 => crate::build::thousands(n.round() as u64),
        n if n >= 9.995 => format!("{n:.1}"),
        n if n >= 0.9995 => format!("{n:.2}"),
        n => format!("{n:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{outcome, report_for_tests};

    #[test]
    fn medians_and_quartiles() {
        let of = |samples: &[f64], share| quantile(samples, share);
        assert_eq!(of(&[3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(of(&[4.0, 1.0, 3.0, 2.0], 0.5), 2.5);
        assert_eq!(of(&[5.0, 1.0, 4.0, 2.0, 3.0], 0.25), 2.0);
        assert_eq!(of(&[5.0, 1.0, 4.0, 2.0, 3.0], 0.75), 4.0);
        assert_eq!(of(&[7.0, 9.0], 0.0), 7.0);
        assert_eq!(of(&[7.0, 9.0], 1.0), 9.0);
        assert_eq!(of(&[7.0], 0.25), 7.0);
        assert!(of(&[], 0.5).is_nan());
        // One round that something disturbed changes little.
        assert_eq!(of(&[10.0, 10.0, 900.0, 10.0, 11.0], 0.5), 10.0);
    }

    #[test]
    fn the_fastest_is_first_and_compared_by_medians() {
        let report = report_for_tests();
        let node = &report.engines[0];
        let ids: Vec<_> = node
            .contestants
            .iter()
            .map(|figures| figures.id.as_str())
            .collect();
        assert_eq!(
            ids,
            [
                "batch-simd",
                "held",
                "libsodium",
                "one-shot",
                "chapter",
                "tweetnacl"
            ]
        );
        let batch = &node.contestants[0];
        assert_eq!(batch.median_us, 50.0);
        assert_eq!((batch.fastest_us, batch.slowest_us), (45.0, 65.0));
        assert_eq!(batch.times_as_fast_as["tweetnacl"], 160.0);
        assert_eq!(batch.times_as_fast_as["libsodium"], 1.6);
        assert_eq!(batch.times_as_fast_as["chapter"], 5.2);
        assert!(!node.contestants[5].times_as_fast_as.contains_key("tweetnacl"));
    }

    #[test]
    fn the_processors_time_counts_where_it_is_known() {
        let mut outcome = outcome(&[("held", 60.0), ("one-shot", 150.0)], 1);
        assert_eq!(EngineFigures::new(Engine::Node, &outcome).clock, Clock::Wall);
        outcome.lanes[0].cpu_samples_us = Some(vec![20.0, 21.0, 22.0]);
        outcome.lanes[1].cpu_samples_us = Some(vec![40.0, 42.0, 44.0]);
        let node = EngineFigures::new(Engine::Node, &outcome);
        assert_eq!(node.clock, Clock::Cpu);
        assert_eq!(
            (node.contestants[0].median_us, node.contestants[0].wall_median_us),
            (21.0, 60.0)
        );
        assert_eq!(node.expectations[0].seen, 2.0);
    }

    #[test]
    fn what_is_promised_is_set_beside_what_was_seen() {
        let report = report_for_tests();
        let seen: Vec<_> = report.engines[0]
            .expectations
            .iter()
            .map(|expectation| (expectation.seen, expectation.met))
            .collect();
        assert_eq!(seen, [(2.5, true), (1.6, true), (160.0, true)]);
        let slow = EngineFigures::new(
            Engine::Chromium,
            &outcome(&[("held", 80.0), ("one-shot", 150.0)], 1),
        );
        assert_eq!(slow.expectations.len(), 1);
        assert!(!slow.expectations[0].met);
        let elsewhere = EngineFigures::new(
            Engine::Wasmtime,
            &outcome(&[("held", 80.0), ("one-shot", 150.0)], 1),
        );
        assert!(elsewhere.expectations.is_empty());
    }

    #[test]
    fn the_json_has_what_readers_need() {
        let json = serde_json::to_value(report_for_tests()).unwrap();
        assert_eq!(json["schema"], "everyhost/bench/1");
        assert_eq!(json["settings"]["messages"], 2);
        assert_eq!(json["left_out"][0]["engine"], "chromium");
        let first = &json["engines"][0]["contestants"][0];
        assert_eq!(
            (&first["id"], &first["kind"]),
            (&"batch-simd".into(), &"ours".into())
        );
        assert_eq!(first["quartiles_us"], serde_json::json!([47.5, 57.5]));
        for key in ["cpu", "threads", "os"] {
            assert!(!json["machine"][key].is_null(), "{key}");
        }
        assert!(
            json["finished"].as_str().unwrap().ends_with('Z'),
            "{}",
            json["finished"]
        );
    }

    #[test]
    fn numbers_have_three_digits_that_matter() {
        let shown: Vec<_> = [8230.4, 262.2, 99.96, 50.04, 9.996, 1.3, 0.016]
            .map(significant)
            .to_vec();
        assert_eq!(shown, ["8,230", "262", "100", "50.0", "10.0", "1.30", "0.016"]);
    }
}
