//! Who signs what, when, and what the clock says: the twin of hosts/node/bench/race.mjs. It does not judge:
//! signatures and times go to `everyhost bench`, which compares them and works out the figures.

use std::time::Duration;

use serde_json::{Value, json};

pub(crate) type Signature = [u8; 64];

type SignAll = dyn FnMut(&[&[u8]]) -> anyhow::Result<Vec<Signature>>;

/// One way to sign.
pub(crate) struct Contestant {
    id: String,
    /// Always signs all messages in one call, however long that takes.
    whole: bool,
    sign_all: Box<SignAll>,
}

impl Contestant {
    pub(crate) fn one_by_one(
        id: impl Into<String>,
        mut sign: impl FnMut(&[u8]) -> anyhow::Result<Signature> + 'static,
    ) -> Self {
        let sign_all =
            Box::new(move |messages: &[&[u8]]| messages.iter().map(|message| sign(message)).collect());
        Self {
            id: id.into(),
            whole: false,
            sign_all,
        }
    }

    pub(crate) fn whole(
        id: impl Into<String>,
        sign_all: impl FnMut(&[&[u8]]) -> anyhow::Result<Vec<Signature>> + 'static,
    ) -> Self {
        Self {
            id: id.into(),
            whole: true,
            sign_all: Box::new(sign_all),
        }
    }
}

pub(crate) struct Settings {
    pub(crate) messages: Vec<Vec<u8>>,
    pub(crate) rounds: usize,
    /// How long each contestant runs, at least, before it is timed.
    pub(crate) warm_up: Duration,
    /// About how long a contestant may take in a round; it gets fewer messages if it is slow.
    pub(crate) slice: Duration,
    pub(crate) now: Box<dyn FnMut() -> Duration>,
    /// How long this process has had a processor.
    pub(crate) cpu: Box<dyn FnMut() -> Duration>,
}

/// What one contestant did.
pub(crate) struct Lane {
    id: String,
    slice_messages: usize,
    samples_us: Vec<f64>,
    /// The same in the processor's time, which others on the machine do not lengthen.
    cpu_samples_us: Vec<f64>,
    /// Of every message, in order, from before the clock ran.
    signatures: Vec<Signature>,
    /// Messages whose signatures were others while the clock ran.
    changed: Vec<(usize, Option<Signature>)>,
}

impl Lane {
    pub(crate) fn to_json(&self) -> Value {
        let changed: Vec<_> = self
            .changed
            .iter()
            .map(|(message, signature)| {
                json!({ "message": message, "signature": signature.map(hex::encode).unwrap_or_default() })
            })
            .collect();
        json!({
            "id": self.id,
            "slice_messages": self.slice_messages,
            "samples_us": self.samples_us,
            "cpu_samples_us": self.cpu_samples_us,
            "signatures": self.signatures.iter().map(hex::encode).collect::<Vec<_>>(),
            "changed": changed,
        })
    }

    fn compare(&mut self, indexes: &[usize], again: &[Signature]) {
        for (n, &message) in indexes.iter().enumerate() {
            if again.get(n) != self.signatures.get(message) {
                self.changed.push((message, again.get(n).copied()));
            }
        }
    }
}

/// Everyone signs every message once; that is checked later and warms up too. Then come the rounds: in each,
/// every contestant signs a slice of the messages.
pub(crate) fn race(
    mut contestants: Vec<Contestant>,
    settings: &mut Settings,
    mut progress: impl FnMut(usize, usize, &str) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<Lane>> {
    let steps = contestants.len() * (settings.rounds + 1);
    let mut done = 0;
    let mut lanes = Vec::new();
    for contestant in &mut contestants {
        progress(done, steps, &format!("{}: warm-up", contestant.id))?;
        lanes.push(warm_up(contestant, settings)?);
        done += 1;
    }
    for round in 0..settings.rounds {
        for turn in order(lanes.len(), round) {
            let (lane, contestant) = (&mut lanes[turn], &mut contestants[turn]);
            progress(
                done,
                steps,
                &format!("{}: round {} of {}", lane.id, round + 1, settings.rounds),
            )?;
            let indexes = slice_of(settings.messages.len(), round, lane.slice_messages);
            let messages = pick(&settings.messages, &indexes);
            let cpu_start = (settings.cpu)();
            let start = (settings.now)();
            let signatures = (contestant.sign_all)(&messages)?;
            let elapsed = (settings.now)() - start;
            let cpu = (settings.cpu)() - cpu_start;
            let a_message_us = |time: Duration| time.as_secs_f64() * 1e6 / messages.len() as f64;
            lane.samples_us.push(a_message_us(elapsed));
            lane.cpu_samples_us.push(a_message_us(cpu));
            lane.compare(&indexes, &signatures);
            done += 1;
        }
    }
    progress(steps, steps, "done")?;
    Ok(lanes)
}

fn warm_up(contestant: &mut Contestant, settings: &mut Settings) -> anyhow::Result<Lane> {
    let count = settings.messages.len();
    let all: Vec<usize> = (0..count).collect();
    let start = (settings.now)();
    let signatures = (contestant.sign_all)(&pick(&settings.messages, &all))?;
    let mut per_message = ((settings.now)() - start) / count as u32;
    let length = |per_message| {
        if contestant.whole {
            count
        } else {
            slice_len(per_message, settings.slice, count)
        }
    };
    let mut lane = Lane {
        id: contestant.id.clone(),
        slice_messages: 0,
        samples_us: Vec::new(),
        cpu_samples_us: Vec::new(),
        signatures,
        changed: Vec::new(),
    };
    for lap in 0.. {
        let lap_start = (settings.now)();
        if lap_start - start >= settings.warm_up {
            break;
        }
        let indexes = slice_of(count, lap, length(per_message));
        let again = (contestant.sign_all)(&pick(&settings.messages, &indexes))?;
        per_message = ((settings.now)() - lap_start) / indexes.len() as u32;
        lane.compare(&indexes, &again);
    }
    lane.slice_messages = length(per_message);
    Ok(lane)
}

/// How many messages a slice has.
fn slice_len(per_message: Duration, slice: Duration, most: usize) -> usize {
    let fitting = slice.as_secs_f64() / per_message.as_secs_f64().max(1e-9);
    (fitting.ceil() as usize).clamp(1, most)
}

/// Later rounds take later messages, and start over at the end.
fn slice_of(count: usize, round: usize, len: usize) -> Vec<usize> {
    (0..len).map(|n| (round * len + n) % count).collect()
}

fn pick<'a>(messages: &'a [Vec<u8>], indexes: &[usize]) -> Vec<&'a [u8]> {
    indexes.iter().map(|&index| messages[index].as_slice()).collect()
}

/// Who is when: in each round another one begins, and the steps between turns change, so that nobody always
/// comes after the same one. Every number below `count`, once.
fn order(count: usize, round: usize) -> Vec<usize> {
    let steps: Vec<usize> = (0..count)
        .filter(|&step| greatest_common_divisor(step, count) == 1)
        .collect();
    let step = if steps.is_empty() {
        0
    } else {
        steps[round % steps.len()]
    };
    (0..count).map(|turn| (round + turn * step) % count).collect()
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeSet;
    use std::rc::Rc;

    use super::*;

    type Clock = Rc<Cell<Duration>>;

    /// Signs with the message's first bytes and moves the clock by `ms` for each message.
    fn takes(clock: &Clock, id: &str, ms: u64) -> Contestant {
        let clock = Rc::clone(clock);
        Contestant::one_by_one(id, move |message| {
            clock.set(clock.get() + Duration::from_millis(ms));
            Ok(signature_of(message))
        })
    }

    fn signature_of(message: &[u8]) -> Signature {
        std::array::from_fn(|n| message.get(n).copied().unwrap_or_default())
    }

    fn settings(clock: &Clock, messages: u8, rounds: usize) -> Settings {
        let (clock, cpu) = (Rc::clone(clock), Rc::clone(clock));
        Settings {
            messages: (0..messages).map(|n| vec![n, 1]).collect(),
            rounds,
            warm_up: Duration::ZERO,
            slice: Duration::from_millis(100),
            now: Box::new(move || clock.get()),
            cpu: Box::new(move || cpu.get() / 2),
        }
    }

    #[test]
    fn each_sample_is_the_time_of_one_message_and_slow_ones_get_fewer_messages() {
        let clock = Clock::default();
        let contestants = vec![takes(&clock, "fast", 1), takes(&clock, "slow", 40)];
        let lanes = race(contestants, &mut settings(&clock, 30, 5), |done, of, _| {
            assert!(done <= of);
            Ok(())
        })
        .unwrap();
        assert_eq!((lanes[0].slice_messages, lanes[1].slice_messages), (30, 3));
        for (lane, us) in lanes.iter().zip([1000.0, 40000.0]) {
            assert_eq!(lane.samples_us.len(), 5);
            assert!(lane.samples_us.iter().all(|sample| (sample - us).abs() < 1e-6));
            assert!(
                lane.cpu_samples_us
                    .iter()
                    .all(|sample| (sample - us / 2.0).abs() < 1e-6)
            );
            assert_eq!(lane.cpu_samples_us.len(), 5);
            assert_eq!(lane.signatures.len(), 30);
            assert!(lane.changed.is_empty());
        }
    }

    #[test]
    fn a_signature_that_is_another_one_while_the_clock_runs_is_handed_over() {
        let clock = Clock::default();
        let mut laps = 0;
        let changing = Contestant::whole("changing", move |messages| {
            laps += 1;
            let signed = messages
                .iter()
                .map(|message| signature_of(message))
                .collect::<Vec<_>>();
            Ok(if laps == 1 {
                signed
            } else {
                vec![signed[0], [9; 64]]
            })
        });
        let lanes = race(vec![changing], &mut settings(&clock, 3, 1), |_, _, _| Ok(())).unwrap();
        assert_eq!(lanes[0].changed, [(1, Some([9; 64])), (2, None)]);
        assert_eq!(
            lanes[0].to_json()["changed"][1],
            json!({ "message": 2, "signature": "" })
        );
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
