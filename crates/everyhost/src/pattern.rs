//! Globs over case ids.

use anyhow::{Context, Result};
use globset::{Glob, GlobMatcher};
use serde::Deserialize;

/// Matches ids: the very id, or a glob in which `*` also stands for `/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Pattern {
    text: String,
    glob: GlobMatcher,
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Result<Self> {
        let glob = Glob::new(text)
            .with_context(|| format!("{text:?} is no pattern; write an id, or a glob such as \"ed25519/*\""))?;
        Ok(Self { text: text.to_string(), glob: glob.compile_matcher() })
    }

    /// Whether `id` matches.
    pub(crate) fn matches(&self, id: &str) -> bool {
        id == self.text || self.glob.is_match(id)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for Pattern {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self> {
        Self::new(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::assert_has;

    #[test]
    fn matches_the_very_id_and_globs() {
        assert!(Pattern::new("add/[1]").unwrap().matches("add/[1]"));
        assert!(Pattern::new("ed25519/*").unwrap().matches("ed25519/rfc8032/test-2"));
        assert!(!Pattern::new("ed25519/rfc").unwrap().matches("ed25519/rfc8032"));
        assert_has(Pattern::new("a[").unwrap_err().to_string(), "is no pattern");
    }
}
