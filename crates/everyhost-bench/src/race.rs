//! The race on one host: its turns and their order. The host's program holds the clock, and nothing else of it.

use std::collections::BTreeMap;

use crate::judge::Judge;
use crate::lineup::{self, BATCH, LOADS, Load, SIZES};
use crate::program::Signers;
use crate::protocol::{Crossed, Crossing, Elapsed, Entered, Hello, Sign, Started, Verify, Way};

/// The most messages of a turn: their signatures come back as text.
const MOST_A_TURN: usize = 8192;

const CROSSED: &str = "signer-raw";
pub(crate) const COMPONENT: &str = "signer-component";

/// What is done over the boundary, and how many bytes that concerns.
const WAYS: &[(Way, usize)] = &[(Way::Call, 0), (Way::In, 8), (Way::In, 1024), (Way::Out, 64)];

/// The lengths of the messages that both [`CROSSED`] and [`COMPONENT`] sign.
const SIGNED: &[usize] = &[32, 1024, 64 * 1024, 1024 * 1024];

/// Everything that is timed over the boundary, in its order.
pub(crate) fn ways() -> impl Iterator<Item = Crossing> {
    let way = |module: &str, what, bytes| Crossing { module: module.to_owned(), what, bytes, calls: 1 };
    let signed = move |&bytes| [CROSSED, COMPONENT].map(|module| way(module, Way::Sign, bytes));
    WAYS.iter().map(move |&(what, bytes)| way(CROSSED, what, bytes)).chain(SIGNED.iter().flat_map(signed))
}

/// How long everything takes. Times are milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) rounds: usize,
    /// How long each contestant runs, at least, before it is timed.
    pub(crate) warm_up: f64,
    /// After so long, the warm-up ends even where not every message has been signed.
    pub(crate) warm_up_most: f64,
    /// About how long a contestant may take in a round.
    pub(crate) slice: f64,
    /// How long one call of a batch may take: where 1000 messages take longer, a batch has fewer.
    pub(crate) call_most: f64,
    /// How often each size of a batch is timed, each module started, and the boundary crossed.
    pub(crate) short_rounds: usize,
    /// How often each is timed in a program of its own.
    pub(crate) alone_rounds: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Raced {
    pub(crate) lanes: Vec<Lane>,
    /// Those that sign many a call, by how many.
    pub(crate) curve: Vec<Lane>,
    /// By module.
    pub(crate) starts: Vec<(String, Vec<Started>)>,
    /// Nanoseconds a call, in the order of [`ways`].
    pub(crate) crossing: Vec<(Crossing, Vec<Elapsed>)>,
    /// Those that verify, load by load.
    pub(crate) verifying: Vec<(Load, Vec<Lane>)>,
    /// Each in a program of its own; empty until that has been timed too.
    pub(crate) alone: Vec<Lane>,
}

#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) id: String,
    pub(crate) version: Option<String>,
    pub(crate) a_call: usize,
    pub(crate) slice_messages: usize,
    /// For one signature, one for each round, in nanoseconds.
    pub(crate) times: Vec<Elapsed>,
    pub(crate) next: usize,
    /// What it verifies, if it does not sign.
    pub(crate) load: Option<Load>,
}

pub(crate) fn race(
    host: &str,
    program: &mut dyn Signers,
    hello: &Hello,
    modules: &[String],
    pace: &Pace,
    judge: &mut Judge,
    progress: &mut dyn FnMut(usize, usize, &str),
) -> Result<Raced, String> {
    if let Some(stranger) = hello.contestants.iter().find(|entered| lineup::find(&entered.id).is_none()) {
        return Err(format!("{:?} is nobody that the lineup knows", stranger.id));
    }
    let (verifiers, signers): (Vec<&Entered>, Vec<&Entered>) =
        hello.contestants.iter().partition(|entered| lineup::find(&entered.id).is_some_and(|known| known.verifies));
    let batches = signers.iter().filter(|entered| is_batch(&entered.id)).count();
    let steps = signers.len() * (pace.rounds + 1)
        + batches * SIZES.len() * (pace.short_rounds + 1)
        + verifiers.len() * LOADS.len() * (pace.verifying_rounds() + 1)
        + modules.len() * pace.short_rounds
        + ways().count();
    let mut done = 0;
    let mut step = |what: &str| {
        progress(done, steps, what);
        done += 1;
    };
    let mut track = Track { host, program, judge };

    let mut lanes = Vec::new();
    for entered in signers {
        step(&entered.id);
        lanes.push(track.warm_up(entered, None, pace)?);
    }
    for round in 0..pace.rounds {
        for turn in order(lanes.len(), round) {
            step(&lanes[turn].id);
            track.timed(&mut lanes[turn])?;
        }
    }

    let mut curve = Vec::new();
    for lane in lanes.iter().filter(|lane| is_batch(&lane.id)) {
        for &size in SIZES {
            step(&lane.id);
            curve.extend(track.sized(lane, size, pace)?);
        }
    }
    for round in 0..pace.short_rounds {
        for turn in order(curve.len(), round) {
            step(&curve[turn].id);
            track.timed(&mut curve[turn])?;
        }
    }

    let verifying = track.verifying(&verifiers, pace, &mut step)?;

    let mut starts: Vec<(String, Vec<Started>)> = modules.iter().map(|name| (name.clone(), vec![])).collect();
    for _ in 0..pace.short_rounds {
        for (module, started) in &mut starts {
            step("start");
            started.extend(track.start(module)?);
        }
    }
    starts.retain(|(_, started)| !started.is_empty());

    let mut crossing = Vec::new();
    if modules.iter().any(|module| module == CROSSED) {
        let mut signatures = BTreeMap::new();
        for way in ways() {
            step("boundary");
            let Some(Crossings { times, signature }) = cross(track.program, way.clone(), pace)? else { continue };
            if way.what == Way::Sign && signatures.entry(way.bytes).or_insert_with(|| signature.clone()) != &signature {
                return Err(format!("{} signs {} bytes differently from {CROSSED}", way.module, way.bytes));
            }
            crossing.push((way, times));
        }
    }
    progress(steps, steps, "done");
    Ok(Raced { lanes, curve, verifying, starts, crossing, alone: vec![] })
}

fn is_batch(id: &str) -> bool {
    lineup::find(id).is_some_and(|known| known.batch)
}

impl Pace {
    /// Verifying has five loads, so each has fewer rounds.
    fn verifying_rounds(&self) -> usize {
        self.rounds.div_ceil(2)
    }
}

impl Lane {
    /// As the judge and people call it.
    pub(crate) fn full_name(&self, host: &str) -> String {
        let name = format!("{host}'s {}", self.id);
        self.load.map_or_else(|| name.clone(), |load| format!("{name} ({})", load.shown()))
    }

    /// With these times, for tests.
    #[cfg(test)]
    pub(crate) fn of(id: &str, times: &[Elapsed]) -> Self {
        let a_call = if is_batch(id) { BATCH } else { 1 };
        let times = times.to_vec();
        Self { id: id.to_owned(), version: None, a_call, slice_messages: a_call, times, next: 0, load: None }
    }
}

pub(crate) struct Track<'a> {
    pub(crate) host: &'a str,
    pub(crate) program: &'a mut dyn Signers,
    pub(crate) judge: &'a mut Judge,
}

impl Track<'_> {
    /// Load by load, everyone in turns. In a later load, everything is compiled already.
    fn verifying(
        &mut self,
        verifiers: &[&Entered],
        pace: &Pace,
        step: &mut dyn FnMut(&str),
    ) -> Result<Vec<(Load, Vec<Lane>)>, String> {
        let mut all = Vec::new();
        for &load in LOADS {
            let share = if all.is_empty() { 1.0 } else { 0.125 };
            let pace = Pace { warm_up: pace.warm_up * share, warm_up_most: pace.warm_up_most * share, ..*pace };
            let mut lanes = Vec::new();
            for entered in verifiers {
                step(&entered.id);
                lanes.push(self.warm_up(entered, Some(load), &pace)?);
            }
            for round in 0..pace.verifying_rounds() {
                for turn in order(lanes.len(), round) {
                    step(&lanes[turn].id);
                    self.timed(&mut lanes[turn])?;
                }
            }
            all.push((load, lanes));
        }
        all.retain(|(_, lanes)| !lanes.is_empty());
        Ok(all)
    }

    /// Has everyone sign or verify, until the host has compiled what it will and every message has been compared.
    pub(crate) fn warm_up(&mut self, entered: &Entered, load: Option<Load>, pace: &Pace) -> Result<Lane, String> {
        let Entered { id, version } = entered.clone();
        let is_batch = is_batch(&id);
        let most = load.map_or(BATCH, |load| load.a_call);
        let mut lane = Lane { id, version, a_call: 1, slice_messages: 1, times: vec![], next: 0, load };
        // The fastest turn: what else the machine does should not make a batch small.
        let (mut passed_ms, mut signed, mut fastest_ns) = (0.0, 0, f64::INFINITY);
        loop {
            let time = self.turn(&mut lane)?;
            passed_ms += time.wall_ns * lane.slice_messages as f64 / 1e6;
            signed += lane.slice_messages;
            fastest_ns = time.wall_ns.min(fastest_ns);
            if is_batch {
                let fits = |size: &&usize| **size <= most && fastest_ns * **size as f64 / 1e6 <= pace.call_most;
                lane.a_call = SIZES.iter().rev().find(fits).copied().unwrap_or(1);
            }
            // Step by step: the first turns are the slowest, and a coarse clock may not see them at all.
            let fitting = slice_messages(time.wall_ns, lane.a_call, pace.slice);
            lane.slice_messages = fitting.min((lane.slice_messages * 16).next_multiple_of(lane.a_call));
            let warm = passed_ms >= pace.warm_up && (signed >= BATCH || passed_ms >= pace.warm_up_most);
            if warm {
                return Ok(lane);
            }
        }
    }

    /// The same contestant with another size of a batch; `None` where one call would take too long.
    fn sized(&mut self, lane: &Lane, size: usize, pace: &Pace) -> Result<Option<Lane>, String> {
        let usual_ns = lane.times.iter().map(|time| time.wall_ns).fold(f64::INFINITY, f64::min);
        if usual_ns * size as f64 / 1e6 > pace.call_most {
            return Ok(None);
        }
        let mut sized = Lane { a_call: size, slice_messages: size, times: vec![], ..lane.clone() };
        let time = self.turn(&mut sized)?;
        sized.slice_messages = slice_messages(time.wall_ns.max(usual_ns), size, pace.slice / 2.0);
        Ok(Some(sized))
    }

    pub(crate) fn timed(&mut self, lane: &mut Lane) -> Result<(), String> {
        let time = self.turn(lane)?;
        if time.wall_ns <= 0.0 {
            return Err(format!("{}: {} messages took no time", lane.id, lane.slice_messages));
        }
        lane.times.push(time);
        Ok(())
    }

    /// One turn, heard by the judge: the time of one signature.
    fn turn(&mut self, lane: &mut Lane) -> Result<Elapsed, String> {
        let count = lane.slice_messages;
        let sign = Sign { contestant: lane.id.clone(), first: lane.next, count, a_call: lane.a_call };
        let name = lane.full_name(self.host);
        let time = if let Some(Load { issuers, .. }) = lane.load {
            let verified = self.program.verify(&Verify { issuers, turn: sign.clone() })?;
            self.judge.hear_verdicts(&name, &sign, &verified.verdicts, BATCH);
            verified.time
        } else {
            let signed = self.program.sign(&sign)?;
            self.judge.hear(&name, &sign, &signed.signatures);
            signed.time
        };
        let time = sound(time).ok_or_else(|| format!("{}: no time: {time:?}", lane.id))?;
        lane.next += count;
        Ok(share(time, count))
    }

    /// `None` where the host cannot load the module.
    fn start(&mut self, module: &str) -> Result<Option<Started>, String> {
        let Ok(started) = self.program.start(module)? else {
            return Ok(None);
        };
        let sign = Sign { contestant: String::new(), first: 0, count: 1, a_call: 1 };
        self.judge.hear(&format!("{}'s start of {module}", self.host), &sign, &started.signature);
        Ok(Some(started))
    }
}

struct Crossings {
    /// Of one call, for each round.
    times: Vec<Elapsed>,
    /// If it signs.
    signature: Option<String>,
}

/// `None` if the host can't sign with this module.
fn cross(program: &mut dyn Signers, mut way: Crossing, pace: &Pace) -> Result<Option<Crossings>, String> {
    let slice_ns = pace.slice * 1e6 / 4.0;
    let mut warm_ns = 0.0;
    let mut signature;
    loop {
        let crossed = match program.cross(&way)? {
            Err(_) if way.what == Way::Sign => return Ok(None),
            crossed => crossed?,
        };
        signature = crossed.signature;
        let one_ns = (crossed.time.wall_ns / way.calls as f64).max(0.1);
        let fitting = ((slice_ns / one_ns) as usize).clamp(1, 1 << 22);
        warm_ns += crossed.time.wall_ns;
        if way.calls >= fitting / 2 && warm_ns >= pace.warm_up * 1e6 {
            break;
        }
        // Step by step: the first calls are the slowest.
        way.calls = fitting.min(way.calls * 16);
    }
    let mut times = Vec::new();
    for _ in 0..pace.short_rounds {
        let Crossed { time, .. } = program.cross(&way)??;
        let time = sound(time).ok_or_else(|| format!("the boundary: no time: {time:?}"))?;
        times.push(share(time, way.calls));
    }
    Ok(Some(Crossings { times, signature }))
}

/// The time, if it is valid. It may be too short to be seen.
fn sound(time: Elapsed) -> Option<Elapsed> {
    let is_time = |ns: f64| ns.is_finite() && ns >= 0.0;
    (is_time(time.wall_ns) && time.cpu_ns.is_none_or(is_time)).then_some(time)
}

fn share(time: Elapsed, count: usize) -> Elapsed {
    let count = count as f64;
    Elapsed { wall_ns: time.wall_ns / count, cpu_ns: time.cpu_ns.map(|ns| ns / count) }
}

/// How many messages a slice has: whole calls of `a_call` messages, at least one.
fn slice_messages(a_message_ns: f64, a_call: usize, slice_ms: f64) -> usize {
    let calls = slice_ms * 1e6 / (a_message_ns.max(1.0) * a_call as f64);
    let most = (MOST_A_TURN / a_call).max(1);
    (calls.ceil() as usize).clamp(1, most) * a_call
}

/// Who is when: in each round another one begins, and the steps between turns change, so that nobody always
/// comes after the same one. Every number below `count`, once.
pub(crate) fn order(count: usize, round: usize) -> Vec<usize> {
    let steps: Vec<usize> = (0..count).filter(|&step| greatest_common_divisor(step, count) == 1).collect();
    let step = if steps.is_empty() { 0 } else { steps[round % steps.len()] };
    (0..count).map(|turn| (round + turn * step) % count).collect()
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::fixture::{self, FakeHost, assert_has};

    const MESSAGES: usize = 4096;

    fn raced(host: &mut FakeHost, pace: &Pace) -> (Result<Raced, String>, Judge) {
        let mut judge = Judge::new(MESSAGES);
        let hello = host.hello();
        let modules = ["signer-raw".to_owned(), "signer-lanes".to_owned()];
        let mut last = 0;
        let raced = race("fake", host, &hello, &modules, pace, &mut judge, &mut |done, of, _| {
            assert!(done <= of && last <= done);
            last = done;
        });
        (raced, judge)
    }

    #[test]
    fn a_time_is_that_of_one_signature_and_the_slow_get_fewer_messages() {
        let mut host = FakeHost::new(&[("held", 10_000.0), ("tweetnacl", 8_000_000.0), ("batch", 5_000.0)]);
        let (raced, judge) = raced(&mut host, &fixture::pace());
        let raced = raced.unwrap();
        assert_eq!(judge.faults(), Vec::<String>::new());
        for (lane, ns) in raced.lanes.iter().zip([10_000.0, 8_000_000.0, 5_000.0]) {
            assert_eq!(lane.times.len(), 3);
            for time in &lane.times {
                assert!((time.wall_ns - ns).abs() < 1e-6 && (time.cpu_ns.unwrap() - ns / 2.0).abs() < 1e-6);
            }
        }
        let slices: Vec<_> = raced.lanes.iter().map(|lane| (lane.slice_messages, lane.a_call)).collect();
        assert_eq!(slices, [(2000, 1), (3, 1), (4000, 1000)]);
        assert_eq!(judge.compared("fake's held"), MESSAGES);
        let slow = judge.compared("fake's tweetnacl");
        assert!((13..1000).contains(&slow), "its warm-up is cut off: {slow}");
    }

    #[test]
    fn batches_of_every_size_are_timed_and_none_that_takes_too_long() {
        let mut host = FakeHost::new(&[("held", 10_000.0), ("batch", 5_000.0), ("lanes", 300_000.0)]);
        let (raced, _) = raced(&mut host, &fixture::pace());
        let raced = raced.unwrap();
        let sizes = |id: &str| -> Vec<usize> {
            raced.curve.iter().filter(|lane| lane.id == id).map(|lane| lane.a_call).collect()
        };
        assert_eq!(sizes("batch"), SIZES);
        assert_eq!(sizes("lanes"), [1, 2, 4, 16, 64, 256], "1000 messages would take 300 ms");
        assert!(sizes("held").is_empty());
        assert!(raced.curve.iter().all(|lane| lane.times.len() == 2 && lane.slice_messages % lane.a_call == 0));
        assert_eq!(raced.lanes[2].a_call, 256);
    }

    #[test]
    fn those_that_verify_are_timed_by_load_and_wrong_verdicts_are_found() {
        let contestants = [("held", 10_000.0), ("lanes", 5_000.0), ("verify-lanes", 6_000.0), ("verify-noble", 1e6)];
        let mut host = FakeHost::new(&contestants);
        let (raced_right, judge) = raced(&mut host, &fixture::pace());
        let raced_right = raced_right.unwrap();
        assert_eq!(raced_right.lanes.len(), 2);
        assert_eq!(judge.faults(), Vec::<String>::new());
        let loads: Vec<Load> = raced_right.verifying.iter().map(|(load, _)| *load).collect();
        assert_eq!(loads, LOADS);
        for (load, lanes) in &raced_right.verifying {
            let seen: Vec<_> = lanes.iter().map(|lane| (lane.id.as_str(), lane.a_call, lane.times.len())).collect();
            assert_eq!(seen, [("verify-lanes", load.a_call, 2), ("verify-noble", 1, 2)]);
            assert!((lanes[0].times[1].wall_ns - 6_000.0).abs() < 1e-6);
        }
        assert_eq!(judge.compared("fake's verify-lanes (16 issuers, 1,000 a call)"), BATCH);
        host.accepts_everything = true;
        let (_, judge) = raced(&mut host, &fixture::pace());
        assert_has(&judge.faults()[0], "fake's verify-lanes (1 issuer, 1,000 a call) gave a wrong verdict on");
    }

    #[test]
    fn starts_and_the_boundary_are_timed_apart() {
        let mut host = FakeHost::new(&[("held", 10_000.0), ("batch", 5_000.0)]);
        let (raced, _) = raced(&mut host, &fixture::pace());
        let raced = raced.unwrap();
        // The stand-in cannot load the lanes.
        assert_eq!(raced.starts.len(), 1);
        assert_eq!((raced.starts[0].0.as_str(), raced.starts[0].1.len()), ("signer-raw", 2));
        assert_eq!(raced.crossing.len(), ways().count());
        for (way, times) in &raced.crossing {
            assert!(times.iter().all(|time| (time.wall_ns - (40.0 + way.bytes as f64)).abs() < 1e-6));
        }
    }

    #[test]
    fn a_component_is_left_out_if_the_host_has_none_and_must_sign_as_the_module_does() {
        let mut host = FakeHost::new(&[("held", 10_000.0)]);
        host.without_component = true;
        let (raced_without, _) = raced(&mut host, &fixture::pace());
        let modules: Vec<_> = raced_without.unwrap().crossing.into_iter().map(|(way, _)| way.module).collect();
        assert_eq!(modules, [CROSSED].repeat(WAYS.len() + SIGNED.len()));
        let mut host = FakeHost::new(&[("held", 10_000.0)]);
        host.wrong_component = true;
        let error = raced(&mut host, &fixture::pace()).0.unwrap_err();
        assert_eq!(error, "signer-component signs 32 bytes differently from signer-raw");
    }

    #[test]
    fn wrong_signatures_and_times_are_found() {
        let mut host = FakeHost::new(&[("held", 10_000.0), ("batch", 5_000.0)]);
        host.wrong_from_turn = Some(9);
        let (_, judge) = raced(&mut host, &fixture::pace());
        assert!(!judge.faults().is_empty());
        let mut host = FakeHost::new(&[("held", f64::NAN), ("batch", 5_000.0)]);
        assert_has(raced(&mut host, &fixture::pace()).0.unwrap_err(), "held: no time");
        let mut host = FakeHost::new(&[("stranger", 1.0)]);
        assert_has(raced(&mut host, &fixture::pace()).0.unwrap_err(), "nobody that the lineup knows");
    }

    #[test]
    fn a_slice_is_whole_calls() {
        assert_eq!(slice_messages(10_000.0, 1, 20.0), 2000);
        assert_eq!(slice_messages(10_000.0, 1000, 25.0), 3000);
        assert_eq!(slice_messages(10_000.0, 1000, 1.0), 1000);
        assert_eq!(slice_messages(1.0, 16, 20.0), MOST_A_TURN);
        assert_eq!(slice_messages(f64::INFINITY, 1, 20.0), 1);
    }

    #[test]
    fn in_each_round_everyone_has_one_turn() {
        for count in 1..15 {
            for round in 0..20 {
                let turns = order(count, round);
                assert_eq!(turns.len(), count);
                assert_eq!(turns.into_iter().collect::<BTreeSet<_>>(), (0..count).collect());
            }
        }
    }
}
