//! The exports of the verifier, each brought to every status that it can give.
//!
//! verifier_abi.txt has its steps as signer_abi.txt has, with words of its own. An item of a batch is `good`, `spoilt` (another
//! message), `other` (by another key), `nobody` (by a key that is no point), `lenient` (right unless it is verified
//! strictly), or `key7`, by a test key of that number; `good*3` is three of them.

use super::build::{BY_REFERENCE, made_here, test_key, unhex};
use super::signer_abi::{in_hex, spelt_out_in, status_of};
use super::words::Keys;
use super::written;
use vectors::model::{Face, Suite};

pub(super) fn suite() -> Suite {
    let text = spelt_out_in(include_str!("verifier_abi.txt"), spelt_out);
    let keys = Keys::new("verifier-abi");
    let bytes = |words: &str| match words.strip_prefix("key") {
        Some(number) => numbered(number).public_key().to_vec(),
        None => keys.bytes(words),
    };
    written::suite("verifier-abi", Face::Verifier, made_here(BY_REFERENCE), &in_hex(&text, bytes))
}

fn numbered(number: &str) -> ed25519_reference::Key {
    test_key(&format!("verifier-abi {number}"))
}

fn spelt_out(step: &str) -> String {
    let words: Vec<&str> = step.split(' ').collect();
    match words[..] {
        // Its buffer may be elsewhere each time, so each has a name of its own.
        ["batch", name, items] => {
            let items: Vec<Item> = items.split(',').flat_map(items_of).collect();
            let total_len: usize = items.iter().map(|item| item.message.len()).sum();
            let head = |item: &Item| {
                hex::encode(
                    [&item.public_key[..], &item.signature, &(item.message.len() as u32).to_le_bytes()].concat(),
                )
            };
            let heads: String = items.iter().map(head).collect();
            let messages: String = items.iter().map(|item| hex::encode(&item.message)).collect();
            format!(
                "as {name} call allocate_verify_batch {} {total_len} = ${name}\nwrite ${name} {heads}{messages}",
                items.len()
            )
        }
        [verify @ ("verifies" | "verifies_strictly"), name, verdicts] => {
            let export = if verify == "verifies" { "verify_batch" } else { "verify_batch_strict" };
            format!(
                "call {export} = 0\nas {name}~verdicts call get_verdicts_ptr = ${name}~verdicts\n\
                 read ${name}~verdicts {{0x{}}}",
                verdicts.replace('+', "+0x")
            )
        }
        // It leaves no verdicts.
        ["refuses", code] => ["verify_batch", "verify_batch_strict"]
            .map(|export| format!("call {export} = {}\ncall get_verdicts_ptr = 0", status_of(code)))
            .join("\n"),
        ["key", key @ ("own" | "other")] => spelt_out(&format!("key {key}.public")),
        ["key", key] => format!("as key call get_public_key_ptr = $key\nwrite $key {{{key}}}"),
        ["holds", key] => format!("{}\nas {key} call hold_key = ${key}", spelt_out(&format!("key {key}"))),
        ["no_point"] => format!("{}\ncall hold_key = 0", spelt_out("key 0x02+0x00*31")),
        _ => step.to_owned(),
    }
}

struct Item {
    public_key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

fn items_of(words: &str) -> Vec<Item> {
    let (name, times) = words.split_once('*').unwrap_or((words, "1"));
    (0..times.parse().expect("a number of times")).map(|_| item(name)).collect()
}

fn item(name: &str) -> Item {
    let keys = Keys::new("verifier-abi");
    let (key, message) = match name {
        "other" => (keys.key("other"), ""),
        _ => match name.strip_prefix("key") {
            Some(number) => (numbered(number), "hello"),
            None => (keys.key("own"), "hello"),
        },
    };
    let neutral = || unhex(&format!("01{}", "00".repeat(31)));
    let [public_key, signature] = match name {
        "nobody" => [unhex(&format!("02{}", "00".repeat(31))), vec![0; 64]],
        "lenient" => [neutral(), [neutral(), vec![0; 32]].concat()],
        _ => [key.public_key().to_vec(), key.sign(message.as_bytes()).to_vec()],
    };
    let message = if name == "spoilt" { "hullo" } else { message };
    Item { public_key, message: message.into(), signature }
}
