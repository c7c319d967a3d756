//! What is found, and where.

use std::fmt;

/// How an instruction's time, or the addresses that it touches, may depend on an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `if`, `br_if`.
    Branch,
    /// `select`: engines make it a conditional move or a branch, as they like.
    Select,
    /// The index of `br_table` or `call_indirect`.
    TableIndex,
    /// The address of a load.
    LoadAddress,
    /// The address of a store.
    StoreAddress,
    /// An integer division or remainder, a float division or square root: their time varies with their operands.
    Division,
    /// An address or a length of `memory.copy` or `memory.fill`, or the operand of `memory.grow`.
    BulkMemory,
    /// A conversion of a float to an integer that traps where it does not fit.
    TrappingConversion,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Branch => "branch",
            Self::Select => "select",
            Self::TableIndex => "table-index",
            Self::LoadAddress => "load-address",
            Self::StoreAddress => "store-address",
            Self::Division => "division",
            Self::BulkMemory => "bulk-memory",
            Self::TrappingConversion => "trapping-conversion",
        })
    }
}

/// One instruction that did something with a secret that it must not do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The export that the host had called.
    pub export: String,
    /// The function's name in the module's name section, else of its export, else `func[INDEX]`.
    pub function: String,
    /// The instruction's offset in the file, in bytes.
    pub offset: usize,
    /// What depends on the secret.
    pub kind: Kind,
    /// How often it happened.
    pub times: u64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} in {} at offset {:#x}, called by export {}, {} times",
            self.kind, self.function, self.offset, self.export, self.times
        )
    }
}
