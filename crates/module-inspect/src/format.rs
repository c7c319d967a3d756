//! Whether a file is a module at all.

use anyhow::{Result, bail};
use wasmparser::BinaryReader;

/// What to do with a component.
pub const INSTEAD_OF_A_COMPONENT: &str = "build a core module, or take the one inside with `jco transpile`";

/// Says what a file is instead of a module. Of a module only the outline is looked at, because a host may know more than
/// this tool does.
pub fn check_format(wasm: &[u8]) -> Result<()> {
    let start = &wasm[..wasm.len().min(8)];
    if let Some(sections) = wasm.strip_prefix(b"\0asm\x01\0\0\0") {
        return check_sections(sections);
    }
    if wasm.starts_with(b"\0asm") && start.len() == 8 && start[6] == 1 {
        bail!("it is a component, and only core modules can be run here: {INSTEAD_OF_A_COMPONENT}");
    }
    let text = String::from_utf8_lossy(&wasm[..wasm.len().min(200)]);
    if text.trim_start().starts_with("(module") || text.trim_start().starts_with(";;") {
        bail!("it is a module in the text format; make it binary first, for instance with wat2wasm");
    }
    bail!(
        "it is not a Wasm module: that starts with 0061736d01000000, and this file {}",
        if start.is_empty() { "is empty".into() } else { format!("with {}", hex::encode(start)) }
    )
}

/// Each section says how long it is, and together they are the rest of the file.
fn check_sections(mut sections: &[u8]) -> Result<()> {
    let whole = sections.len();
    while let Some((id, rest)) = sections.split_first() {
        let at = 8 + whole - sections.len();
        let mut reader = BinaryReader::new(rest, 0);
        let len = reader.read_var_u32().unwrap_or(u32::MAX) as usize;
        let from = reader.original_position();
        match rest.get(from..).and_then(|rest| rest.get(len..)) {
            Some(next) => sections = next,
            None => bail!(
                "it is a module that was cut short: the section with the number {id} at byte {at} says that it is longer than the rest of the file"
            ),
        }
    }
    Ok(())
}
