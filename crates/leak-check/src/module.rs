//! A module, parsed and made ready to run: control flow as jumps whose targets are known.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{
    BlockType, CompositeInnerType, ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, FuncToValidate,
    FuncType, FuncValidatorAllocations, FunctionBody, KnownCustom, Name, Operator, Parser, Payload, ValidPayload,
    Validator, ValidatorResources, WasmFeatures,
};

use crate::numeric::Numeric;
use crate::value::Value;

/// What a module may use. The validator refuses the rest with the offset and the name of the feature.
const FEATURES: WasmFeatures = WasmFeatures::FLOATS
    .union(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::SIMD)
    .union(WasmFeatures::RELAXED_SIMD);

/// A parsed module without imports.
#[derive(Debug)]
pub struct Module<'a> {
    pub(crate) types: Vec<FuncType>,
    pub(crate) functions: Vec<Function<'a>>,
    pub(crate) exports: HashMap<String, u32>,
    pub(crate) globals: Vec<Value>,
    pub(crate) table: Vec<Option<u32>>,
    /// The first size and the cap, in pages.
    pub(crate) memory: (u64, u64),
    pub(crate) data: Vec<(usize, &'a [u8])>,
}

#[derive(Debug)]
pub(crate) struct Function<'a> {
    pub(crate) name: String,
    pub(crate) type_index: u32,
    pub(crate) params: usize,
    pub(crate) results: usize,
    /// Beyond the parameters.
    pub(crate) locals: usize,
    pub(crate) code: Vec<Ins<'a>>,
    /// The offset of each instruction in the file.
    pub(crate) offsets: Vec<usize>,
}

#[derive(Debug)]
pub(crate) enum Ins<'a> {
    Numeric(Numeric),
    /// Anything else without control flow.
    Plain(Operator<'a>),
    Jump(u32),
    /// Goes on behind the `else`, or the `end`, where the operand is zero.
    If(u32),
    Br(Target),
    BrIf(Target),
    BrTable(Box<[Target]>),
    Return,
}

/// Where a branch goes, and what it leaves on the stack.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Target {
    pub(crate) pc: u32,
    /// Operands below the label's.
    pub(crate) height: u32,
    /// Operands that are taken along.
    pub(crate) arity: u32,
}

impl<'a> Module<'a> {
    /// Parses and validates a module. An error if it is invalid, has imports, or uses a feature that is not known here.
    pub fn parse(wasm: &'a [u8]) -> Result<Self> {
        let mut validator = Validator::new_with_features(FEATURES);
        let mut module = Self {
            types: Vec::new(),
            functions: Vec::new(),
            exports: HashMap::new(),
            globals: Vec::new(),
            table: Vec::new(),
            memory: (0, 0),
            data: Vec::new(),
        };
        let mut bodies = Vec::new();
        let mut declared = Vec::new();
        let mut names = HashMap::new();
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.context("not a Wasm module")?;
            if let ValidPayload::Func(function, body) =
                validator.payload(&payload).context("not a module that can be checked")?
            {
                bodies.push((function, body));
            }
            module.section(payload, &mut declared, &mut names)?;
        }
        let mut allocations = FuncValidatorAllocations::default();
        for ((function, body), type_index) in bodies.into_iter().zip(declared) {
            let index = function.index;
            let name =
                names.remove(&index).or_else(|| module.export_of(index)).unwrap_or_else(|| format!("func[{index}]"));
            let made;
            (made, allocations) = Flattener::function(&module.types, function, &body, type_index, name, allocations)?;
            module.functions.push(made);
        }
        Ok(module)
    }

    /// Whether there is an exported function of this name.
    #[must_use]
    pub fn exports(&self, name: &str) -> bool {
        self.exports.contains_key(name)
    }

    fn export_of(&self, index: u32) -> Option<String> {
        self.exports.iter().filter(|(_, i)| **i == index).map(|(name, _)| name).min().cloned()
    }

    fn section(
        &mut self,
        payload: Payload<'a>,
        declared: &mut Vec<u32>,
        names: &mut HashMap<u32, String>,
    ) -> Result<()> {
        match payload {
            Payload::TypeSection(types) => {
                for group in types {
                    for sub in group?.into_types() {
                        let CompositeInnerType::Func(ty) = sub.composite_type.inner else {
                            bail!("only function types can be checked");
                        };
                        self.types.push(ty);
                    }
                }
            }
            Payload::ImportSection(imports) => {
                ensure!(imports.count() == 0, "the module has imports: only one without can be run by the checker");
            }
            Payload::FunctionSection(functions) => *declared = functions.into_iter().collect::<Result<_, _>>()?,
            Payload::TableSection(tables) => {
                ensure!(tables.count() <= 1, "only one table is supported");
                for table in tables {
                    self.table = vec![None; usize::try_from(table?.ty.initial)?];
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let memory = memory?;
                    self.memory = (memory.initial, memory.maximum.unwrap_or(65536));
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    let value = self.constant(&global?.init_expr)?;
                    self.globals.push(value);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        self.exports.insert(export.name.to_owned(), export.index);
                    }
                }
            }
            Payload::StartSection { .. } => bail!("a start function is not supported"),
            Payload::ElementSection(elements) => {
                for element in elements {
                    let element = element?;
                    let ElementKind::Active { offset_expr, .. } = &element.kind else {
                        continue;
                    };
                    let at = self.constant(offset_expr)?.u32() as usize;
                    let ElementItems::Functions(items) = element.items else {
                        bail!("elements as expressions are not supported");
                    };
                    for (slot, item) in items.into_iter().enumerate() {
                        *self.table.get_mut(at + slot).context("an element outside the table")? = Some(item?);
                    }
                }
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment?;
                    let DataKind::Active { offset_expr, .. } = &segment.kind else {
                        bail!("passive data is not supported");
                    };
                    let at = self.constant(offset_expr)?.u32() as usize;
                    self.data.push((at, segment.data));
                }
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    for group in section {
                        if let Name::Function(map) = group? {
                            for naming in map {
                                let naming = naming?;
                                names.insert(naming.index, format!("{:#}", rustc_demangle::demangle(naming.name)));
                            }
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn constant(&self, expression: &ConstExpr<'_>) -> Result<Value> {
        let mut reader = expression.get_operators_reader();
        let value = match reader.read()? {
            Operator::I32Const { value } => Value::public(value as u32),
            Operator::I64Const { value } => Value::public(value as u64),
            Operator::F32Const { value } => Value::public(value.bits()),
            Operator::F64Const { value } => Value::public(value.bits()),
            Operator::V128Const { value } => Value::public(u128::from_le_bytes(*value.bytes())),
            Operator::GlobalGet { global_index } => self.globals[global_index as usize],
            other => bail!("a constant expression with {other:?} is not supported"),
        };
        ensure!(matches!(reader.read()?, Operator::End), "a constant expression of one instruction was expected");
        Ok(value)
    }
}

/// One label of a function whose code is being flattened.
struct Label {
    height: u32,
    /// What a branch to it takes along, and where a loop begins.
    arity: u32,
    start: Option<u32>,
    /// Instructions whose target is this label's end: index, and entry of a `br_table`.
    open: Vec<(usize, usize)>,
    /// An `if` whose `else` has not come.
    open_if: Option<usize>,
}

struct Flattener<'t, 'a> {
    types: &'t [FuncType],
    labels: Vec<Label>,
    code: Vec<Ins<'a>>,
    offsets: Vec<usize>,
}

impl<'a> Flattener<'_, 'a> {
    fn function(
        types: &[FuncType],
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'a>,
        type_index: u32,
        name: String,
        allocations: FuncValidatorAllocations,
    ) -> Result<(Function<'a>, FuncValidatorAllocations)> {
        let ty = &types[type_index as usize];
        let mut validator = function.into_validator(allocations);
        let mut reader = body.get_binary_reader();
        validator.read_locals(&mut reader)?;
        let mut flat = Flattener { types, labels: Vec::new(), code: Vec::new(), offsets: Vec::new() };
        flat.open(0, u32::try_from(ty.results().len())?, None, None);
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset()?;
            validator.op(offset, &operator)?;
            // After a block has been opened: how many operands lie below its own.
            let height = validator.get_control_frame(0).map_or(0, |frame| frame.height);
            flat.push(operator, offset, u32::try_from(height)?)?;
        }
        let made = Function {
            name,
            type_index,
            params: ty.params().len(),
            results: ty.results().len(),
            locals: validator.len_locals() as usize - ty.params().len(),
            code: flat.code,
            offsets: flat.offsets,
        };
        Ok((made, validator.into_allocations()))
    }

    fn push(&mut self, operator: Operator<'a>, offset: usize, height: u32) -> Result<()> {
        let index = self.code.len();
        let here = u32::try_from(index)?;
        let ins = match operator {
            Operator::Nop => return Ok(()),
            Operator::Block { blockty } => {
                self.open(height, self.arity(blockty).1, None, None);
                return Ok(());
            }
            Operator::Loop { blockty } => {
                self.open(height, self.arity(blockty).0, Some(here), None);
                return Ok(());
            }
            Operator::If { blockty } => {
                self.open(height, self.arity(blockty).1, None, Some(index));
                Ins::If(0)
            }
            Operator::Else => {
                let label = self.labels.last_mut().context("an else in an if")?;
                label.open.push((index, 0));
                if let Some(opened) = label.open_if.take() {
                    self.code[opened] = Ins::If(here + 1);
                }
                Ins::Jump(0)
            }
            Operator::End => {
                let label = self.labels.pop().context("an end of a block")?;
                for (from, entry) in label.open {
                    self.patch(from, entry, here);
                }
                if let Some(opened) = label.open_if {
                    self.code[opened] = Ins::If(here);
                }
                if !self.labels.is_empty() {
                    return Ok(());
                }
                Ins::Return
            }
            Operator::Return => Ins::Return,
            Operator::Br { relative_depth } => Ins::Br(self.target(relative_depth, index, 0)),
            Operator::BrIf { relative_depth } => Ins::BrIf(self.target(relative_depth, index, 0)),
            Operator::BrTable { targets } => {
                let mut depths = targets.targets().collect::<Result<Vec<_>, _>>()?;
                depths.push(targets.default());
                let targets = depths.into_iter().enumerate();
                Ins::BrTable(targets.map(|(entry, depth)| self.target(depth, index, entry)).collect())
            }
            other => Numeric::find(&other).map_or(Ins::Plain(other), Ins::Numeric),
        };
        self.code.push(ins);
        self.offsets.push(offset);
        Ok(())
    }

    fn open(&mut self, height: u32, arity: u32, start: Option<u32>, open_if: Option<usize>) {
        self.labels.push(Label { height, arity, start, open: Vec::new(), open_if });
    }

    fn target(&mut self, depth: u32, from: usize, entry: usize) -> Target {
        let at = self.labels.len() - 1 - depth as usize;
        let label = &mut self.labels[at];
        if label.start.is_none() {
            label.open.push((from, entry));
        }
        Target { pc: label.start.unwrap_or(0), height: label.height, arity: label.arity }
    }

    fn patch(&mut self, from: usize, entry: usize, pc: u32) {
        match &mut self.code[from] {
            Ins::Jump(target) => *target = pc,
            Ins::Br(target) | Ins::BrIf(target) => target.pc = pc,
            Ins::BrTable(targets) => targets[entry].pc = pc,
            _ => unreachable!("only jumps are left open"),
        }
    }

    /// How many operands a block takes and leaves.
    fn arity(&self, ty: BlockType) -> (u32, u32) {
        match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => {
                let ty = &self.types[index as usize];
                (ty.params().len() as u32, ty.results().len() as u32)
            }
        }
    }
}
