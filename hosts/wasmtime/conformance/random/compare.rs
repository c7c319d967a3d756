//! Random messages, signed in batches by the lanes modules and natively by `ed25519-dalek`, and compared.

use token_signer_core::SigningKey;
use wasmtime::Module;

use crate::common::{Exports, Random, keypair};

/// The largest batch: one message more than the module works on at a time, and some.
const MAX_BATCH: u64 = 300;
/// The longest message, in bytes: over one block of SHA-512.
const MAX_LEN: u64 = 200;
/// How many batches are signed with one key.
const BATCHES_PER_KEY: u64 = 8;

/// Has `count` random messages signed by every module, in batches of 1 to 300 with a new key every few batches, and
/// tells `progress` how many are done.
///
/// # Errors
///
/// At the first signature that is not dalek's, with all that it takes to repeat it.
pub(crate) fn compare(
    modules: &[(&str, Module)],
    seed: u64,
    count: u64,
    mut progress: impl FnMut(u64),
) -> Result<(), String> {
    let mut random = Random(seed);
    let mut instances: Vec<_> = modules.iter().map(|(name, module)| (*name, Exports::new(module))).collect();
    let (mut done, mut batches) = (0, 0);
    let mut key = None;
    while done < count {
        if batches % BATCHES_PER_KEY == 0 {
            let keypair = keypair(random.bytes(32).try_into().expect("32 bytes"));
            for (name, exports) in &mut instances {
                exports.put_keypair(&keypair);
                let status = exports.status("load_key");
                if status != 0 {
                    return Err(format!("{name}: load_key gives {status} for {}", hex::encode(keypair)));
                }
            }
            key = Some((keypair, SigningKey::from_keypair(&keypair).expect("a pair")));
        }
        batches += 1;
        let (keypair, native) = key.as_ref().expect("the first batch makes a key");
        let size = (1 + random.next() % MAX_BATCH).min(count - done);
        let mut message = || {
            let len = random.below(MAX_LEN + 1);
            random.bytes(len as usize)
        };
        let messages: Vec<Vec<u8>> = (0..size).map(|_| message()).collect();
        let slices: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let wanted = native.sign_many(&slices).expect("a batch below the cap");
        for (name, exports) in &mut instances {
            exports.put_batch(&slices);
            let status = exports.status("sign_batch");
            if status != 0 {
                return Err(format!("{name}: sign_batch gives {status} for {size} messages"));
            }
            let made = exports.batch_signatures(slices.len());
            if let Some(n) = (0..slices.len()).find(|n| made[*n] != wanted[*n]) {
                let hex = hex::encode::<&[u8]>;
                return Err(format!(
                    "{name}: signature {n} of {size} is not dalek's: keypair {}, message {}, dalek {}, module {}",
                    hex(keypair),
                    hex(slices[n]),
                    hex(&wanted[n]),
                    hex(&made[n])
                ));
            }
        }
        done += size;
        progress(done);
    }
    Ok(())
}
