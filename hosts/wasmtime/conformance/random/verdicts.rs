//! Random signatures, half of them spoilt in one place, verified in batches by the verifier's modules and natively by
//! `ed25519-dalek`, and compared.

use token_signer_core::{SigningKey, derive_public_key, verify, verify_strict};
use wasmtime::Module;

use crate::common::{Exports, Random};

/// The largest batch: more than the module works on at a time.
const MAX_BATCH: u64 = 600;
/// The longest message, in bytes: over one block of SHA-512.
const MAX_LEN: u64 = 200;
/// Keys that come often, and are held; and some that come now and then. They are made anew every few batches.
const OFTEN: u64 = 6;
const SOMETIMES: u64 = 40;
const BATCHES_PER_KEYS: u64 = 20;

/// Has every module verify `count` random signatures, in batches of 1 to 600, and tells `progress` how many are done.
///
/// # Errors
///
/// At the first verdict that is not dalek's, with all that it takes to repeat it.
pub(crate) fn compare(
    modules: &[(&str, Module)],
    seed: u64,
    count: u64,
    mut progress: impl FnMut(u64),
) -> Result<(), String> {
    let mut random = Random(seed);
    let mut instances: Vec<_> = modules.iter().map(|(name, module)| (*name, Exports::new(module))).collect();
    let (mut done, mut batches) = (0, 0);
    let mut keys = Vec::new();
    while done < count {
        if batches % BATCHES_PER_KEYS == 0 {
            keys = (0..OFTEN + SOMETIMES).map(|_| key(&mut random)).collect();
        }
        batches += 1;
        let size = (1 + random.below(MAX_BATCH)).min(count - done);
        let items: Vec<Item> = (0..size).map(|_| item(&mut random, &keys)).collect();
        let strict = random.below(2) == 1;
        let (export, native) =
            if strict { ("verify_batch_strict", verify_strict as Verify) } else { ("verify_batch", verify as Verify) };
        let wanted: Vec<u8> = items
            .iter()
            .map(|(public_key, message, signature)| u8::from(native(public_key, message, signature)))
            .collect();
        for (name, exports) in &mut instances {
            exports.put_verify_batch(&items);
            let status = exports.status(export);
            if status != 0 {
                return Err(format!("{name}: {export} gives {status} for {size} signatures"));
            }
            let given = exports.verdicts(items.len());
            if let Some(n) = (0..items.len()).find(|n| given[*n] != wanted[*n]) {
                let (public_key, message, signature) = &items[n];
                return Err(format!(
                    "{name}: verdict {n} of {size} by {export} is {}, and dalek's {}: public key {}, message {}, signature {}",
                    given[n],
                    wanted[n],
                    hex::encode(public_key),
                    hex::encode(message),
                    hex::encode(signature)
                ));
            }
        }
        done += size;
        progress(done);
    }
    Ok(())
}

type Verify = fn(&[u8; 32], &[u8], &[u8; 64]) -> bool;

/// Public key, message, signature.
type Item = ([u8; 32], Vec<u8>, [u8; 64]);

fn key(random: &mut Random) -> ([u8; 32], SigningKey) {
    let seed: [u8; 32] = random.array();
    let public_key = derive_public_key(&seed);
    let keypair: [u8; 64] = [seed, public_key].concat().try_into().expect("32 and 32 bytes");
    (public_key, SigningKey::from_keypair(&keypair).expect("a pair"))
}

/// By one of the keys, or by one that was never seen; right, or with one bit the other way round.
fn item(random: &mut Random, keys: &[([u8; 32], SigningKey)]) -> Item {
    let fresh;
    let (public_key, signer) = match random.below(4) {
        0 => {
            fresh = key(random);
            &fresh
        }
        1 => &keys[random.below(OFTEN + SOMETIMES) as usize],
        _ => &keys[random.below(OFTEN) as usize],
    };
    let len = random.below(MAX_LEN + 1);
    let message = random.bytes(len as usize);
    let (mut public_key, mut signature, mut message) = (*public_key, signer.sign(&message), message);
    if random.below(2) == 1 {
        match random.below(4) {
            0 => flip(random, &mut public_key),
            1 if !message.is_empty() => flip(random, &mut message),
            _ => flip(random, &mut signature),
        }
    }
    (public_key, message, signature)
}

fn flip(random: &mut Random, bytes: &mut [u8]) {
    let bit = random.below(8 * bytes.len() as u64) as usize;
    bytes[bit / 8] ^= 1 << (bit % 8);
}
