//! Many signatures verified in one call: every verification of the other suites, at many places of a batch, and around
//! what a verifier does at a time. What is expected of each is what is expected of it alone.

use std::collections::{BTreeMap, HashMap};

use super::build::{self, BY_REFERENCE, CAP, case, error, judged, made_here, repeated, signed, test_key, triple};
use ed25519_reference::Key;
use vectors::Bytes;
use vectors::answer::Output;
use vectors::model::{Case, Expect, Face, Suite};
use vectors::ops::{Op, VerifyInput, VerifyManyInput};

const FLAGS: &str = "\
House: the verifications of the other suites, mixed with a good one: each is in both lanes of a pair, beside the good one and beside another
SameKey: a public key comes so often that a verifier may keep a table for it
ManyKeys: more public keys than a verifier keeps tables for
Places: a wrong signature at some places of a batch, and so at every place of one of these batches
Sizes: batches at the ends of what a verifier does at a time, and of what the module takes: 4096
Split: more than one batch of the module may have, 4096 signatures or 16 MiB: the wrapper splits it
PublicKeyLength: a public key that is not 32 bytes is an error of the caller: nothing is verified
TooLarge: a message over 16 MiB: nothing is verified
TwoFaults: two things are wrong with one signature: the key is looked at first, then the message
Large: a message of 1 MiB or more";

/// What is wrong in [`places`]: the ends of ids. The one of the neutral key is right unless it is verified strictly.
const WRONG: [&str; 17] = [
    "failures/verify-other-message",
    "failures/verify-other-key",
    "failures/verify-halves-swapped",
    "failures/verify-zero-signature",
    "failures/verify-all-ones-signature",
    "failures/verify-s-plus-order",
    "failures/verify-s-is-order",
    "failures/verify-not-a-point",
    "failures/verify-r-not-a-point",
    "failures/verify-key-of-ones",
    "failures/verify-key-of-zeros",
    "failures/verify-neutral-key-and-r",
    "failures/verify-signature-of-0",
    "failures/verify-signature-of-63",
    "failures/verify-signature-of-65",
    "edge/large-a-large-r/a-mixed-t1-r-plain-times-8-verify",
    "edge/large-non-canonical/r-y3-plus-p-verify",
];

/// A longer message, or longer ones together, is not for slow hosts.
const SHORT: usize = 16 * 1024;

/// Public keys in a batch of [`same_keys`], and how often each comes.
const KEYS: usize = 2;
const TIMES: usize = 48;

/// Of the verifications in `others`: small batches for every module that verifies, and large ones for those made for them. One
/// that verifies one by one would take seconds on every host, and learn nothing more.
pub(super) fn suites(others: &[Suite]) -> [Suite; 2] {
    let house = House::new(others);
    let cases =
        [mixed(&house), same_keys(&house), many_keys(), places(&house), sizes(&house), large(&house), refused()];
    let is_long = |case: &Case| case.flags.iter().any(|flag| flag == build::LONG.0);
    let (large, small) = cases.concat().into_iter().partition(is_long);
    let suite = |name, face, cases: Vec<Case>| {
        let carried = |(flag, _): &(&str, &str)| cases.iter().any(|case| case.flags.iter().any(|one| one == flag));
        let flags: Vec<_> = build::flags(FLAGS).into_iter().filter(carried).collect();
        build::suite(name, face, made_here(BY_REFERENCE), &flags, cases)
    };
    [suite("ed25519-verifying", Face::Signer, small), suite("ed25519-verifying-batches", Face::Verifier, large)]
}

/// A signature, with what it is of, and what `verify` and `verify_strict` say of it.
#[derive(Clone)]
struct Known {
    id: String,
    triple: VerifyInput,
    verdicts: (bool, bool),
}

/// The verifications of the other suites, each once.
struct House(Vec<Known>);

impl House {
    fn new(others: &[Suite]) -> Self {
        let mut all: Vec<(&Case, &VerifyInput, [Option<bool>; 2])> = Vec::new();
        let mut places = HashMap::new();
        for case in others.iter().filter(|suite| suite.face == Face::Signer).flat_map(|suite| &suite.cases) {
            let (triple, is_strict) = match &case.op {
                Op::Verify(triple) => (triple, false),
                Op::VerifyStrict(triple) => (triple, true),
                _ => continue,
            };
            let Expect::Ok(Output { valid, .. }) = &case.expect else {
                continue;
            };
            let at = *places.entry(case.op.input().to_string()).or_insert(all.len());
            if at == all.len() {
                all.push((case, triple, [None; 2]));
            }
            all[at].2[usize::from(is_strict)] = *valid;
        }
        let known = |(case, triple, valid): (&Case, &VerifyInput, [Option<bool>; 2])| {
            let verdicts = match valid {
                [Some(lenient), Some(strict)] => (lenient, strict),
                _ => judged(triple),
            };
            Known { id: case.id.clone(), triple: triple.clone(), verdicts }
        };
        Self(all.into_iter().map(known).collect())
    }

    fn find(&self, end_of_id: &str) -> Known {
        let found = self.0.iter().find(|known| known.id.ends_with(end_of_id));
        found.unwrap_or_else(|| panic!("no suite verifies {end_of_id}")).clone()
    }

    /// Those with short messages.
    fn short(&self) -> impl Iterator<Item = &Known> {
        self.0.iter().filter(|known| known.triple.message.len() <= SHORT)
    }
}

fn good(key: &Key, message: impl Into<Bytes>) -> Known {
    let message = message.into();
    let signature = signed(key, &message);
    Known { id: String::new(), triple: triple(key.public_key(), message, signature), verdicts: (true, true) }
}

/// The same signature beside another message.
fn spoilt(good: &Known) -> Known {
    let triple = VerifyInput { message: b"spoilt".into(), ..good.triple.clone() };
    Known { triple, verdicts: (false, false), ..good.clone() }
}

/// Three that are right, of three keys.
fn goods() -> Vec<Known> {
    let messages = [Bytes::from(b""), Bytes::from(b"hello"), repeated(200)];
    ["one", "two", "three"].into_iter().zip(messages).map(|(key, message)| good(&test_key(key), message)).collect()
}

fn id(name: &str) -> String {
    format!("ed25519/verifying/{name}")
}

fn many(items: Vec<VerifyInput>, order: Option<Vec<usize>>) -> VerifyManyInput {
    VerifyManyInput { items, order }
}

/// `verify_many` and `verify_many_strict` of one batch.
fn both(name: &str, flags: &[&str], comment: &str, items: &[Known], order: Option<Vec<usize>>) -> [Case; 2] {
    let batch: Vec<&Known> = match &order {
        Some(order) => order.iter().map(|at| &items[*at]).collect(),
        None => items.iter().collect(),
    };
    let bytes: usize = batch.iter().map(|known| known.triple.message.len()).sum();
    let is_long = batch.len() > 50 || bytes > SHORT;
    let flags: Vec<&str> = flags.iter().copied().chain(is_long.then_some("Long")).collect();
    let expect = |verdict: fn(&Known) -> bool| {
        let verdicts: Vec<u8> = batch.iter().map(|known| u8::from(verdict(known))).collect();
        Expect::Ok(Output { verdicts: Some(verdicts.into()), ..Output::default() })
    };
    let input = many(items.iter().map(|known| known.triple.clone()).collect(), order);
    let (lenient, strict) = (expect(|known| known.verdicts.0), expect(|known| known.verdicts.1));
    [
        case(id(name), &flags, comment, Op::VerifyMany(input.clone()), lenient),
        case(id(&format!("{name}-strict")), &flags, comment, Op::VerifyManyStrict(input), strict),
    ]
}

/// Each is there four times: twice beside a good one and twice beside its neighbors, in either lane. Every so-manyth goes
/// into a batch, so that no key comes often enough to be worth a table.
fn mixed(house: &House) -> Vec<Case> {
    const MOST: usize = 24;
    let all: Vec<&Known> = house.short().collect();
    let batches = all.len().div_ceil(MOST);
    let batch = |number: usize| {
        let mut items = vec![good(&test_key("verifying"), b"good")];
        items.extend(all[number..].iter().step_by(batches).map(|known| (*known).clone()));
        let odd = 1..items.len();
        let order = odd.clone().flat_map(|at| [0, at]).chain(odd.clone().rev()).chain(odd).chain([0]);
        both(&format!("house-{number:02}"), &["House"], "", &items, Some(order.collect()))
    };
    (0..batches).flat_map(batch).collect()
}

/// Those of one key together, over and over.
fn same_keys(house: &House) -> Vec<Case> {
    let of_keys_that_come_again = ["ed25519/wycheproof/", "ed25519/failures/", "ed25519/edge/"];
    let mut by_key: BTreeMap<Vec<u8>, Vec<Known>> = BTreeMap::new();
    for known in house.short().filter(|known| of_keys_that_come_again.iter().any(|start| known.id.starts_with(start))) {
        by_key.entry(known.triple.public_key.to_vec()).or_default().push(known.clone());
    }
    // Half of the times each has come before a table is worth it.
    let parts: Vec<&[Known]> = by_key.values().flat_map(|known| known.chunks(TIMES / 2)).collect();
    let batch = |(number, parts): (usize, &[&[Known]])| {
        let items = parts.concat();
        let mut start = 0;
        let mut order = Vec::new();
        for part in parts {
            order.extend((0..TIMES).map(|n| start + n % part.len()));
            start += part.len();
        }
        both(&format!("same-key-{number:02}"), &["SameKey"], "", &items, Some(order))
    };
    parts.chunks(KEYS).enumerate().flat_map(batch).collect()
}

fn many_keys() -> Vec<Case> {
    let key = |n: usize| good(&test_key(&format!("verifying {n}")), b"hello");
    let items: Vec<Known> = (0..40).map(key).flat_map(|good| [good.clone(), spoilt(&good)]).collect();
    // Every fifth is wrong.
    let of_keys = |keys: Vec<usize>| -> Vec<usize> {
        keys.into_iter().enumerate().map(|(at, key)| 2 * key + usize::from(at % 5 == 4)).collect()
    };
    let in_turn = |keys: usize, times: usize| of_keys((0..keys * times).map(|n| n % keys).collect());
    let in_runs = (0..17).chain([0, 16, 1]).flat_map(|key| [key; 25]).collect();
    let of_one: Vec<Known> = (0..50u8).map(|n| good(&test_key("verifying"), vec![n; n.into()])).collect();
    let turns: Vec<usize> = (0..100).map(|n| n % 50).collect();
    [
        both("one-key", &["SameKey"], "one key, 50 messages, each twice", &of_one, Some(turns)),
        both("sixteen-keys-in-turn", &["SameKey"], "", &items[..32], Some(in_turn(16, 30))),
        both("seventeen-keys-in-turn", &["ManyKeys"], "", &items[..34], Some(in_turn(17, 30))),
        both("seventeen-keys-in-runs", &["ManyKeys"], "then three of them again", &items[..34], Some(of_keys(in_runs))),
        both("forty-keys-in-turn", &["ManyKeys"], "", &items, Some(in_turn(40, 30))),
    ]
    .concat()
}

/// Each kind of wrong one in either lane of a small batch; at every seventeenth place of 257; and some alone there.
fn places(house: &House) -> Vec<Case> {
    let batch = |name: String, wrong: &str, len: usize, is_wrong: &dyn Fn(usize) -> bool| {
        let mut items = goods();
        items.push(house.find(wrong));
        let order = (0..len).map(|at| if is_wrong(at) { 3 } else { at % 3 });
        let comment = wrong.replace('/', ": ").replace("verify-", "").replace("-verify", "");
        both(&name, &["Places"], &comment, &items, Some(order.collect()))
    };
    let of_all = WRONG.iter().enumerate().flat_map(|(from, wrong)| {
        [
            batch(format!("two-of-five-{from}"), wrong, 5, &|at| at == 1 || at == 4),
            batch(format!("every-17th-from-{from}"), wrong, 257, &|at| at % WRONG.len() == from),
        ]
        .concat()
    });
    let alone = [0, 1, 2, 127, 128, 254, 255, 256].into_iter().zip(WRONG);
    let of_one = alone.flat_map(|(place, wrong)| batch(format!("only-{place}"), wrong, 257, &|at| at == place));
    of_all.chain(of_one).collect()
}

fn sizes(house: &House) -> Vec<Case> {
    let mut items = goods();
    items.extend([house.find(WRONG[0]), house.find(WRONG[7])]);
    let of = |count: usize, flags: &[&str], comment: &str| {
        let order = (0..count).map(|at| if at % 7 == 3 { 3 + at % 2 } else { at % 3 });
        both(&format!("{count}"), flags, comment, &items, Some(order.collect()))
    };
    let mut cases = vec![];
    for count in [0, 1, 2, 3, 4, 5, 31, 32, 33, 99, 255, 256, 257, 511, 512, 513, 1000] {
        cases.extend(of(count, &["Sizes"], ""));
    }
    // Once each, because they take so long.
    cases.extend(of(4096, &["Sizes"], "exactly one batch of the module").into_iter().take(1));
    cases.extend(of(4097, &["Sizes", "Split"], "one more").into_iter().take(1));
    cases.extend(both("no-items", &["Sizes"], "", &[], None));
    cases.extend(both("without-order", &["Sizes"], "each once", &items, None));
    cases
}

fn large(house: &House) -> Vec<Case> {
    let mut items = goods();
    items.extend(["failures/verify-1-mib", "failures/verify-at-the-cap"].map(|end| house.find(end)));
    items.push(spoilt(&items[3]));
    [
        ("large-between-small", &["Large"][..], "", vec![1, 3, 0, 5, 2, 3]),
        ("whole-16-mib", &["Large"], "one message, which fills a batch", vec![4]),
        ("over-16-mib", &["Large", "Split"], "a message of 16 MiB between others", vec![1, 4, 2, 5, 3]),
    ]
    .into_iter()
    .flat_map(|(name, flags, comment, order)| both(name, flags, comment, &items, Some(order)))
    .collect()
}

fn refused() -> Vec<Case> {
    let good = goods().swap_remove(1).triple;
    let with_key = |len: usize| {
        let mut key = good.public_key.to_vec();
        key.resize(len, 0);
        VerifyInput { public_key: key.into(), ..good.clone() }
    };
    let over = |of: VerifyInput| VerifyInput { message: repeated(CAP + 1), ..of };
    let short_signature = |of: VerifyInput| VerifyInput { signature: [0; 63].into(), ..of };
    let key = |len: usize| (with_key(len), "PUBLIC_KEY_LENGTH", &["PublicKeyLength"][..]);
    let too_large = (over(good.clone()), "MESSAGE_TOO_LARGE", &["TooLarge"][..]);
    let last = vec![1, 1, 0];
    [
        ("key-of-31-first", key(31), vec![0, 1, 1]),
        ("key-of-33-between", key(33), vec![1, 1, 0, 1]),
        ("key-of-0-last", key(0), last.clone()),
        ("key-of-64-alone", key(64), vec![0]),
        ("over-the-cap-first", too_large.clone(), vec![0, 1]),
        ("over-the-cap-last", too_large, last.clone()),
        ("key-and-over", (over(with_key(31)), "PUBLIC_KEY_LENGTH", &["TwoFaults", "TooLarge"]), last.clone()),
        ("key-and-signature", (short_signature(with_key(31)), "PUBLIC_KEY_LENGTH", &["TwoFaults"]), last.clone()),
        (
            "over-and-signature",
            (short_signature(over(good.clone())), "MESSAGE_TOO_LARGE", &["TwoFaults", "TooLarge"]),
            last,
        ),
    ]
    .into_iter()
    .flat_map(|(name, (wrong, code, flags), order)| {
        let input = many(vec![wrong, good.clone()], Some(order));
        let of = |name: &str, op: Op| case(id(name), flags, "", op, error(code));
        [of(name, Op::VerifyMany(input.clone())), of(&format!("{name}-strict"), Op::VerifyManyStrict(input))]
    })
    .collect()
}
