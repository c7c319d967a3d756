//! Whether what is timed is right: every signature of everyone, on every host, is the same as all the others', and every
//! verdict is right.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::Sign;
use crate::signed;

/// How many faults are listed; one wrong contestant has a thousand of them.
const MOST_FAULTS: usize = 5;

/// Hex digits of a signature.
const HEX_LEN: usize = 128;

/// Has heard every signature of a run, also those that were made while the clock ran.
#[derive(Debug)]
pub(crate) struct Judge {
    /// By message: each signature that anyone gave, and who.
    given: Vec<Vec<(String, Vec<usize>)>>,
    names: Vec<String>,
    /// By name: which messages it has signed.
    signed: Vec<Vec<bool>>,
    malformed: Vec<String>,
}

impl Judge {
    /// For `messages` messages.
    pub(crate) fn new(messages: usize) -> Self {
        Self { given: vec![vec![]; messages], names: vec![], signed: vec![], malformed: vec![] }
    }

    /// Hears what `name` gave in one turn: `signatures` in hex, one after the other.
    pub(crate) fn hear(&mut self, name: &str, turn: &Sign, signatures: &str) {
        let is_hex = signatures.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if signatures.len() != turn.count * HEX_LEN || !is_hex {
            self.malformed.push(format!(
                "{name} should have given {} signatures of {HEX_LEN} hex digits from hello{} on, and gave {} characters: {:?}",
                turn.count,
                turn.first,
                signatures.len(),
                signatures.chars().take(32).collect::<String>()
            ));
            return;
        }
        let who = self.number(name);
        for n in 0..turn.count {
            let message = (turn.first + n) % self.given.len();
            let signature = &signatures[n * HEX_LEN..][..HEX_LEN];
            self.signed[who][message] = true;
            let groups = &mut self.given[message];
            match groups.iter_mut().find(|(known, _)| known == signature) {
                Some((_, names)) if names.contains(&who) => {}
                Some((_, names)) => names.push(who),
                None => groups.push((signature.to_owned(), vec![who])),
            }
        }
    }

    /// Hears the verdicts of a turn, in hex: `01` or `00` for each of the signatures, of which there are `of`.
    pub(crate) fn hear_verdicts(&mut self, name: &str, turn: &Sign, verdicts: &str, of: usize) {
        let places = (turn.first..turn.first + turn.count).map(|n| n % of);
        let right: String = places.clone().map(|n| if signed::is_spoilt(n) { "00" } else { "01" }).collect();
        if verdicts != right {
            let wrong = places.clone().zip(verdicts.as_bytes().chunks(2)).find(|(n, verdict)| {
                let is_right = !signed::is_spoilt(*n);
                *verdict != if is_right { b"01" } else { b"00" }
            });
            let about = wrong.map_or_else(
                || format!("{} hex digits for {} verdicts", verdicts.len(), turn.count),
                |(n, _)| format!("a wrong verdict on the signature of hello{n}"),
            );
            self.malformed.push(format!("{name} gave {about}"));
        }
        let who = self.number(name);
        places.for_each(|n| self.signed[who][n] = true);
    }

    /// How many different messages of `name` have been compared.
    pub(crate) fn compared(&self, name: &str) -> usize {
        self.names
            .iter()
            .position(|known| known == name)
            .map_or(0, |who| self.signed[who].iter().filter(|signed| **signed).count())
    }

    /// What is wrong, in words; empty where everything is right.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = self.malformed.clone();
        let signers: BTreeSet<usize> = self.given.iter().flatten().flat_map(|(_, names)| names).copied().collect();
        if signers.len() < 2 {
            faults.push(format!("{} signed: there is nobody to compare with", signers.len()));
        }
        faults.extend((0..self.given.len()).filter_map(|message| self.disagreement(message)));
        let more = faults.len().saturating_sub(MOST_FAULTS);
        faults.truncate(MOST_FAULTS);
        if more > 0 {
            faults.push(format!("and {more} more like these"));
        }
        faults
    }

    /// Who gives what, where not everyone gives the same signature of a message every time.
    fn disagreement(&self, message: usize) -> Option<String> {
        if self.given[message].len() < 2 {
            return None;
        }
        let mut groups: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (signature, names) in &self.given[message] {
            let told: Vec<_> = names.iter().map(|&who| self.names[who].as_str()).collect();
            let told = format!("\n  {signature} from {}", told.join(", "));
            groups.entry(names.len()).or_default().push(told);
        }
        // Whoever is alone with a signature is likely to be the wrong one.
        let told: Vec<_> = groups.into_values().flatten().collect();
        Some(format!("hello{message} has {} signatures:{}", told.len(), told.concat()))
    }

    fn number(&mut self, name: &str) -> usize {
        if let Some(who) = self.names.iter().position(|known| known == name) {
            return who;
        }
        self.names.push(name.to_owned());
        self.signed.push(vec![false; self.given.len()]);
        self.names.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{assert_has, signatures};

    fn turn(first: usize, count: usize) -> Sign {
        Sign { contestant: String::new(), first, count, a_call: 1 }
    }

    /// Three contestants that have signed 30 messages each.
    fn judged(change: impl FnOnce(&mut String)) -> Judge {
        let mut judge = Judge::new(30);
        let right = signatures(0, 30, 30);
        let mut changed = right.clone();
        change(&mut changed);
        judge.hear("node's held", &turn(0, 30), &right);
        judge.hear("node's tweetnacl", &turn(0, 30), &changed);
        judge.hear("go-wazero's held", &turn(0, 30), &right);
        judge
    }

    #[test]
    fn equal_signatures_are_right_wherever_a_turn_begins() {
        let mut judge = judged(|_| ());
        judge.hear("python's lanes", &turn(25, 10), &signatures(25, 10, 30));
        assert_eq!(judge.faults(), Vec::<String>::new());
        assert_eq!((judge.compared("node's held"), judge.compared("python's lanes")), (30, 10));
        assert_eq!(judge.compared("nobody"), 0);
    }

    #[test]
    fn one_wrong_signature_among_all_is_found_and_its_maker_named_first() {
        let faults = judged(|given| given.replace_range(17 * 128..18 * 128, &"f".repeat(128))).faults();
        assert_eq!(faults.len(), 1);
        let start = format!("hello17 has 2 signatures:\n  {} from node's tweetnacl\n  ", "f".repeat(128));
        assert!(faults[0].starts_with(&start), "{faults:?}");
        assert!(faults[0].ends_with("from node's held, go-wazero's held"), "{faults:?}");
    }

    #[test]
    fn a_signature_that_is_another_one_the_second_time_is_found() {
        let mut judge = judged(|_| ());
        judge.hear("node's held", &turn(3, 1), &"f".repeat(128));
        assert!(judge.faults()[0].starts_with("hello3 has 2 signatures:\n  ffff"));
    }

    #[test]
    fn a_contestant_that_is_always_wrong_is_told_briefly() {
        let faults = judged(|given| *given = "0f".repeat(64 * 30)).faults();
        assert_eq!(faults.len(), MOST_FAULTS + 1);
        assert_eq!(faults[MOST_FAULTS], "and 25 more like these");
    }

    #[test]
    fn what_is_missing_or_of_the_wrong_form_is_a_fault() {
        assert!(judged(|given| given.truncate(29 * 128)).faults()[0].contains("and gave 3712 characters"));
        assert_has(&judged(|given| given.replace_range(..1, "g")).faults()[0], "30 signatures of 128 hex digits");
        assert!(judged(String::clear).faults()[0].contains("node's tweetnacl should have given 30"));
    }

    #[test]
    fn one_alone_proves_nothing() {
        let mut judge = Judge::new(2);
        judge.hear("node's held", &turn(0, 2), &signatures(0, 2, 2));
        assert!(judge.faults()[0].contains("nobody to compare with"));
        judge.hear_verdicts("node's verify-raw", &turn(0, 2), "0101", 2);
        assert!(judge.faults()[0].contains("nobody to compare with"), "verdicts prove no signature");
    }

    #[test]
    fn a_wrong_verdict_is_found_in_either_direction() {
        let faults = |verdicts: &str| {
            let mut judge = judged(|_| ());
            judge.hear_verdicts("node's verify-raw", &turn(2, 4), verdicts, 5);
            assert_eq!(judge.compared("node's verify-raw"), 4);
            judge.faults().concat()
        };
        // Of hello2, hello3, hello4 and hello0.
        assert_eq!(faults("01000101"), "");
        assert_has(faults("01010101"), "node's verify-raw gave a wrong verdict on the signature of hello3");
        assert_has(faults("01000100"), "a wrong verdict on the signature of hello0");
        assert_has(faults("010001"), "6 hex digits for 4 verdicts");
    }
}
