//! The three files of a report. report.json is checked against its schema after every run, in `workspace.rs`.

use std::fs;

use serde_json::{Value, json};

use crate::workspace::{Workspace, adds, assert_has};

#[test]
fn junit_has_every_case_with_its_verdict() {
    let workspace = Workspace::with_bad("wrong-answer");
    workspace.run(&[]);
    let xml = fs::read_to_string(workspace.report_dir().join("junit.xml")).unwrap();
    assert_eq!(xml.matches("<testcase ").count(), 8, "{xml}");
    assert_eq!(xml.matches("<failure ").count(), 1, "{xml}");
    assert_has(&xml, r#"tests="8""#);
    assert_has(&xml, r#"failures="1""#);
    assert!(xml.contains("run --host bad --module add-raw --case add/3"));
}

#[test]
fn the_page_needs_no_network_and_holds_every_answer() {
    let workspace = Workspace::with_bad("wrong-answer").row_away("away");
    let ran = workspace.run(&[]);
    let page = fs::read_to_string(workspace.report_dir().join("index.html")).unwrap();
    for wanted in ["<link rel=\"stylesheet\"", "src=\"http", "@import", "url(http", "fetch("] {
        assert!(!page.contains(wanted), "the page has {wanted}");
    }
    assert_has(&page, "Red: 7 right, 0 known gaps, 1 red (1 fail)</h1>");
    assert!(page.contains("apt-get install away"));

    let data = data_of(&page);
    let answers: Vec<i64> = data["cells"].as_array().unwrap().iter().flat_map(verdicts).collect();
    assert_eq!(answers.len(), 16);
    let of = |name: &str| {
        let number = data["verdicts"].as_array().unwrap().iter().position(|verdict| verdict == name).unwrap();
        answers.iter().filter(|verdict| **verdict == i64::try_from(number).unwrap()).count()
    };
    assert_eq!((of("pass"), of("fail"), of("unavailable")), (7, 1, 8));
    let told = &data["cells"].as_array().unwrap()[0]["told"]["3"];
    assert_eq!(told["actual"], r#"{"ok":{"value":-1}}"#);
    let given = |case: usize| data["suites"][0]["given"][case].clone();
    assert_eq!(given(0), json!(["add", r#"{"a":0,"b":10}"#, r#"{"ok":{"value":10}}"#, ""]));
    assert_eq!(given(3)[2], r#"{"ok":{"value":13}}"#);
    // What failed is there without JavaScript.
    assert!(page.contains("<code>add&#x2f;3</code> on bad with add-raw"));
    assert!(page.contains("<dt>Actual</dt><dd><code>{&quot;ok&quot;:{&quot;value&quot;:-1}}</code>"));
    assert_eq!(ran.report()["executed"], 8);
}

#[test]
fn what_hosts_say_cannot_break_out_of_the_page() {
    let workspace = Workspace::with_bad("crash");
    let mut cases = adds(4);
    cases[3]["comment"] = "</script><script>alert(1)</script>".into();
    workspace.write_suite("add", &cases);
    workspace.run(&[]);
    let page = fs::read_to_string(workspace.report_dir().join("index.html")).unwrap();
    assert!(!page.contains("<script>alert"), "the page can be broken out of");
    assert!(
        page.contains("&lt;b&gt;no runtime") && !page.contains("<b>no runtime"),
        "what an adapter says is not escaped"
    );
    assert!(data_of(&page).to_string().contains("alert(1)"));
}

#[test]
fn a_second_run_replaces_the_report() {
    let workspace = Workspace::with_bad("honest");
    workspace.run(&["--case", "add/1"]);
    let ran = workspace.run(&[]);
    assert_eq!(ran.report()["planned"], 8);
    let mut files: Vec<String> = fs::read_dir(workspace.report_dir())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["index.html", "junit.xml", "report.json"]);
}

fn data_of(page: &str) -> Value {
    let start = page.find(r#"<script type="application/json" id="data">"#).unwrap();
    let json = &page[start..];
    let json = &json[json.find('>').unwrap() + 1..json.find("</script>").unwrap()];
    serde_json::from_str(json).unwrap()
}

/// The numbers of the verdicts, which the page has in runs.
fn verdicts(cell: &Value) -> Vec<i64> {
    let runs: Vec<i64> = cell["verdicts"].as_array().unwrap().iter().map(|number| number.as_i64().unwrap()).collect();
    let pairs = runs.chunks(2).filter(|run| run[0] >= 0);
    pairs.flat_map(|run| vec![run[0]; usize::try_from(run[1]).unwrap()]).collect()
}
