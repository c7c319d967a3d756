//! Pages from templates, in one file each: everything is escaped that is not marked as safe.

use anyhow::Result;
use minijinja::{AutoEscape, Environment, Value};

use crate::text;

/// Parts that several templates share.
const PARTS: [(&str, &str); 2] =
    [("head", include_str!("../templates/head.html")), ("cells", include_str!("../templates/cells.html"))];

/// Fills in a template of HTML, or of SVG.
pub fn render(template: &str, values: Value) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("thousands", |number: u64| text::thousands(number));
    environment.add_filter("elapsed", text::elapsed);
    environment.add_filter("significant", text::significant);
    environment.add_filter("minute", |time: String| time.get(..16).map(|minute| minute.replace('T', " ") + " UTC"));
    for (name, part) in PARTS {
        environment.add_template(name, part)?;
    }
    environment.add_template("page", template)?;
    Ok(environment.get_template("page")?.render(values)?)
}
