//! A component around a core module, with wit-component as a library.

use anyhow::{Context, Result, ensure};
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

const CUSTOM_SECTION: u8 = 0;

/// A component, and the module that is in it.
pub(super) struct Encoded {
    /// The component, which imports nothing.
    pub(super) whole: Vec<u8>,
    /// The module, as it is in the component.
    pub(super) core: Vec<u8>,
}

/// Puts `core` into a component of the world that wit-bindgen described in a custom section of it.
pub(super) fn encode(core: &[u8]) -> Result<Encoded> {
    // ANCHOR: encode
    let encoded = ComponentEncoder::default().validate(true).module(core).and_then(|mut encoder| encoder.encode());
    let whole = stripped(&encoded.context("wit-component cannot make a component of it")?)?;
    // ANCHOR_END: encode
    let mut cores = Vec::new();
    // The component exports its instances through inner components, which import what they export.
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(&whole) {
        match payload? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ModuleSection { unchecked_range, .. } => cores.push(whole[unchecked_range].to_vec()),
            Payload::ComponentImportSection(_) => ensure!(depth > 1, "the component imports something"),
            _ => {}
        }
    }
    // After it come two that wit-component writes if there is a resource: its destructor is named before the module is instantiated.
    let core = cores.into_iter().next().context("the component has no core module")?;
    Ok(Encoded { whole, core })
}

/// Without the component's own custom sections: its names, and what made it.
fn stripped(component: &[u8]) -> Result<Vec<u8>> {
    let mut kept = component[..8].to_vec();
    let (mut depth, mut end) = (0, kept.len());
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        match payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ => {}
        }
        // What is in a module or in an inner component is part of a section that is kept as a whole.
        if let (1, Some((id, range))) = (depth, payload.as_section()) {
            if id != CUSTOM_SECTION {
                kept.extend_from_slice(&component[end..range.end]);
            }
            end = range.end;
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_has_the_module_and_nothing_that_no_host_reads() {
        let core = wat::parse_str("(module)").unwrap();
        let Encoded { whole, core } = encode(&core).unwrap();
        assert!(whole.starts_with(b"\0asm\x0d\0\x01\0") && core.starts_with(b"\0asm\x01\0\0\0"));
        assert!(whole.windows(core.len()).any(|bytes| bytes == core));
        let after = &whole[whole.len() - 20..];
        assert!(!after.windows(9).any(|bytes| bytes == b"producers"), "{after:?}");
        wasmparser::Validator::new().validate_all(&whole).unwrap();
    }

    #[test]
    fn a_module_that_imports_what_no_world_has_is_refused() {
        let core = wat::parse_str(r#"(module (import "a" "b" (func)))"#).unwrap();
        assert!(encode(&core).is_err());
    }
}
