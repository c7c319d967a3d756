//! How large memories and tables have to be for the segments that are put into them when an instance is made.

use std::collections::BTreeMap;

use wasm_encoder::Instruction;
use wasmparser::{ConstExpr, DataKind, ElementItems, ElementKind, Operator, Parser, Payload};

/// By index: the end of the last segment, in bytes of a memory and elements of a table. A linker gives a dynamic library
/// the room that it needs, and the library's import does not say how much that is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Least {
    pub(super) memories: BTreeMap<u32, u64>,
    pub(super) tables: BTreeMap<u32, u64>,
}

impl Least {
    /// `constants` are the values of the imported globals.
    pub(super) fn read(wasm: &[u8], constants: &[Instruction<'_>]) -> Self {
        let mut this = Self::default();
        let mut note = |ends: fn(&mut Self) -> &mut BTreeMap<u32, u64>, index, offset: &ConstExpr<'_>, len: u64| {
            if let Some(offset) = value(offset, constants) {
                let end = ends(&mut this).entry(index).or_default();
                *end = (*end).max(offset.saturating_add(len));
            }
        };
        for payload in Parser::new(0).parse_all(wasm).flatten() {
            match payload {
                Payload::DataSection(section) => {
                    for data in section.into_iter().flatten() {
                        if let DataKind::Active { memory_index, offset_expr } = data.kind {
                            note(|this| &mut this.memories, memory_index, &offset_expr, data.data.len() as u64);
                        }
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section.into_iter().flatten() {
                        let count = match element.items {
                            ElementItems::Functions(items) => items.count(),
                            ElementItems::Expressions(_, items) => items.count(),
                        };
                        if let ElementKind::Active { table_index, offset_expr } = element.kind {
                            note(|this| &mut this.tables, table_index.unwrap_or(0), &offset_expr, count.into());
                        }
                    }
                }
                _ => {}
            }
        }
        this
    }
}

/// Of a constant, an imported global, or a sum of those; none of anything else.
fn value(expression: &ConstExpr<'_>, constants: &[Instruction<'_>]) -> Option<u64> {
    let mut stack = Vec::new();
    for operator in expression.get_operators_reader() {
        match operator.ok()? {
            Operator::I32Const { value } => stack.push(u64::from(value as u32)),
            Operator::I64Const { value } => stack.push(value as u64),
            Operator::GlobalGet { global_index } => match constants.get(global_index as usize)? {
                Instruction::I32Const(value) => stack.push(u64::from(*value as u32)),
                Instruction::I64Const(value) => stack.push(*value as u64),
                _ => return None,
            },
            Operator::I32Add => {
                let sum = stack.pop()?.wrapping_add(stack.pop()?);
                stack.push(sum & u64::from(u32::MAX));
            }
            Operator::End => break,
            _ => return None,
        }
    }
    stack.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_segment_counts() {
        let wasm = wat::parse_str(
            r#"(module (import "e" "g" (global $g i32)) (memory 0) (table 0 funcref) (func $f)
              (data (i32.const 3) "ab") (data (i32.add (global.get $g) (i32.const 1)) "abc") (data (i32.const 1) "a")
              (elem (global.get $g) $f $f))"#,
        )
        .unwrap();
        let least = Least::read(&wasm, &[Instruction::I32Const(10)]);
        assert_eq!(least, Least { memories: [(0, 14)].into(), tables: [(0, 12)].into() });
        assert_eq!(Least::read(&wasm, &[]), Least { memories: [(0, 5)].into(), tables: BTreeMap::new() });
    }
}
