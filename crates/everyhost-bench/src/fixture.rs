//! What the tests of this folder share: a host that is not there.

use std::collections::BTreeMap;

use crate::figures::{EngineFigures, LeftOut, ModuleInfo, Report};
use crate::judge::Judge;
use crate::lineup::{BATCH, ONE_ISSUER};
use crate::machine;
use crate::program::Signers;
use crate::protocol::{
    Crossed, Crossing, Elapsed, Entered, Hello, Missing, PROTOCOL, Sign, Signed, Started, Task, Verified, Verify, Way,
};
use crate::race::{COMPONENT, Lane, Pace, Raced, ways};
use crate::signed;

#[path = "../../vectors/src/fixture.rs"]
mod words;
pub(crate) use words::assert_has;

pub(crate) fn task() -> Task {
    Task {
        protocol: PROTOCOL,
        keypair: crate::KEYPAIR.to_owned(),
        messages: 4096,
        modules: BTreeMap::new(),
        glue: String::new(),
        component_glue: None,
        signers: vec![],
        signed: vec![],
    }
}

pub(crate) fn pace() -> Pace {
    Pace {
        rounds: 3,
        warm_up: 50.0,
        warm_up_most: 100.0,
        slice: 20.0,
        call_most: 100.0,
        short_rounds: 2,
        alone_rounds: 2,
    }
}

/// What everyone gives for `count` messages from `first` on, in hex.
pub(crate) fn signatures(first: usize, count: usize, of: usize) -> String {
    (first..first + count).map(|message| format!("{:0>128x}", message % of)).collect()
}

/// Each contestant takes so many nanoseconds a signature; the processor half of that.
pub(crate) struct FakeHost {
    contestants: Vec<(String, f64)>,
    turns: usize,
    /// From this turn on, its signatures are wrong.
    pub(crate) wrong_from_turn: Option<usize>,
    pub(crate) accepts_everything: bool,
    pub(crate) without_component: bool,
    pub(crate) wrong_component: bool,
}

impl FakeHost {
    pub(crate) fn new(contestants: &[(&str, f64)]) -> Self {
        let contestants = contestants.iter().map(|(id, ns)| ((*id).to_owned(), *ns)).collect();
        Self {
            contestants,
            turns: 0,
            wrong_from_turn: None,
            accepts_everything: false,
            without_component: false,
            wrong_component: false,
        }
    }

    pub(crate) fn hello(&self) -> Hello {
        let entered = |(id, _): &(String, f64)| Entered { id: id.clone(), version: None };
        Hello {
            protocol: PROTOCOL,
            version: "Test 1".to_owned(),
            runtime: "by hand".to_owned(),
            contestants: self.contestants.iter().map(entered).collect(),
            missing: vec![Missing { id: "webcrypto".to_owned(), why: "<none> here".to_owned() }],
        }
    }
}

impl FakeHost {
    /// Nanoseconds.
    fn takes(&self, turn: &Sign) -> Result<f64, String> {
        let known = self.contestants.iter().find(|(id, _)| *id == turn.contestant);
        Ok(known.ok_or("nobody of that name")?.1 * turn.count as f64)
    }
}

fn elapsed(ns: f64) -> Elapsed {
    Elapsed { wall_ns: ns, cpu_ns: Some(ns / 2.0) }
}

impl Signers for FakeHost {
    fn sign(&mut self, sign: &Sign) -> Result<Signed, String> {
        self.turns += 1;
        let ns = self.takes(sign)?;
        let mut signatures = signatures(sign.first, sign.count, 4096);
        if self.wrong_from_turn.is_some_and(|turn| self.turns >= turn) {
            signatures.replace_range(..1, "f");
        }
        Ok(Signed { time: elapsed(ns), signatures })
    }

    fn verify(&mut self, Verify { turn, .. }: &Verify) -> Result<Verified, String> {
        let is_taken = |n: usize| self.accepts_everything || !signed::is_spoilt(n % BATCH);
        let verdicts = (turn.first..turn.first + turn.count).map(|n| if is_taken(n) { "01" } else { "00" }).collect();
        Ok(Verified { time: elapsed(self.takes(turn)?), verdicts })
    }

    fn start(&mut self, module: &str) -> Result<Result<Started, String>, String> {
        if module != "signer-raw" {
            return Ok(Err("no SIMD here".to_owned()));
        }
        Ok(Ok(Started {
            compile_ns: Some(2e6),
            instantiate_ns: 1e5,
            load_key_ns: 2e5,
            first_signature_ns: 3e5,
            signature: signatures(0, 1, 4096),
        }))
    }

    fn cross(&mut self, crossing: &Crossing) -> Result<Result<Crossed, String>, String> {
        if self.without_component && crossing.module == COMPONENT {
            return Ok(Err("no components here".to_owned()));
        }
        let time = elapsed((40.0 + crossing.bytes as f64) * crossing.calls as f64);
        let is_wrong = self.wrong_component && crossing.module == COMPONENT;
        let signature = (crossing.what == Way::Sign).then(|| if is_wrong { "ff" } else { "00" }.to_owned());
        Ok(Ok(Crossed { time, signature }))
    }

    fn end(self: Box<Self>) -> Result<(), String> {
        Ok(())
    }
}

pub(crate) fn hello() -> Hello {
    FakeHost::new(&[]).hello()
}

/// A report on two hosts, and one that is left out.
pub(crate) fn report() -> Report {
    let lanes = |ids: &[(&str, f64)]| -> Vec<Lane> {
        ids.iter().map(|(id, us)| Lane::of(id, &[0.9, 1.0, 1.3].map(|share| wall(share * us * 1000.0)))).collect()
    };
    let node = Raced {
        lanes: lanes(&[
            ("chapter", 260.0),
            ("one-shot", 150.0),
            ("held", 60.0),
            ("batch-simd", 50.0),
            ("tweetnacl", 8000.0),
            ("libsodium", 80.0),
        ]),
        curve: [(1, 100.0), (1000, 50.0)]
            .map(|(a_call, us)| Lane { a_call, ..Lane::of("batch-simd", &[wall(us * 1000.0)]) })
            .to_vec(),
        starts: vec![("signer-raw".to_owned(), vec![FakeHost::new(&[]).start("signer-raw").unwrap().unwrap()])],
        crossing: ways().zip([40.0, 48.0, 90.0, 70.0, 24_000.0]).map(|(way, ns)| (way, vec![wall(ns)])).collect(),
        verifying: vec![(ONE_ISSUER, lanes(&[("verify-lanes", 12.0), ("verify-libsodium", 60.0)]))],
        alone: lanes(&[("lanes", 10.0), ("tweetnacl", 9000.0)]),
    };
    let go = Raced { lanes: lanes(&[("held", 70.0), ("go-crypto", 25.0)]), ..Raced::default() };
    let judge = Judge::new(1);
    let engines =
        [("node", node), ("go-wazero", go)].map(|(name, raced)| EngineFigures::new(name, &hello(), &raced, &judge));
    let left_out = LeftOut { engine: "chromium".to_owned(), why: "<none> here".to_owned(), failed: false };
    let module = ModuleInfo { sha256: "ab".repeat(32), bytes: 99_329 };
    let modules = BTreeMap::from([("signer-raw".to_owned(), module)]);
    Report::new(&pace(), modules, machine::look(), engines.into(), vec![left_out])
}

fn wall(wall_ns: f64) -> Elapsed {
    Elapsed { wall_ns, cpu_ns: None }
}

pub(crate) fn unescaped(page: &str) -> String {
    page.replace("&#x27;", "'").replace("&#x2f;", "/")
}
