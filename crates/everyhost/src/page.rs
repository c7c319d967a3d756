//! Pages from templates, in one file each: everything is escaped that is not marked as safe.

use anyhow::Result;
use minijinja::{AutoEscape, Environment, Value};

/// Fills in a template of HTML.
pub fn render(template: &str, values: Value) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page", template)?;
    Ok(environment.get_template("page")?.render(values)?)
}
