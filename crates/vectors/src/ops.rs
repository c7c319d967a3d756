//! The operations: what each takes in `in`, and which fields it answers. This file is the one table; the
//! schema, `vectors/README.md`, `hosts/CONTRACT.md` and `hosts/ABI.md` follow it.

use serde::{Deserialize, Serialize};

use crate::Bytes;
use crate::component::Calls;
use crate::imports::RawImports;
use crate::wasi::Wasi;

/// One operation and its input. In JSON: `"op": "sign", "in": {…}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", content = "in", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// The public key of a seed. Answers `{"public_key"}`.
    PublicKey(Seed),
    /// Signs one message with a key made for it. Answers `{"signature"}`.
    Sign(SignInput),
    /// Signs many messages with one key. Answers `{"signatures": […]}`, in the same order.
    SignMany(SignManyInput),
    /// Answers `{"valid"}`.
    Verify(VerifyInput),
    /// Answers `{"valid"}`.
    VerifyStrict(VerifyInput),
    /// Verifies many signatures. Answers `{"verdicts"}`, a byte for each: 01 or 00.
    VerifyMany(VerifyManyInput),
    /// Answers `{"verdicts"}`.
    VerifyManyStrict(VerifyManyInput),
    /// Reads a key from a file that holds it. Answers `{"seed", "public_key"}`, of a public key only the latter.
    ReadKey(ReadKeyInput),
    /// Writes a key to a file. Answers `{"bytes"}`.
    WriteKey(WriteKeyInput),
    /// 32-bit addition that wraps. Answers `{"value"}`.
    Add(Operands),
    /// 32-bit signed division that truncates; traps by zero and on overflow. Answers `{"value"}`.
    Divide(Operands),
    /// Ordered calls of one wrapper object. Answers `{"steps": [answer, …]}`.
    Session(Session),
    /// Ordered primitive steps on one fresh instance. Answers `{"steps": [answer, …]}`.
    Raw(Raw),
    /// The same, while the host keeps linear memory small.
    RawMemoryLimit(RawMemoryLimit),
    /// The same, while the host cuts off calls that take too long.
    RawDeadline(RawDeadline),
    /// The same, on a module that comes with the request.
    RawModule(RawModule),
    /// The same, on a module whose imports the host provides.
    RawImports(RawImports),
    /// Runs a program of WASI preview 1. Answers `{"exit_code", "stdout", "stderr"}`.
    Wasi(Wasi),
    /// Calls the exports of a component, with values of its WIT's types. Answers `{"steps": [answer, …]}`.
    Component(Calls),
    /// What a view of linear memory shows after it has grown. Answers `{"bytes"}`.
    KeptView(KeptView),
}

impl Op {
    /// The name of the operation, as JSON has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PublicKey(_) => "public_key",
            Self::Sign(_) => "sign",
            Self::SignMany(_) => "sign_many",
            Self::Verify(_) => "verify",
            Self::VerifyStrict(_) => "verify_strict",
            Self::VerifyMany(_) => "verify_many",
            Self::VerifyManyStrict(_) => "verify_many_strict",
            Self::ReadKey(_) => "read_key",
            Self::WriteKey(_) => "write_key",
            Self::Add(_) => "add",
            Self::Divide(_) => "divide",
            Self::Session(_) => "session",
            Self::Raw(_) => "raw",
            Self::RawMemoryLimit(_) => "raw_memory_limit",
            Self::RawDeadline(_) => "raw_deadline",
            Self::RawModule(_) => "raw_module",
            Self::RawImports(_) => "raw_imports",
            Self::Wasi(_) => "wasi",
            Self::Component(_) => "component",
            Self::KeptView(_) => "kept_view",
        }
    }

    /// What it takes: the `in` of a request.
    pub fn input(&self) -> serde_json::Value {
        serde_json::to_value(self).map_or(serde_json::Value::Null, |mut op| op["in"].take())
    }

    /// The module that comes with the request, where one does.
    pub fn wasm(&self) -> Option<&Bytes> {
        match self {
            Self::RawModule(module) => Some(&module.wasm),
            Self::RawImports(module) => module.wasm.as_ref(),
            Self::Wasi(program) => program.wasm.as_ref(),
            _ => None,
        }
    }

    /// The primitive steps, where the operation is made of them.
    pub fn raw_steps(&self) -> Option<&[RawStep]> {
        match self {
            Self::Raw(raw) => Some(&raw.steps),
            Self::RawMemoryLimit(limited) => Some(&limited.steps),
            Self::RawDeadline(limited) => Some(&limited.steps),
            Self::RawModule(module) => Some(&module.steps),
            Self::RawImports(module) => Some(&module.steps),
            _ => None,
        }
    }
}

/// `{"seed"}`: 32 bytes, or another length where the vector is about that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The secret seed.
    pub seed: Bytes,
}

/// `{"keypair", "message"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInput {
    /// Seed, then public key.
    pub keypair: Bytes,
    /// Any bytes.
    pub message: Bytes,
}

/// `{"keypair", "messages"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignManyInput {
    /// Seed, then public key.
    pub keypair: Bytes,
    /// Any number of messages.
    pub messages: Vec<Bytes>,
}

/// `{"public_key", "message", "signature"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyInput {
    /// 32 bytes, or another length where the vector is about that.
    pub public_key: Bytes,
    /// Any bytes.
    pub message: Bytes,
    /// 64 bytes, or another length where the vector is about that.
    pub signature: Bytes,
}

/// `{"kind", "file"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadKeyInput {
    /// Which key is wanted.
    pub kind: KeyKind,
    /// PEM, DER or JWK.
    pub file: Bytes,
}

/// Which half of a pair.
#[expect(missing_docs, reason = "the names say it")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    Private,
    Public,
}

/// `{"form", "seed", "public_key"}`: with a seed a private key, with a public key alone that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteKeyInput {
    /// How it is written.
    pub form: KeyForm,
    /// 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Bytes>,
    /// 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<Bytes>,
}

/// How a key is written.
#[expect(missing_docs, reason = "the names are the standards'")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyForm {
    Pem,
    Der,
    Jwk,
}

/// `{"items", "order"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyManyInput {
    /// Signatures, each with what it is of.
    pub items: Vec<VerifyInput>,
    /// The batch: the numbers of items, from 0 on. Without it, each once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<usize>>,
}

impl VerifyManyInput {
    /// How many signatures the batch has.
    pub fn len(&self) -> usize {
        self.order.as_ref().map_or(self.items.len(), Vec::len)
    }

    /// Whether there is nothing to verify.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// `{"a", "b"}`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operands {
    /// The first operand; of a division, the dividend.
    pub a: i32,
    /// The second operand; of a division, the divisor.
    pub b: i32,
}

/// `{"keypair", "steps"}`: a wrapper is made with `keypair`, then each step is done on it. If the
/// wrapper cannot be made, its error is the whole answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// The key that the wrapper is made with.
    pub keypair: Bytes,
    /// What is done with it, in order.
    pub steps: Vec<SessionStep>,
}

/// One call of the wrapper. In JSON: `{"op": "sign", "in": {…}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", content = "in", rename_all = "snake_case", deny_unknown_fields)]
pub enum SessionStep {
    /// The public key of the held key: `{"public_key"}`.
    PublicKey(Empty),
    /// With the held key: `{"signature"}`.
    Sign(Message),
    /// With the held key: `{"signatures"}`.
    SignMany(Messages),
    /// Once, with a key passed for this call, through the chapter's own four exports: `{"signature"}`. A
    /// pair that does not match traps there. The held key stays.
    SignWith(SignInput),
    /// `{"valid"}`.
    Verify(VerifyInput),
    /// `{"valid"}`.
    VerifyStrict(VerifyInput),
    /// Replaces the held key: `{"public_key"}`. After a failure no key is held.
    LoadKey(KeypairOnly),
    /// Clears every secret: `{}`. No key is held afterwards.
    Wipe(Empty),
    /// Ends the wrapper: `{}`. What follows is `CLOSED`, but for closing again, which does nothing.
    Close(Empty),
}

/// `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// `{"message"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Any bytes.
    pub message: Bytes,
}

/// `{"messages"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Messages {
    /// Any number of messages.
    pub messages: Vec<Bytes>,
}

/// `{"keypair"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeypairOnly {
    /// Seed, then public key.
    pub keypair: Bytes,
}

/// `{"steps"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    /// What is done with the instance, in order; a trap ends it, and the answers with it.
    pub steps: Vec<RawStep>,
}

/// `{"max_pages", "steps"}`: as [`Raw`], but the host lets linear memory grow to `max_pages` pages and no further,
/// whatever the module declares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMemoryLimit {
    /// In pages of 64 KiB; at least what the module starts with.
    pub max_pages: u32,
    /// As in [`Raw`].
    pub steps: Vec<RawStep>,
}

/// `{"deadline_ms", "steps"}`: as [`Raw`], but a call that takes longer is cut off, and answered as the last step
/// with the error `CUT_OFF`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawDeadline {
    /// In milliseconds, for each call.
    pub deadline_ms: u32,
    /// As in [`Raw`].
    pub steps: Vec<RawStep>,
}

/// `{"wasm", "steps"}`: as [`Raw`], on an instance of the module in `wasm`. If the host cannot load it,
/// the answer is the error `MODULE_REFUSED`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawModule {
    /// A module in the binary format.
    pub wasm: Bytes,
    /// As in [`Raw`].
    pub steps: Vec<RawStep>,
}

/// `{"ptr", "value"}`: on a fresh instance of a module like `probe`, a view of the four bytes at `ptr` is made, `grow(1)`
/// and `store(ptr, value)` are called, and the view is read. Answers `{"bytes"}`, or the error `VIEW_DETACHED`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptView {
    /// Where the view begins.
    pub ptr: u32,
    /// What is stored there once memory has grown.
    pub value: i32,
}

/// One primitive step on an instance. In JSON: `{"do": "call", …}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawStep {
    /// Calls an export: `{"results": […]}`, or the error `NO_EXPORT`.
    Call {
        /// The name of an exported function.
        export: String,
        /// Its arguments.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        args: Vec<Value>,
        /// Names for the results from the first on, which later steps may use as `{"var": name}`.
        #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
        as_names: Option<Names>,
    },
    /// Writes bytes to linear memory: `{}`, or the error `OUT_OF_BOUNDS`, and then nothing is written.
    Write {
        /// Where to.
        ptr: Value,
        /// What.
        bytes: Bytes,
    },
    /// Reads linear memory: `{"bytes"}`, or the error `OUT_OF_BOUNDS`.
    Read {
        /// Where from.
        ptr: Value,
        /// How many bytes.
        len: Length,
    },
    /// How large linear memory is, in pages of 64 KiB: `{"pages"}`.
    Pages {},
    /// Lets linear memory grow: `{"pages"}`, how many there were, or the error `REFUSED`.
    Grow {
        /// By how many pages.
        pages: u32,
    },
    /// Reads an i32 from linear memory and gives it a name: `{"value"}`, or the error `OUT_OF_BOUNDS`.
    Load {
        /// Where from.
        ptr: Value,
        /// What it is called from now on.
        #[serde(rename = "as")]
        as_name: String,
    },
    /// The value of an exported global: `{"results"}`, or the error `NO_EXPORT`.
    Global {
        /// The name of an exported global.
        export: String,
        /// A name for it, which later steps may use.
        #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
        as_name: Option<String>,
    },
}

/// The names of a call's results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Names {
    /// `"ptr"`: of the first.
    First(String),
    /// `["ptr", "len"]`: of each, from the first on.
    Each(Vec<String>),
}

impl Names {
    /// One for each result that has one.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::First(name) => std::slice::from_ref(name),
            Self::Each(names) => names,
        }
    }
}

impl From<&str> for Names {
    fn from(name: &str) -> Self {
        Self::First(name.into())
    }
}

/// How many bytes: a plain number, an integer that has a name, or as many as there are before a zero byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Length {
    /// `4`.
    Bytes(u32),
    /// `"nul"`.
    Until(Until),
    /// `{"var": "arg1"}`.
    Value(Value),
}

/// What ends a text in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// The first zero byte.
    Nul,
}

/// A Wasm value. Both integers are signed, as most hosts show them; a pointer is the same bits read as an unsigned
/// number. The last three are for expectations alone, and so is the f32 or f64 `"nan"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// `{"i32": -1}`.
    I32 {
        /// The number.
        i32: i32,
    },
    /// `{"i64": "-1"}`: a string, because JSON's numbers lose digits in many hosts.
    I64 {
        /// The number, decimal.
        i64: String,
    },
    /// `{"f32": "3f800000"}`: its bits, most significant digit first.
    F32 {
        /// 8 hex digits.
        f32: String,
    },
    /// `{"f64": "3ff0000000000000"}`: its bits, most significant digit first.
    F64 {
        /// 16 hex digits.
        f64: String,
    },
    /// `{"var": "ptr", "plus": 4}`: an earlier result, with an offset added modulo 2^32 or 2^64 if it is an integer.
    Var {
        /// The name that a `call` step gave it.
        var: String,
        /// Added to it; 0 unless told.
        #[serde(skip_serializing_if = "is_zero")]
        plus: i32,
    },
    /// `{"any": "i32"}`: any value of that type.
    Any {
        /// The name of the type.
        any: String,
    },
    /// `{"not": {"i32": 0}}`: any value of that type except this one.
    Not {
        /// Itself no name.
        not: Box<Value>,
    },
    /// `{"one_of": [{"i32": 1}, {"i32": 2}]}`, all of one type.
    OneOf {
        /// At least one.
        one_of: Vec<Value>,
    },
}

impl Value {
    /// Its type; a name stands for a value of any.
    pub fn type_name(&self) -> Option<&str> {
        match self {
            Self::I32 { .. } => Some("i32"),
            Self::I64 { .. } => Some("i64"),
            Self::F32 { .. } => Some("f32"),
            Self::F64 { .. } => Some("f64"),
            Self::Any { any } => Some(any),
            Self::Not { not } => not.type_name(),
            Self::OneOf { one_of } => one_of.iter().find_map(Self::type_name),
            Self::Var { .. } => None,
        }
    }
}

impl From<u32> for Length {
    fn from(len: u32) -> Self {
        Self::Bytes(len)
    }
}

impl From<i32> for Value {
    fn from(i32: i32) -> Self {
        Self::I32 { i32 }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &i32) -> bool {
    *number == 0
}
