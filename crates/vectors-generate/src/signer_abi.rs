//! The exports of the raw signer, each brought to every status that it can give. `OUT_OF_MEMORY` needs a host that limits
//! the memory: no sequence of calls under the caps can fill 4 GiB.
//!
//! signer_abi.txt has the steps of [`written`], several in a line with `; ` between, and shorter words for what is done
//! often. `{…}` in a step is hex: see [`Keys::bytes`].

use signer_abi::{CODES, ErrorCode};

use super::build::{BY_REFERENCE, made_here};
use super::words::Keys;
use super::written;
use vectors::model::{Face, Suite};

pub(super) fn suite() -> Suite {
    let keys = Keys::new("signer-abi");
    let bytes = |words: &str| match words {
        // Messages of two bytes each, for the largest batch.
        "numbers" => (0..4096u16).flat_map(u16::to_be_bytes).collect(),
        _ => keys.bytes(words),
    };
    let text = in_hex(&spelt_out_in(include_str!("signer_abi.txt"), spelt_out), bytes);
    written::suite("signer-abi", Face::SignerAbi, made_here(BY_REFERENCE), &text)
}

/// The text with each step of each case as `spelt_out` has it, a line each.
pub(super) fn spelt_out_in(text: &str, spelt_out: impl Fn(&str) -> String) -> String {
    let mut paragraphs = text.trim_end().split("\n\n");
    let mut text = paragraphs.next().unwrap_or_default().to_owned();
    for paragraph in paragraphs {
        let (head, body) = paragraph.split_once('\n').expect("a case has steps");
        text.push_str(&format!("\n\n{head}"));
        for step in body.lines().flat_map(|line| line.split("; ")) {
            text.push_str(&format!("\n{}", spelt_out(step)));
        }
    }
    text
}

/// One step, or the steps that a short word stands for.
fn spelt_out(step: &str) -> String {
    let status = |export: &str, code: &str| format!("call {export} = {}", status_of(code));
    let words: Vec<&str> = step.splitn(4, ' ').collect();
    match words[..] {
        // The three fixed buffers.
        ["buffers"] => "as key call get_signing_key_ptr = $key\nas signature call get_signature_ptr = $signature\n\
                        as public call get_public_key_ptr = $public"
            .to_owned(),
        ["zeros"] => "read $key {0x00*64}\nread $signature {0x00*64}\nread $public {0x00*32}".to_owned(),
        // Its buffer may be elsewhere each time, so each has a name of its own.
        ["message", ..] => {
            let message = step.trim_start_matches("message ");
            let name = step.replace(' ', "~");
            format!("as {name} call allocate_message {} = ${name}\nwrite ${name} {{{message}}}", message.len())
        }
        ["batch", lengths, messages] => {
            let lengths: Vec<u32> = lengths.split(',').filter_map(|length| length.parse().ok()).collect();
            let name = format!("batch {lengths:?}").replace(' ', "~");
            let bytes: String = lengths.iter().map(|length| hex::encode(length.to_le_bytes())).collect();
            let args = format!("{} {}", lengths.len(), messages.len());
            format!("as {name} call allocate_batch {args} = ${name}\nwrite ${name} {bytes}{{{messages}}}")
        }
        ["key", keypair] => format!("write $key {{{keypair}}}"),
        ["loads", keypair] => format!("write $key {{{keypair}}}\n{}\nread $key {{0x00*64}}", status("load_key", "OK")),
        ["status", export, code] => status(export, code),
        ["signs", export, key, message] => {
            format!("{}\nread $signature {{{key} signs {message}}}", status(export, "OK"))
        }
        // It leaves no signature.
        ["refuses", export, code] => format!("{}\nread $signature {{0x00*64}}", status(export, code)),
        ["signs_batch"] => {
            format!("{}\nas signatures call get_batch_signatures_ptr = $signatures", status("sign_batch", "OK"))
        }
        ["refuses_batch", code] => format!("{}\ncall get_batch_signatures_ptr = 0", status("sign_batch", code)),
        // A triple that verifies.
        ["right"] => format!(
            "{}\nwrite $public {{own.public}}\nwrite $signature {{own signs hello}}",
            spelt_out("message hello")
        ),
        _ => step.to_owned(),
    }
}

pub(super) fn status_of(name: &str) -> u32 {
    if name == "OK" {
        return ErrorCode::OK_STATUS;
    }
    let status = CODES.iter().find(|code| code.name == name).and_then(|code| code.status);
    status.unwrap_or_else(|| panic!("no export gives {name}"))
}

/// `text`, with the hex of what is in braces.
pub(super) fn in_hex(text: &str, bytes: impl Fn(&str) -> Vec<u8>) -> String {
    let mut parts = text.split(['{', '}']);
    let mut text = parts.next().unwrap_or_default().to_owned();
    while let (Some(words), Some(after)) = (parts.next(), parts.next()) {
        text.push_str(&hex::encode(bytes(words)));
        text.push_str(after);
    }
    text
}
