//! `index.html`: the report for people. One file, no network.

use anyhow::Result;

use super::json::Report;
use crate::run::Run;

/// The page.
pub(super) fn page(_run: &Run<'_>, _report: &Report<'_>) -> Result<String> {
    Ok(String::new())
}
