//! Memory that cannot grow: a call that needs more says so by its status, and the instance goes on.

use crate::common::{Exports, LANES, PUBLISHED_KEYPAIR, SIGNERS, SMALL};
use token_signer_core::{ErrorCode, SigningKey};

/// Messages of these many bytes. The last of them takes several pages.
const LENGTHS: [usize; 4] = [0, 5, 5000, 300_000];
/// Batches of so many messages. The last one's signatures take a page.
const COUNTS: [usize; 3] = [1, 70, 1100];

#[test]
fn at_every_page_limit_what_does_not_fit_is_refused_by_status_and_what_fits_is_right() {
    for name in SIGNERS.into_iter().chain(SMALL).chain(LANES) {
        let module = Exports::compile(name);
        let mut limits = 0;
        for pages in Exports::new(&module).memory().len() / 65_536.. {
            let mut exports = Exports::new(&module);
            exports.limit_memory(Some(pages));
            let refused = use_everything(&mut exports, &format!("{name}, {pages} pages"));
            // The same instance, which may have refused before.
            exports.limit_memory(None);
            let refused_later = use_everything(&mut exports, &format!("{name}, no limit after {pages} pages"));
            assert_eq!(refused_later, 0, "{name} refuses although there is room");
            limits += 1;
            if refused == 0 {
                break;
            }
        }
        assert!(limits > 1, "{name}: nothing was refused at the smallest limit");
    }
}

/// Lengths that do not add up are no lack of memory: it takes none to find them, even if a batch has taken all there is.
#[test]
fn a_bad_layout_is_named_when_no_memory_is_left() {
    const COUNT: u32 = 4096;
    for name in SIGNERS.into_iter().chain(LANES) {
        let module = Exports::compile(name);
        let with_batch = |total_len: u32| {
            let mut exports = Exports::new(&module);
            exports.limit_memory(Some(exports.memory().len() / 65_536 + 4));
            exports.load_key(&PUBLISHED_KEYPAIR);
            let at: u32 = exports.call("allocate_batch", (COUNT, total_len));
            (at != 0).then_some((exports, at))
        };
        // The longest batch that there is room for.
        let (mut fits, mut too_long) = (COUNT, 1 << 20);
        assert!(with_batch(fits).is_some() && with_batch(too_long).is_none(), "{name}");
        while too_long - fits > 1 {
            let middle = fits.midpoint(too_long);
            match with_batch(middle) {
                Some(_) => fits = middle,
                None => too_long = middle,
            }
        }
        let (mut exports, at) = with_batch(fits).unwrap();
        let mut lengths = vec![1; COUNT as usize];
        lengths[0] = fits - (COUNT - 1);
        let mut sign_batch = |lengths: &[u32]| {
            let lengths: Vec<[u8; 4]> = lengths.iter().map(|length| length.to_le_bytes()).collect();
            exports.put(at, lengths.as_flattened());
            exports.status("sign_batch")
        };
        let status = sign_batch(&lengths);
        // The others sign in the batch's own room.
        if SIGNERS.contains(&name) {
            assert_eq!(status, OUT_OF_MEMORY, "{name}: memory is left, so this proves nothing");
        }
        lengths[7] += 1;
        assert_eq!(sign_batch(&lengths), BATCH_LAYOUT, "{name}: one byte too many");
        lengths[7] -= 2;
        assert_eq!(sign_batch(&lengths), BATCH_LAYOUT, "{name}: one byte too few");
    }
}

/// Every call that may take memory, on an instance without a message. Returns how many were refused for want of it.
fn use_everything(exports: &mut Exports, which: &str) -> u32 {
    let native = SigningKey::from_keypair(&PUBLISHED_KEYPAIR).unwrap();
    let mut calls = Calls { exports, which, refused: 0 };
    calls.exports.call::<(), ()>("wipe", ());

    calls.exports.put_keypair(&PUBLISHED_KEYPAIR);
    assert_eq!(calls.exports.status("derive_public_key"), 0, "{which}");
    assert_eq!(calls.exports.public_key(), PUBLISHED_KEYPAIR[32..], "{which}");
    assert_eq!(calls.exports.status("load_key"), 0, "{which}");

    for len in LENGTHS {
        let message = vec![0x61; len];
        let at: u32 = calls.exports.call("allocate_message", len as u32);
        if at != 0 {
            calls.exports.put(at, &message);
        } else {
            calls.refused += 1;
        }
        let there_is_a_message = at != 0;
        let wanted = native.sign(&message);
        calls.signs("sign_loaded", there_is_a_message, &wanted);
        calls.exports.put_keypair(&PUBLISHED_KEYPAIR);
        calls.signs("try_sign", there_is_a_message, &wanted);
        for export in ["verify", "verify_strict"] {
            if calls.exports.has(export) {
                calls.status(export, there_is_a_message);
            }
        }
    }
    if calls.exports.has("sign_batch") {
        for count in COUNTS {
            calls.batch(&native, count);
        }
    }
    calls.refused
}

struct Calls<'a> {
    exports: &'a mut Exports,
    which: &'a str,
    refused: u32,
}

impl Calls<'_> {
    /// The status must be 0 if there is what the call needs, and `OUT_OF_MEMORY` if not.
    fn status(&mut self, export: &str, has_what_it_needs: bool) {
        let status = self.exports.status(export);
        let wanted = if has_what_it_needs { 0 } else { OUT_OF_MEMORY };
        assert_eq!(status, wanted, "{}: {export}", self.which);
    }

    fn signs(&mut self, export: &str, there_is_a_message: bool, wanted: &[u8; 64]) {
        self.status(export, there_is_a_message);
        let wanted = if there_is_a_message { wanted } else { &[0; 64] };
        assert_eq!(self.exports.signature(), *wanted, "{}: {export}", self.which);
    }

    fn batch(&mut self, native: &SigningKey, count: usize) {
        let which = format!("{}: a batch of {count}", self.which);
        let messages: Vec<[u8; 2]> = (0..count as u16).map(u16::to_le_bytes).collect();
        let at: u32 = self.exports.call("allocate_batch", (count as u32, 2 * count as u32));
        if at == 0 {
            self.refused += 1;
            return self.status("sign_batch", false);
        }
        self.exports.put(at, &[&2u32.to_le_bytes().repeat(count)[..], messages.as_flattened()].concat());
        // The signatures need room too.
        let status = self.exports.status("sign_batch");
        if status == OUT_OF_MEMORY {
            self.refused += 1;
            return assert_eq!(self.exports.call::<(), u32>("get_batch_signatures_ptr", ()), 0, "{which}");
        }
        assert_eq!(status, 0, "{which}");
        let signatures = self.exports.batch_signatures(count);
        for n in [0, count / 2, count - 1] {
            assert_eq!(signatures[n], native.sign(&messages[n]), "{which}, message {n}");
        }
    }
}

const OUT_OF_MEMORY: u32 = ErrorCode::status_of(Err(ErrorCode::OutOfMemory));
const BATCH_LAYOUT: u32 = ErrorCode::status_of(Err(ErrorCode::BatchLayout));
