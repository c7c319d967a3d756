//! Signers in a program of their own, as a page or a service may have one that only signs.
//!
//! In a program in which everyone signs, the heap has grown to what all of them need. Alone, a signer meets the heap
//! that its own garbage makes, and its turns are long enough that it pays for collecting it.

use crate::judge::Judge;
use crate::lineup::{ALONE, BATCH};
use crate::program::Signers;
use crate::protocol::{Entered, Hello, Task};
use crate::race::{Lane, Pace, Track, order};

/// How much longer a turn is than those of the race.
const LONGER: f64 = 4.0;

/// Starts a program and tells it what is going to be measured.
pub(crate) type Start<'a> = dyn FnMut(&Task) -> Result<Box<dyn Signers>, String> + 'a;

/// Who signs alone on a host, of those who are there.
pub(crate) fn who(hello: &Hello) -> Vec<Entered> {
    let find = |id: &&str| hello.contestants.iter().find(|entered| entered.id == **id);
    let here: Vec<Entered> = ALONE.iter().filter_map(|id| find(id).cloned()).collect();
    let runs_javascript = here.last().map(|entered| &*entered.id) == ALONE.last().copied();
    if runs_javascript { here } else { vec![] }
}

pub(crate) fn host_name(host: &str) -> String {
    format!("{host} (alone)")
}

/// Times everyone of `entered`, in rounds, each time in a program that `start` has just started for this task.
pub(crate) fn race(
    host: &str,
    task: &Task,
    entered: &[Entered],
    pace: &Pace,
    judge: &mut Judge,
    start: &mut Start<'_>,
    step: &mut dyn FnMut(&str),
) -> Result<Vec<Lane>, String> {
    let host = host_name(host);
    let pace = Pace { slice: pace.slice * LONGER, ..*pace };
    let mut lanes: Vec<Option<Lane>> = vec![None; entered.len()];
    for round in 0..pace.alone_rounds {
        for turn in order(entered.len(), round) {
            let Entered { id, .. } = &entered[turn];
            step(&format!("{id}, alone"));
            let mut program = start(&only(task, id))?;
            let mut track = Track { host: &host, program: &mut *program, judge };
            let warm = track.warm_up(&entered[turn], None, &pace)?;
            // As long in each round, so that the rounds are alike.
            let lane =
                lanes[turn].get_or_insert_with(|| Lane { slice_messages: warm.slice_messages.max(BATCH), ..warm });
            track.timed(lane)?;
            program.end()?;
        }
    }
    Ok(lanes.into_iter().flatten().collect())
}

/// The same task for one signer: with its own module alone.
fn only(task: &Task, id: &str) -> Task {
    let signers: Vec<_> = task.signers.iter().filter(|order| order.id == id).cloned().collect();
    let is_needed = |name: &str| name == id || signers.iter().any(|order| order.module == name);
    let mut modules = task.modules.clone();
    modules.retain(|name, _| is_needed(name));
    Task { modules, signers, signed: vec![], ..task.clone() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::fixture::{self, FakeHost, assert_has};
    use crate::protocol::{SignerOrder, Use};

    const COSTS: &[(&str, f64)] = &[("lanes", 10_000.0), ("held", 40_000.0), ("tweetnacl", 4_000_000.0)];

    fn task() -> Task {
        let order =
            |id: &str, module: &str| SignerOrder { id: id.to_owned(), module: module.to_owned(), r#use: Use::Batch };
        let path = |name: &str| (name.to_owned(), format!("/modules/{name}.wasm"));
        Task {
            modules: BTreeMap::from(["signer-lanes", "signer-raw", "chapter"].map(path)),
            signers: vec![order("lanes", "signer-lanes"), order("held", "signer-raw")],
            ..fixture::task()
        }
    }

    #[test]
    fn everyone_signs_a_thousand_messages_in_a_program_of_its_own() {
        let hello = FakeHost::new(COSTS).hello();
        let (mut judge, mut tasks, mut steps) = (Judge::new(4096), vec![], 0);
        let lanes = race(
            "node",
            &task(),
            &who(&hello),
            &fixture::pace(),
            &mut judge,
            &mut |task| {
                tasks.push(task.clone());
                Ok(Box::new(FakeHost::new(COSTS)))
            },
            &mut |_| steps += 1,
        )
        .unwrap();
        assert_eq!(judge.faults(), Vec::<String>::new());
        let seen: Vec<_> = lanes.iter().map(|lane| (lane.id.as_str(), lane.times.len(), lane.slice_messages)).collect();
        assert_eq!(seen, [("lanes", 2, 8000), ("tweetnacl", 2, 1000)]);
        assert!((lanes[1].times[0].wall_ns - 4_000_000.0).abs() < 1e-6);
        assert_eq!((tasks.len(), steps), (4, 4));
        for task in tasks {
            match task.signers.as_slice() {
                [] => assert!(task.modules.is_empty(), "{task:?}"),
                [order] => assert_eq!((&*order.id, task.modules.len()), ("lanes", 1)),
                more => panic!("{more:?}"),
            }
        }
    }

    #[test]
    fn the_chapters_build_is_its_own_module() {
        let modules = only(&task(), "chapter").modules;
        assert_eq!(modules.into_keys().collect::<Vec<_>>(), ["chapter"]);
    }

    #[test]
    fn wrong_signatures_are_found_here_too() {
        let mut judge = Judge::new(4096);
        let mut start = |_: &Task| -> Result<Box<dyn Signers>, String> {
            let mut host = FakeHost::new(COSTS);
            host.wrong_from_turn = Some(3);
            Ok(Box::new(host))
        };
        let hello = FakeHost::new(COSTS).hello();
        let (who, pace) = (who(&hello), fixture::pace());
        race("node", &task(), &who, &pace, &mut judge, &mut start, &mut |_| ()).unwrap();
        assert_has(&judge.faults()[0], "node (alone)'s lanes");
    }

    #[test]
    fn nobody_signs_alone_where_no_javascript_runs() {
        let hello = FakeHost::new(&[("lanes", 9_000.0), ("go-crypto", 20_000.0)]).hello();
        assert!(who(&hello).is_empty());
    }
}
