//! `bench.json`: from times to figures.

use std::collections::BTreeMap;

use everyhost::text::{significant, thousands};
use jiff::Timestamp;
use serde::Serialize;

use crate::alone;
use crate::judge::Judge;
use crate::lineup::{self, BASELINES, BATCH, Bound, Kind, Load, PROMISES};
use crate::machine::Machine;
use crate::protocol::{Elapsed, Hello, Missing, Started, Way};
use crate::race::{Lane, Pace, Raced};

/// The version of the shape of `bench.json`; bench.schema.json describes it.
pub(crate) const SCHEMA: &str = "everyhost/bench/5";

#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) schema: &'static str,
    /// When the figures were ready, UTC.
    pub(crate) finished: String,
    pub(crate) machine: Machine,
    pub(crate) settings: Settings,
    pub(crate) modules: BTreeMap<String, ModuleInfo>,
    /// A host each, by its row's name.
    pub(crate) engines: Vec<EngineFigures>,
    /// Hosts that are not installed, or failed.
    pub(crate) left_out: Vec<LeftOut>,
    /// Modules that are not built, so nobody signs with them.
    pub(crate) without_modules: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Settings {
    /// In a batch.
    pub(crate) messages: usize,
    /// Of a fast host.
    pub(crate) rounds: usize,
    pub(crate) warm_up_ms: f64,
    pub(crate) slice_ms: f64,
}

/// A module, as it was measured.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ModuleInfo {
    pub(crate) sha256: String,
    pub(crate) bytes: usize,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct LeftOut {
    pub(crate) engine: String,
    pub(crate) why: String,
    pub(crate) failed: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct EngineFigures {
    pub(crate) engine: String,
    pub(crate) version: String,
    pub(crate) runtime: String,
    pub(crate) clock: Clock,
    pub(crate) rounds: usize,
    pub(crate) contestants: Vec<Figures>,
    /// The same, each in a program of its own; none where that makes no difference.
    pub(crate) alone: Vec<Figures>,
    /// Those that verify, by what they verify; times are of a signature verified.
    pub(crate) verifying: Vec<Verifying>,
    pub(crate) missing: Vec<Missing>,
    /// What is promised, and what was seen.
    pub(crate) expectations: Vec<Expectation>,
    /// By how many messages a call has.
    pub(crate) curves: Vec<Curve>,
    /// By module.
    pub(crate) starts: Vec<Start>,
    pub(crate) crossing: Vec<Cross>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Clock {
    /// The processor's time, of all threads of the process: other programs on the machine do not lengthen it.
    Cpu,
    Wall,
}

/// A median, and between which values half of the rounds lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) quartiles: [f64; 2],
}

/// One contestant's. Times are microseconds a signature, by the host's clock.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    pub(crate) a_call: usize,
    pub(crate) messages_a_round: usize,
    /// How many different messages' signatures were compared with all the others'.
    pub(crate) compared: usize,
    pub(crate) median_us: f64,
    /// A quarter of the rounds was faster than the first, a quarter slower than the second.
    pub(crate) quartiles_us: [f64; 2],
    pub(crate) fastest_us: f64,
    pub(crate) slowest_us: f64,
    pub(crate) wall_median_us: f64,
    /// By the id of whom it is compared with: the median of the rounds' ratios.
    pub(crate) times_as_fast_as: BTreeMap<String, f64>,
    /// The same, with the quartiles.
    pub(crate) ratios: BTreeMap<String, Spread>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Verifying {
    #[serde(flatten)]
    pub(crate) load: Load,
    pub(crate) contestants: Vec<Figures>,
}

/// `id` should be so much faster than `than`.
#[derive(Debug, Serialize)]
pub(crate) struct Expectation {
    pub(crate) id: String,
    pub(crate) than: String,
    /// Of each in a program of its own.
    pub(crate) alone: bool,
    /// What both verify, if they do not sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) load: Option<Load>,
    pub(crate) bound: Bound,
    /// In the terms of the bound, the median and the quartiles of the rounds.
    pub(crate) seen: Spread,
    pub(crate) met: bool,
}

/// One contestant's times by the size of its batches.
#[derive(Debug, Serialize)]
pub(crate) struct Curve {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) kind: Kind,
    pub(crate) points: Vec<Point>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Point {
    pub(crate) messages: usize,
    pub(crate) us: Spread,
}

/// From a module's bytes to its first signature, milliseconds that passed.
#[derive(Debug, Serialize)]
pub(crate) struct Start {
    pub(crate) module: String,
    /// `None` where the module is compiled ahead.
    pub(crate) compile_ms: Option<Spread>,
    pub(crate) instantiate_ms: Spread,
    pub(crate) load_key_ms: Spread,
    pub(crate) first_signature_ms: Spread,
}

#[derive(Debug, Serialize)]
pub(crate) struct Cross {
    pub(crate) module: String,
    pub(crate) what: Way,
    pub(crate) bytes: usize,
    pub(crate) ns: Spread,
}

impl Report {
    /// Of what has been judged.
    pub(crate) fn new(
        pace: &Pace,
        modules: BTreeMap<String, ModuleInfo>,
        machine: Machine,
        engines: Vec<EngineFigures>,
        left_out: Vec<LeftOut>,
    ) -> Self {
        let without_modules = lineup::module_names().filter(|name| !modules.contains_key(*name));
        Self {
            schema: SCHEMA,
            finished: format!("{:.0}", Timestamp::now()),
            machine,
            settings: Settings { messages: BATCH, rounds: pace.rounds, warm_up_ms: pace.warm_up, slice_ms: pace.slice },
            without_modules: without_modules.map(|name| (*name).to_owned()).collect(),
            modules,
            engines,
            left_out,
        }
    }

    /// Those that are not met, in one line.
    pub(crate) fn broken_promises(&self) -> Option<String> {
        let all =
            self.engines.iter().flat_map(|engine| engine.expectations.iter().map(move |promise| (engine, promise)));
        let broken: Vec<_> = all
            .clone()
            .filter(|(_, promise)| !promise.met)
            .map(|(engine, promise)| format!("{}: {}", engine.engine, promise.in_short()))
            .collect();
        let are = if broken.len() == 1 { "is" } else { "are" };
        (!broken.is_empty())
            .then(|| format!("{} of {} promises {are} not met: {}", broken.len(), all.count(), broken.join("; ")))
    }
}

impl EngineFigures {
    pub(crate) fn new(engine: &str, hello: &Hello, raced: &Raced, judge: &Judge) -> Self {
        let clock = clock(raced);
        let (together, alone) = (by_id(&raced.lanes, clock), by_id(&raced.alone, clock));
        let compared = |host: &str, lane: &Lane| judge.compared(&lane.full_name(host));
        let verified: Vec<_> =
            raced.verifying.iter().map(|(load, lanes)| (*load, lanes, by_id(lanes, clock))).collect();
        let contestants = figures(&raced.lanes, &together, |lane| compared(engine, lane));
        let lone_host = alone::host_name(engine);
        let lone = figures(&raced.alone, &alone, |lane| compared(&lone_host, lane));
        let expectations = PROMISES
            .iter()
            .filter(|promise| promise.hosts.contains(&engine))
            .filter_map(|promise| {
                let by_id = match promise.load {
                    Some(promised) => &verified.iter().find(|(load, ..)| *load == promised)?.2,
                    None if promise.alone => &alone,
                    None => &together,
                };
                let (us, than) = (by_id.get(promise.id)?, by_id.get(promise.than)?);
                Some(Expectation::new(promise, us, than))
            })
            .collect();
        Self {
            engine: engine.to_owned(),
            version: hello.version.clone(),
            runtime: hello.runtime.clone(),
            clock,
            rounds: raced.lanes.iter().map(|lane| lane.times.len()).max().unwrap_or(0),
            contestants,
            alone: lone,
            verifying: verified
                .iter()
                .map(|(load, lanes, us)| Verifying {
                    load: *load,
                    contestants: figures(lanes, us, |lane| compared(engine, lane)),
                })
                .collect(),
            missing: hello.missing.clone(),
            expectations,
            curves: curves(raced, clock),
            starts: raced.starts.iter().map(|(module, all)| Start::new(module, all)).collect(),
            crossing: raced
                .crossing
                .iter()
                .map(|(way, times)| {
                    let ns: Vec<f64> = times.iter().map(|time| clock.of(time)).collect();
                    Cross { module: way.module.clone(), what: way.what, bytes: way.bytes, ns: Spread::of(&ns) }
                })
                .collect(),
        }
    }

    /// What the times are, in words.
    pub(crate) fn clock_shown(&self) -> &'static str {
        match self.clock {
            Clock::Cpu => "processor time",
            Clock::Wall => "time that passed",
        }
    }
}

/// The baselines that took part: id and heading.
pub(crate) fn baselines(figures: &[Figures]) -> Vec<(&'static str, &'static str)> {
    let here = |id: &str| figures.iter().any(|contestant| contestant.id == id);
    BASELINES.iter().copied().filter(|(id, _)| here(id)).collect()
}

impl Expectation {
    fn new(promise: &lineup::Promise, us: &[f64], than: &[f64]) -> Self {
        let (seen, met) = match promise.bound {
            Bound::TimesAsFast(least) => {
                let seen = Spread::of(&ratios(than, us));
                (seen, seen.median >= least)
            }
            Bound::ShareOfTime(most) => {
                let seen = Spread::of(&ratios(us, than));
                (seen, seen.median <= most)
            }
        };
        Self {
            id: promise.id.to_owned(),
            than: promise.than.to_owned(),
            alone: promise.alone,
            load: promise.load,
            bound: promise.bound,
            seen,
            met,
        }
    }

    /// Such as `verify-lanes 5.00 times as fast as verify-libsodium by 1 issuer, not 6.00`.
    fn in_short(&self) -> String {
        let seen = significant(self.seen.median);
        let (how, promised) = match self.bound {
            Bound::TimesAsFast(least) => (format!("{seen} times as fast as"), least),
            Bound::ShareOfTime(most) => (format!("in {seen} of the time of"), most),
        };
        let how = format!("{} {how} {}", self.id, self.than);
        let how = if self.alone { format!("{how} alone") } else { how };
        let how = self.load.map_or_else(|| how.clone(), |load| format!("{how} by {}", load.issuers_shown()));
        format!("{how}, not {}", significant(promised))
    }

    /// Such as `key held: 2.30 times as fast as key passed (half of the rounds 2.21 – 2.40; promised: at least 2.00)`.
    pub(crate) fn sentence(&self) -> String {
        let a_call = self.load.map_or(BATCH, |load| load.a_call);
        let (id, than) = (lineup::label(&self.id, a_call), lineup::label(&self.than, a_call));
        let seen = significant(self.seen.median);
        let [lower, upper] = self.seen.quartiles.map(significant);
        let (how, promised) = match self.bound {
            Bound::TimesAsFast(least) => {
                (format!("{seen} times as fast as {than}"), format!("at least {}", significant(least)))
            }
            Bound::ShareOfTime(most) => {
                (format!("in {seen} of the time of {than}"), format!("at most {}", significant(most)))
            }
        };
        let how = if self.alone { format!("{how}, each in a program of its own") } else { how };
        let how = self.load.map_or_else(|| how.clone(), |load| format!("{how}, by {}", load.issuers_shown()));
        format!("{id}: {how} (half of the rounds {lower} – {upper}; promised: {promised})")
    }
}

impl Start {
    fn new(module: &str, all: &[Started]) -> Self {
        let ms = |of: fn(&Started) -> f64| Spread::of(&all.iter().map(|one| of(one) / 1e6).collect::<Vec<_>>());
        let compile: Vec<f64> = all.iter().filter_map(|one| Some(one.compile_ns? / 1e6)).collect();
        Self {
            module: module.to_owned(),
            compile_ms: (!compile.is_empty()).then(|| Spread::of(&compile)),
            instantiate_ms: ms(|one| one.instantiate_ns),
            load_key_ms: ms(|one| one.load_key_ns),
            first_signature_ms: ms(|one| one.first_signature_ns),
        }
    }

    /// What there is to wait for, in its order, with the medians in milliseconds.
    pub(crate) fn parts(&self) -> Vec<(&'static str, f64)> {
        let parts = [
            ("compile", self.compile_ms),
            ("instantiate", Some(self.instantiate_ms)),
            ("first key", Some(self.load_key_ms)),
            ("first signature", Some(self.first_signature_ms)),
        ];
        parts.into_iter().filter_map(|(what, ms)| Some((what, ms?.median))).collect()
    }
}

impl Cross {
    pub(crate) fn shown(&self) -> String {
        let bytes = thousands(self.bytes);
        match self.what {
            Way::Call => "an empty call".to_owned(),
            Way::In => format!("{bytes} bytes in"),
            Way::Out => format!("{bytes} bytes out"),
            Way::Sign => format!("{bytes} bytes signed by {}", self.module),
        }
    }
}

impl Clock {
    fn of(self, time: &Elapsed) -> f64 {
        match (self, time.cpu_ns) {
            (Self::Cpu, Some(ns)) => ns,
            _ => time.wall_ns,
        }
    }

    /// Microseconds a signature, a time for each round.
    fn us(self, lane: &Lane) -> Vec<f64> {
        lane.times.iter().map(|time| self.of(time) / 1000.0).collect()
    }
}

impl Spread {
    pub(crate) fn of(samples: &[f64]) -> Self {
        Self { median: quantile(samples, 0.5), quartiles: [quantile(samples, 0.25), quantile(samples, 0.75)] }
    }
}

/// The processor's time, unless the host cannot tell it or some slice was too short for its clock.
fn clock(raced: &Raced) -> Clock {
    let mut times = raced
        .lanes
        .iter()
        .chain(&raced.curve)
        .chain(&raced.alone)
        .chain(raced.verifying.iter().flat_map(|(_, lanes)| lanes))
        .flat_map(|lane| &lane.times)
        .chain(raced.crossing.iter().flat_map(|(_, times)| times));
    if times.all(|time| time.cpu_ns.is_some_and(|ns| ns > 0.0)) { Clock::Cpu } else { Clock::Wall }
}

fn by_id(lanes: &[Lane], clock: Clock) -> BTreeMap<&str, Vec<f64>> {
    lanes.iter().map(|lane| (lane.id.as_str(), clock.us(lane))).collect()
}

fn figures(lanes: &[Lane], by_id: &BTreeMap<&str, Vec<f64>>, compared: impl Fn(&Lane) -> usize) -> Vec<Figures> {
    let of_lane = |lane: &Lane| {
        let known = lineup::find(&lane.id)?;
        let us = by_id.get(known.id.as_str())?;
        let ratios: BTreeMap<String, Spread> = BASELINES
            .iter()
            .filter(|(id, _)| known.id != *id)
            .filter_map(|(id, _)| Some(((*id).to_owned(), Spread::of(&ratios(by_id.get(id)?, us)))))
            .collect();
        let wall: Vec<f64> = lane.times.iter().map(|time| time.wall_ns / 1000.0).collect();
        Some(Figures {
            id: lane.id.clone(),
            label: lineup::label(&lane.id, lane.a_call),
            kind: known.kind,
            version: lane.version.clone(),
            a_call: lane.a_call,
            messages_a_round: lane.slice_messages,
            compared: compared(lane),
            median_us: quantile(us, 0.5),
            quartiles_us: [quantile(us, 0.25), quantile(us, 0.75)],
            fastest_us: quantile(us, 0.0),
            slowest_us: quantile(us, 1.0),
            wall_median_us: quantile(&wall, 0.5),
            times_as_fast_as: ratios.iter().map(|(id, ratio)| (id.clone(), ratio.median)).collect(),
            ratios,
        })
    };
    let mut figures: Vec<Figures> = lanes.iter().filter_map(of_lane).collect();
    figures.sort_by(|a, b| a.median_us.total_cmp(&b.median_us));
    figures
}

fn curves(raced: &Raced, clock: Clock) -> Vec<Curve> {
    let mut curves: Vec<Curve> = Vec::new();
    for lane in &raced.curve {
        let point = Point { messages: lane.a_call, us: Spread::of(&clock.us(lane)) };
        match curves.iter_mut().find(|curve| curve.id == lane.id) {
            Some(curve) => curve.points.push(point),
            None => curves.extend(lineup::find(&lane.id).map(|known| Curve {
                id: lane.id.clone(),
                label: known.label.replace(&format!(", {BATCH} a call"), ""),
                kind: known.kind,
                points: vec![point],
            })),
        }
    }
    curves
}

/// Round by round: so whatever slowed one round down is in both.
fn ratios(slow: &[f64], fast: &[f64]) -> Vec<f64> {
    slow.iter().zip(fast).map(|(slow, fast)| slow / fast).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{assert_has, report};

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
    fn a_ratio_is_worked_out_round_by_round() {
        // Everything takes twice as long in the second round: the ratio does not see it.
        let spread = Spread::of(&ratios(&[80.0, 160.0, 80.0], &[20.0, 40.0, 20.0]));
        assert_eq!((spread.median, spread.quartiles), (4.0, [4.0, 4.0]));
    }

    #[test]
    fn the_fastest_is_first_and_compared_with_those_who_are_there() {
        let report = report();
        let node = &report.engines[0];
        let ids: Vec<_> = node.contestants.iter().map(|figures| figures.id.as_str()).collect();
        assert_eq!(ids, ["batch-simd", "held", "libsodium", "one-shot", "chapter", "tweetnacl"]);
        let batch = &node.contestants[0];
        assert_eq!(batch.median_us, 50.0);
        assert_eq!((batch.fastest_us, batch.slowest_us), (45.0, 65.0));
        assert_eq!(batch.times_as_fast_as["tweetnacl"], 160.0);
        assert_eq!(batch.times_as_fast_as["libsodium"], 1.6);
        assert_eq!(batch.ratios["chapter"].median, 5.2);
        assert_eq!((batch.a_call, batch.label.as_str()), (1000, "Everyhost SIMD, 1000 a call"));
        assert!(!node.contestants[5].times_as_fast_as.contains_key("tweetnacl"));
    }

    #[test]
    fn the_processors_time_counts_where_every_time_has_one() {
        let lane = |cpu_ns| Lane::of("held", &[Elapsed { wall_ns: 60_000.0, cpu_ns }]);
        let figures = |lane| {
            let raced = Raced { lanes: vec![lane], ..Raced::default() };
            EngineFigures::new("node", &crate::fixture::hello(), &raced, &Judge::new(1))
        };
        let known = figures(lane(Some(20_000.0)));
        assert_eq!((known.clock, known.contestants[0].median_us), (Clock::Cpu, 20.0));
        assert_eq!(known.contestants[0].wall_median_us, 60.0);
        for cpu_ns in [None, Some(0.0)] {
            let unknown = figures(lane(cpu_ns));
            assert_eq!((unknown.clock, unknown.contestants[0].median_us), (Clock::Wall, 60.0));
        }
    }

    #[test]
    fn what_is_promised_is_set_beside_what_was_seen() {
        let report = report();
        let seen: Vec<_> = report.engines[0]
            .expectations
            .iter()
            .map(|expectation| (expectation.seen.median, expectation.met))
            .collect();
        assert_eq!(seen, [(2.5, true), (1.6, true), (900.0, true), (5.0, false)]);
        let lone = report.engines[0].expectations[2].sentence();
        assert_has(&lone, "900 times as fast as tweetnacl, each in a program of its own (half");
        let verifying = report.engines[0].expectations[3].sentence();
        assert_has(&verifying, "libsodium.js (Wasm), verifying, by 1 issuer (half");
        assert_has(
            report.broken_promises().unwrap(),
            "1 of 4 promises is not met: node: verify-lanes 5.00 times as fast as verify-libsodium by 1 issuer, not 6.00",
        );
        assert!(report.engines[1].expectations.is_empty(), "nothing is promised for a host without the modules");
        let share = lineup::Promise {
            hosts: &["x"],
            id: "lanes",
            than: "native-held",
            bound: Bound::ShareOfTime(0.6),
            alone: false,
            load: None,
        };
        let met = |us: &[f64]| Expectation::new(&share, us, &[20.0, 20.0]);
        assert!(met(&[11.0, 11.0]).met && !met(&[13.0, 13.0]).met);
        let sentence = met(&[11.0, 11.0]).sentence();
        assert_has(&sentence, "in 0.550 of the time of Native dalek, key held");
        assert!(sentence.contains("promised: at most 0.600"), "{sentence}");
    }

    #[test]
    fn curves_have_a_point_for_each_size() {
        let report = report();
        let curve = &report.engines[0].curves[0];
        assert_eq!((curve.id.as_str(), curve.label.as_str()), ("batch-simd", "Everyhost SIMD"));
        let points: Vec<_> = curve.points.iter().map(|point| (point.messages, point.us.median)).collect();
        assert_eq!(points, [(1, 100.0), (1000, 50.0)]);
    }

    #[test]
    fn the_json_is_as_its_schema_says() {
        let json = serde_json::to_value(report()).unwrap();
        assert_eq!(json["schema"], SCHEMA);
        let schema = serde_json::from_str(include_str!("../bench.schema.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let wrong: Vec<_> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert_eq!(wrong, Vec::<String>::new());
        let verifying = &json["engines"][0]["verifying"][0];
        assert_eq!((&verifying["issuers"], &verifying["a_call"]), (&1.into(), &1000.into()));
        assert_eq!(verifying["contestants"][0]["times_as_fast_as"]["verify-libsodium"], 5.0);
        let mut other = json;
        other["engines"][0]["contestants"][0]["median_us"] = "50".into();
        assert!(!validator.is_valid(&other), "the schema looks at the figures");
    }
}
