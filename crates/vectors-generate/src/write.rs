//! How a suite is written: its head pretty, then one case a line, so that a diff shows cases.

use serde::Serialize;

use vectors::model::Suite;

pub(super) fn suite(suite: &Suite) -> String {
    let mut text = String::from("{\n");
    let mut field = |name: &str, value: String| text.push_str(&format!("  {}: {value},\n", json(&name)));
    field("schema", json(&suite.schema));
    field("suite", json(&suite.suite));
    field("face", json(&suite.face));
    if let Some(module) = &suite.module {
        field("module", json(module));
    }
    field("count", json(&suite.count));
    field("source", pretty(&suite.source));
    if !suite.flags.is_empty() {
        field("flags", pretty(&suite.flags));
    }
    let cases: Vec<String> = suite.cases.iter().map(|case| format!("    {}", json(case))).collect();
    text.push_str(&format!("  \"cases\": [\n{}\n  ]\n}}\n", cases.join(",\n")));
    text
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the types of a suite are all JSON")
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("the types of a suite are all JSON").replace('\n', "\n  ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_written_is_read_again() {
        let suite = crate::chapter::suite();
        let text = super::suite(&suite);
        assert_eq!(serde_json::from_str::<vectors::Suite>(&text).unwrap(), suite);
        assert_eq!(text.lines().filter(|line| line.contains("\"id\"")).count(), suite.count);
    }
}
