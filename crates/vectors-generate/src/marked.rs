//! Pages that are written by hand but for one part, which stands between two marks.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow};

use super::File;

/// A part of a page: what the tool writes stands between `start` and `end`, each a line of its own.
pub(super) struct Part {
    pub(super) page: &'static str,
    pub(super) start: &'static str,
    pub(super) end: &'static str,
}

impl Part {
    /// The page as it is in `root`, with `text` in its part.
    pub(super) fn file(&self, root: &Path, text: &str) -> anyhow::Result<File> {
        let page = fs::read_to_string(root.join(self.page)).with_context(|| format!("{} cannot be read", self.page))?;
        Ok(File { path: self.page.into(), bytes: self.filled(&page, text)?.into_bytes() })
    }

    fn filled(&self, page: &str, text: &str) -> anyhow::Result<String> {
        let Self { page: name, start, end } = self;
        let (before, rest) =
            page.split_once(&format!("{start}\n")).ok_or_else(|| anyhow!("{name}: no line {start:?}"))?;
        let (_, after) =
            rest.split_once(&format!("{end}\n")).ok_or_else(|| anyhow!("{name}: no line {end:?} after {start:?}"))?;
        Ok(format!("{before}{start}\n\n{}\n\n{end}\n{after}", text.trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_replaces_what_stands_between_the_marks() {
        let part = Part { page: "page.md", start: "<!-- a -->", end: "<!-- /a -->" };
        let once = part.filled("before\n<!-- a -->\nold\n<!-- /a -->\nafter\n", "new").unwrap();
        assert_eq!(once, "before\n<!-- a -->\n\nnew\n\n<!-- /a -->\nafter\n");
        assert_eq!(part.filled(&once, "new").unwrap(), once, "a second time changes nothing");
        assert!(part.filled("<!-- /a -->\n<!-- a -->\n", "new").unwrap_err().to_string().contains("after"));
        assert!(part.filled("", "new").unwrap_err().to_string().contains("no line"));
    }
}
