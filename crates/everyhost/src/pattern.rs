//! Globs over case ids.

use anyhow::{Context, Result};
use globset::{Glob, GlobMatcher};
use serde::Deserialize;

/// Matches ids: the very id, or a glob in which `*` also stands for `/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    text: String,
    glob: GlobMatcher,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// Where it is no glob, for instance because a `[` is not closed.
    pub fn new(text: &str) -> Result<Self> {
        let glob = Glob::new(text).with_context(|| {
            format!("{text:?} is no pattern; write an id, or a glob such as \"ed25519/*\"")
        })?;
        Ok(Self {
            text: text.to_string(),
            glob: glob.compile_matcher(),
        })
    }

    /// Whether `id` matches.
    #[must_use]
    pub fn matches(&self, id: &str) -> bool {
        id == self.text || self.glob.is_match(id)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
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

    #[test]
    fn matches_the_very_id_and_globs() {
        assert!(Pattern::new("add/[1]").unwrap().matches("add/[1]"));
        assert!(
            Pattern::new("ed25519/*")
                .unwrap()
                .matches("ed25519/rfc8032/test-2")
        );
        assert!(!Pattern::new("ed25519/rfc").unwrap().matches("ed25519/rfc8032"));
        assert!(
            Pattern::new("a[")
                .unwrap_err()
                .to_string()
                .contains("is no pattern")
        );
    }
}
