//! Runs a module and follows its secrets.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{MemArg, Operator};

use crate::finding::{Finding, Kind};
use crate::module::{Ins, Module, Target};
use crate::numeric::Numeric;
use crate::simd;
use crate::value::{Value, extend_s};

const PAGE: usize = 65536;
/// Functions that may be in progress at once: deep recursion is not what a signer does.
const DEPTH: u32 = 500;

/// An instance of a module, whose every value and byte carries which of its bits are secret.
#[derive(Debug)]
pub struct Machine<'m> {
    module: &'m Module<'m>,
    stack: Vec<Value>,
    globals: Vec<Value>,
    memory: Vec<u8>,
    /// For each byte of the memory, its secret bits.
    shadow: Vec<u8>,
    found: HashMap<(u32, u32, Kind), u64>,
    export: String,
    /// What has been found so far, in the order of the calls, then of the offsets.
    pub findings: Vec<Finding>,
    /// How many instructions have run.
    pub steps: u64,
    /// A hash of the way that was taken: every jump, call and address of memory, in order.
    pub trace: u64,
    depth: u32,
    here: (u32, u32),
}

impl<'m> Machine<'m> {
    /// A new instance. An error if a data segment does not fit its memory.
    pub fn new(module: &'m Module<'m>) -> Result<Self> {
        let mut memory = vec![0; usize::try_from(module.memory.0)? * PAGE];
        for (at, data) in &module.data {
            let place = memory.get_mut(*at..at + data.len()).context("a data segment lies outside the memory")?;
            place.copy_from_slice(data);
        }
        Ok(Self {
            module,
            stack: Vec::new(),
            globals: module.globals.clone(),
            shadow: vec![0; memory.len()],
            memory,
            found: HashMap::new(),
            export: String::new(),
            findings: Vec::new(),
            steps: 0,
            trace: 0,
            depth: 0,
            here: (0, 0),
        })
    }

    /// Calls an export. An error if there is no such export, it takes other arguments, or it traps.
    pub fn call(&mut self, export: &str, arguments: &[Value]) -> Result<Vec<Value>> {
        let index =
            *self.module.exports.get(export).with_context(|| format!("the module exports no function {export}"))?;
        let function = &self.module.functions[index as usize];
        let (takes, given) = (function.params, arguments.len());
        ensure!(given == takes, "{export} takes {takes} arguments, not {given}");
        export.clone_into(&mut self.export);
        self.stack.clear();
        self.depth = 0;
        self.stack.extend_from_slice(arguments);
        let result = self.run(index).with_context(|| {
            let (function, pc) = self.here;
            let function = &self.module.functions[function as usize];
            let offset = function.offsets[pc as usize];
            format!("in {} at offset {offset:#x}, called by export {export}", function.name)
        });
        self.settle();
        result?;
        Ok(std::mem::take(&mut self.stack))
    }

    /// Writes bytes, all of whose bits are secret or none. An error if they do not fit the memory.
    pub fn write(&mut self, at: u32, bytes: &[u8], secret: bool) -> Result<()> {
        let range = self.range(at.into(), bytes.len())?;
        self.memory[range.clone()].copy_from_slice(bytes);
        self.shadow[range].fill(if secret { 0xff } else { 0 });
        Ok(())
    }

    /// Reads `len` bytes. An error if they lie outside the memory.
    pub fn read(&self, at: u32, len: usize) -> Result<&[u8]> {
        Ok(&self.memory[self.range(at.into(), len)?])
    }

    /// The addresses of bytes that hold a secret bit, as ranges.
    #[must_use]
    pub fn secret_bytes(&self) -> Vec<std::ops::Range<usize>> {
        let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
        for (at, _) in self.shadow.iter().enumerate().filter(|(_, bits)| **bits != 0) {
            match ranges.last_mut() {
                Some(last) if last.end == at => last.end = at + 1,
                _ => ranges.push(at..at + 1),
            }
        }
        ranges
    }

    /// Makes findings of what the call that has ended did.
    fn settle(&mut self) {
        let mut found: Vec<_> = self.found.drain().collect();
        found.sort_unstable();
        for ((function, pc, kind), times) in found {
            let function = &self.module.functions[function as usize];
            let new = Finding {
                export: self.export.clone(),
                function: function.name.clone(),
                offset: function.offsets[pc as usize],
                kind,
                times,
            };
            let same = |old: &&mut Finding| (&old.export, old.offset, old.kind) == (&new.export, new.offset, new.kind);
            match self.findings.iter_mut().find(same) {
                Some(old) => old.times += times,
                None => self.findings.push(new),
            }
        }
    }

    fn range(&self, at: u64, len: usize) -> Result<std::ops::Range<usize>> {
        let start = usize::try_from(at)?;
        let end = start.checked_add(len).context("an address overflows")?;
        ensure!(end <= self.memory.len(), "trap: out of bounds memory access at {at}");
        Ok(start..end)
    }

    /// One step of FNV-1a, a word at a time.
    fn passed(&mut self, place: u64) {
        self.trace = (self.trace ^ place).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
    }

    #[cold]
    fn report(&mut self, kind: Kind) {
        *self.found.entry((self.here.0, self.here.1, kind)).or_default() += 1;
    }

    fn check(&mut self, value: Value, kind: Kind) {
        if value.is_secret() {
            self.report(kind);
        }
    }

    /// Takes an address, index or length for the trace.
    fn touch(&mut self, value: Value, kind: Kind) {
        self.check(value, kind);
        self.passed(value.u32().into());
    }

    fn pop(&mut self) -> Value {
        self.stack.pop().expect("validated: an operand is there")
    }

    /// Runs a function whose arguments are on the stack, and leaves its results there.
    fn run(&mut self, index: u32) -> Result<()> {
        self.depth += 1;
        ensure!(self.depth <= DEPTH, "trap: more than {DEPTH} calls deep");
        let module = self.module;
        let function = &module.functions[index as usize];
        let base = self.stack.len() - function.params;
        let operands = base + function.params + function.locals;
        self.stack.resize(operands, Value::default());
        let mut pc = 0;
        loop {
            self.here = (index, pc as u32);
            self.steps += 1;
            let ins = &function.code[pc];
            pc += 1;
            match ins {
                Ins::Plain(operator) => match operator {
                    Operator::LocalGet { local_index } => self.stack.push(self.stack[base + *local_index as usize]),
                    Operator::LocalSet { local_index } => {
                        let value = self.pop();
                        self.stack[base + *local_index as usize] = value;
                    }
                    Operator::LocalTee { local_index } => {
                        self.stack[base + *local_index as usize] = self.stack[self.stack.len() - 1];
                    }
                    Operator::Call { function_index } => self.run(*function_index)?,
                    Operator::CallIndirect { type_index, .. } => {
                        let slot = self.pop();
                        self.check(slot, Kind::TableIndex);
                        let entry = module.table.get(slot.u32() as usize).copied().flatten();
                        let callee = entry.context("trap: no function at this index of the table")?;
                        let given = module.functions[callee as usize].type_index as usize;
                        ensure!(
                            module.types[given] == module.types[*type_index as usize],
                            "trap: indirect call of a function of another type"
                        );
                        self.passed(callee.into());
                        self.run(callee)?;
                    }
                    other => self.plain(other)?,
                },
                Ins::Numeric(numeric) => self.numeric(*numeric)?,
                Ins::Jump(target) => pc = *target as usize,
                Ins::If(otherwise) => {
                    if !self.condition() {
                        pc = *otherwise as usize;
                    }
                }
                Ins::Br(target) => pc = self.branch(*target, operands),
                Ins::BrIf(target) => {
                    if self.condition() {
                        pc = self.branch(*target, operands);
                    }
                }
                Ins::BrTable(targets) => {
                    let slot = self.pop();
                    self.touch(slot, Kind::TableIndex);
                    let target = targets[(slot.u32() as usize).min(targets.len() - 1)];
                    pc = self.branch(target, operands);
                }
                Ins::Return => {
                    let results = self.stack.len() - function.results;
                    self.stack.drain(base..results);
                    self.depth -= 1;
                    return Ok(());
                }
            }
        }
    }

    /// Pops the condition of a branch.
    fn condition(&mut self) -> bool {
        let condition = self.pop();
        self.check(condition, Kind::Branch);
        self.passed((condition.u32() == 0).into());
        condition.u32() != 0
    }

    fn branch(&mut self, target: Target, operands: usize) -> usize {
        let taken = self.stack.len() - target.arity as usize;
        let height = operands + target.height as usize;
        if taken != height {
            self.stack.drain(height..taken);
        }
        target.pc as usize
    }

    /// An instruction without control flow.
    fn plain(&mut self, operator: &Operator<'_>) -> Result<()> {
        match operator {
            Operator::Unreachable => bail!("trap: unreachable"),
            Operator::Drop => {
                self.pop();
            }
            Operator::Select | Operator::TypedSelect { .. } => {
                let (condition, b, a) = (self.pop(), self.pop(), self.pop());
                self.check(condition, Kind::Select);
                let mut chosen = if condition.u32() != 0 { a } else { b };
                if condition.is_secret() {
                    chosen.secret = a.secret | b.secret | (a.bits ^ b.bits);
                }
                self.stack.push(chosen);
            }
            Operator::GlobalGet { global_index } => self.stack.push(self.globals[*global_index as usize]),
            Operator::GlobalSet { global_index } => self.globals[*global_index as usize] = self.pop(),
            Operator::I32Const { value } => self.stack.push(Value::public(*value as u32)),
            Operator::I64Const { value } => self.stack.push(Value::public(*value as u64)),
            Operator::F32Const { value } => self.stack.push(Value::public(value.bits())),
            Operator::F64Const { value } => self.stack.push(Value::public(value.bits())),
            Operator::V128Const { value } => {
                self.stack.push(Value::public(u128::from_le_bytes(*value.bytes())));
            }
            Operator::MemorySize { .. } => self.stack.push(Value::public((self.memory.len() / PAGE) as u32)),
            Operator::MemoryGrow { .. } => self.grow(),
            Operator::MemoryCopy { .. } => {
                let (len, from, to) = (self.pop(), self.pop(), self.pop());
                for operand in [len, from, to] {
                    self.touch(operand, Kind::BulkMemory);
                }
                let from = self.range(from.u32().into(), len.u32() as usize)?;
                let to = self.range(to.u32().into(), len.u32() as usize)?;
                self.memory.copy_within(from.clone(), to.start);
                self.shadow.copy_within(from, to.start);
            }
            Operator::MemoryFill { .. } => {
                let (len, byte, to) = (self.pop(), self.pop(), self.pop());
                for operand in [len, to] {
                    self.touch(operand, Kind::BulkMemory);
                }
                let to = self.range(to.u32().into(), len.u32() as usize)?;
                self.memory[to.clone()].fill(byte.bits as u8);
                self.shadow[to].fill(byte.secret as u8);
            }
            _ => {
                if !self.load_or_store(operator)? && !simd::execute_on_lane(operator, &mut self.stack) {
                    bail!("{operator:?}: the checker does not know this instruction; add it to crates/leak-check/src");
                }
            }
        }
        Ok(())
    }

    fn numeric(&mut self, numeric: Numeric) -> Result<()> {
        if let Some(kind) = numeric.hazard {
            let operands = &self.stack[self.stack.len() - numeric.arity()..];
            if operands.iter().any(|value| value.is_secret()) {
                self.report(kind);
            }
        }
        numeric.execute(&mut self.stack)
    }

    fn grow(&mut self) {
        let pages = self.pop();
        self.check(pages, Kind::BulkMemory);
        let old = self.memory.len() / PAGE;
        let new = old as u64 + u64::from(pages.u32());
        if new > self.module.memory.1.min(4096) {
            // A cap of the checker's own, 256 MiB: a signer needs far less.
            self.stack.push(Value::public(u32::MAX));
            return;
        }
        self.memory.resize(new as usize * PAGE, 0);
        self.shadow.resize(new as usize * PAGE, 0);
        self.stack.push(Value::public(old as u32));
    }

    fn load_or_store(&mut self, operator: &Operator<'_>) -> Result<bool> {
        use Operator as O;
        fn same(value: Value) -> Value {
            value
        }
        fn extend<const FROM: u32, const TO: u32, const SIGNED: bool>(value: Value) -> Value {
            simd::widen::<FROM, TO, 1>(0, [value], |[x]| simd::number::<FROM, SIGNED>(x))
        }
        match operator {
            O::I32Load8U { memarg } | O::I64Load8U { memarg } => self.load::<1>(*memarg, same),
            O::I32Load16U { memarg } | O::I64Load16U { memarg } => self.load::<2>(*memarg, same),
            O::I32Load { memarg } | O::F32Load { memarg } | O::I64Load32U { memarg } | O::V128Load32Zero { memarg } => {
                self.load::<4>(*memarg, same)
            }
            O::I64Load { memarg } | O::F64Load { memarg } | O::V128Load64Zero { memarg } => {
                self.load::<8>(*memarg, same)
            }
            O::V128Load { memarg } => self.load::<16>(*memarg, same),
            O::I32Load8S { memarg } => self.load::<1>(*memarg, extend_s::<8, 32>),
            O::I32Load16S { memarg } => self.load::<2>(*memarg, extend_s::<16, 32>),
            O::I64Load8S { memarg } => self.load::<1>(*memarg, extend_s::<8, 64>),
            O::I64Load16S { memarg } => self.load::<2>(*memarg, extend_s::<16, 64>),
            O::I64Load32S { memarg } => self.load::<4>(*memarg, extend_s::<32, 64>),
            O::V128Load8Splat { memarg } => self.load::<1>(*memarg, simd::splat::<8>),
            O::V128Load16Splat { memarg } => self.load::<2>(*memarg, simd::splat::<16>),
            O::V128Load32Splat { memarg } => self.load::<4>(*memarg, simd::splat::<32>),
            O::V128Load64Splat { memarg } => self.load::<8>(*memarg, simd::splat::<64>),
            O::V128Load8x8S { memarg } => self.load::<8>(*memarg, extend::<8, 16, true>),
            O::V128Load8x8U { memarg } => self.load::<8>(*memarg, extend::<8, 16, false>),
            O::V128Load16x4S { memarg } => self.load::<8>(*memarg, extend::<16, 32, true>),
            O::V128Load16x4U { memarg } => self.load::<8>(*memarg, extend::<16, 32, false>),
            O::V128Load32x2S { memarg } => self.load::<8>(*memarg, extend::<32, 64, true>),
            O::V128Load32x2U { memarg } => self.load::<8>(*memarg, extend::<32, 64, false>),
            O::V128Load8Lane { memarg, lane } => self.load_lane::<1>(*memarg, *lane),
            O::V128Load16Lane { memarg, lane } => self.load_lane::<2>(*memarg, *lane),
            O::V128Load32Lane { memarg, lane } => self.load_lane::<4>(*memarg, *lane),
            O::V128Load64Lane { memarg, lane } => self.load_lane::<8>(*memarg, *lane),
            O::I32Store8 { memarg } | O::I64Store8 { memarg } => self.store::<1>(*memarg, 0),
            O::I32Store16 { memarg } | O::I64Store16 { memarg } => self.store::<2>(*memarg, 0),
            O::I32Store { memarg } | O::F32Store { memarg } | O::I64Store32 { memarg } => self.store::<4>(*memarg, 0),
            O::I64Store { memarg } | O::F64Store { memarg } => self.store::<8>(*memarg, 0),
            O::V128Store { memarg } => self.store::<16>(*memarg, 0),
            O::V128Store8Lane { memarg, lane } => self.store::<1>(*memarg, *lane),
            O::V128Store16Lane { memarg, lane } => self.store::<2>(*memarg, *lane),
            O::V128Store32Lane { memarg, lane } => self.store::<4>(*memarg, *lane),
            O::V128Store64Lane { memarg, lane } => self.store::<8>(*memarg, *lane),
            _ => return Ok(false),
        }?;
        Ok(true)
    }

    /// Loads N bytes and pushes what `made` makes of them.
    fn load<const N: usize>(&mut self, memarg: MemArg, made: impl FnOnce(Value) -> Value) -> Result<()> {
        let address = self.pop();
        self.touch(address, Kind::LoadAddress);
        let range = self.range(u64::from(address.u32()) + memarg.offset, N)?;
        let word = |bytes: &[u8]| {
            let mut word = [0; 16];
            word[..N].copy_from_slice(&bytes[..N]);
            u128::from_le_bytes(word)
        };
        let mut value = Value { bits: word(&self.memory[range.clone()]), secret: word(&self.shadow[range]) };
        if address.is_secret() {
            value.secret = u128::MAX >> (128 - 8 * N);
        }
        self.stack.push(made(value));
        Ok(())
    }

    fn load_lane<const N: usize>(&mut self, memarg: MemArg, lane: u8) -> Result<()> {
        let vector = self.pop();
        self.load::<N>(memarg, |value| simd::with_lane(value, vector, lane, 8 * N as u32))
    }

    /// Stores the low N bytes, or those of a lane.
    fn store<const N: usize>(&mut self, memarg: MemArg, lane: u8) -> Result<()> {
        let value = self.pop();
        let address = self.pop();
        self.touch(address, Kind::StoreAddress);
        let range = self.range(u64::from(address.u32()) + memarg.offset, N)?;
        let shift = u32::from(lane) * 8 * N as u32;
        self.memory[range.clone()].copy_from_slice(&(value.bits >> shift).to_le_bytes()[..N]);
        let secret = if address.is_secret() { u128::MAX } else { value.secret >> shift };
        self.shadow[range].copy_from_slice(&secret.to_le_bytes()[..N]);
        Ok(())
    }
}
