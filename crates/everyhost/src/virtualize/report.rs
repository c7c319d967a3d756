//! What became of the imports, in words.

use crate::out;
use crate::text::{count, names, thousands};

/// How many names a line has.
const MOST_NAMES: usize = 8;

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) declared: usize,
    pub(super) wasi: usize,
    /// Functions of WASI that say that there is no such function.
    pub(super) no_sys: Vec<String>,
    pub(super) traps: Vec<String>,
    pub(super) zero_globals: Vec<String>,
    /// Of memories and tables that are not declared.
    pub(super) sizes: Vec<String>,
    pub(super) tags: usize,
    pub(super) memory_export: Option<&'static str>,
    /// What is declared and not imported.
    pub(super) unused: Vec<String>,
}

impl Done {
    /// What was made on stdout, and what was not declared on stderr.
    pub(super) fn say(&self, output: &str, len: usize) {
        out::say(format!("wrote {output}: {} bytes, without imports", thousands(len)));
        let groups = [
            (self.declared, "as declared"),
            (self.wasi, "WASI, built in"),
            (self.no_sys.len(), "WASI, answers ENOSYS"),
            (self.traps.len(), "traps when called"),
        ];
        for (number, what) in groups.into_iter().filter(|(number, _)| *number > 0) {
            out::say(format!("  {what}: {}", count(number, "function")));
        }
        if let Some(name) = self.memory_export {
            out::say(format!("  its memory is exported as {name}"));
        }
        let lists = [
            (&self.traps, "not declared, so they trap when called"),
            (&self.no_sys, "not built in, so they answer ENOSYS"),
            (&self.zero_globals, "not declared, so they are 0"),
            (&self.sizes, "not declared, so they have the least size that the module asks for"),
            (&self.unused, "declared, and not imported by the module"),
        ];
        for (list, what) in lists.into_iter().filter(|(list, _)| !list.is_empty()) {
            let list: Vec<&str> = list.iter().map(String::as_str).collect();
            out::complain(format!("{what}: {}", names(&list, MOST_NAMES)));
        }
        if self.tags > 0 {
            out::complain(format!("no host can throw or catch these exceptions any more: {}", count(self.tags, "tag")));
        }
    }
}
