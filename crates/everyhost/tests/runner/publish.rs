//! A results site: its addresses stay, its links work, and a hostile report is only shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::workspace::{ADD_WASM, Workspace, adds, assert_code, assert_has, gap, stderr, stdout};

/// Runs, and keeps the report under a name of its own.
fn report(workspace: &Workspace, name: &str, args: &[&str]) -> PathBuf {
    let dir = workspace.path().join("reports").join(name);
    let output = workspace.command().arg("run").args(args).arg("--report").arg(&dir).output().unwrap();
    assert!(dir.join("report.json").exists(), "{}", stderr(&output));
    dir
}

fn publish(workspace: &Workspace, reports: &[PathBuf], to: &Path) -> Output {
    workspace.command().arg("publish").args(reports).arg("--out").arg(to).output().unwrap()
}

fn published(workspace: &Workspace, reports: &[PathBuf], to: &Path) -> Site {
    let output = publish(workspace, reports, to);
    assert_code(&output, 0);
    Site::read(to)
}

/// What is in a folder, by path.
struct Site(BTreeMap<String, Vec<u8>>);

impl Site {
    fn read(dir: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut folders = vec![dir.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let below = path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
                    files.insert(below, fs::read(&path).unwrap());
                }
            }
        }
        Self(files)
    }

    fn page(&self, path: &str) -> &str {
        let page = self.0.get(path).unwrap_or_else(|| panic!("there is no {path}: {:?}", self.0.keys()));
        std::str::from_utf8(page).unwrap()
    }

    fn pages(&self) -> impl Iterator<Item = (&str, &str)> {
        let pages = self.0.keys().filter(|path| path.ends_with(".html"));
        pages.map(|path| (path.as_str(), self.page(path)))
    }

    /// Every page, and every anchor of the pages of cases.
    fn addresses(&self) -> BTreeSet<String> {
        let mut all: BTreeSet<String> = self.0.keys().filter(|path| *path != "site.json").cloned().collect();
        for (path, page) in self.pages().filter(|(path, _)| path.starts_with("cases/")) {
            all.extend(values(page, "tr id").iter().map(|id| format!("{path}#{id}")));
        }
        all
    }

    /// Fails if a link leads nowhere, inside of the site.
    fn assert_links(&self) {
        let mut seen = 0;
        for (path, page) in self.pages() {
            for href in values(page, "href").iter().chain(&values(page, "src")) {
                if href.starts_with("https://") || href.starts_with("data:") {
                    continue;
                }
                seen += 1;
                let (file, anchor) = href.split_once('#').unwrap_or((href, ""));
                let mut target: Vec<&str> = path.split('/').collect();
                target.pop();
                for part in file.split('/').filter(|_| !file.is_empty()) {
                    if part == ".." {
                        assert!(target.pop().is_some(), "{path}: {href} leaves the site");
                    } else {
                        target.push(part);
                    }
                }
                let target = if file.is_empty() { path.to_owned() } else { target.join("/") };
                assert!(self.0.contains_key(&target), "{path}: {href} is not there");
                // Filters of a report's page are no anchors.
                if !anchor.is_empty() && !anchor.contains('=') {
                    let ids = values(self.page(&target), "id");
                    assert!(ids.iter().any(|id| id == anchor), "{path}: {href} has no anchor");
                }
            }
        }
        assert!(seen > 50, "only {seen} links were seen");
    }
}

/// The values of an attribute, with the entities of HTML put back.
fn values(page: &str, name: &str) -> Vec<String> {
    let start = if name == "tr id" { "<tr id=\"".to_owned() } else { format!(" {name}=\"") };
    let starts: Vec<&str> = page.split(&start).skip(1).collect();
    let value = |start: &str| {
        let value = start.split('"').next().unwrap();
        value.replace("&#x2f;", "/").replace("&amp;", "&").replace("&lt;", "<").replace("&#x27;", "'")
    };
    starts.into_iter().map(value).collect()
}

/// Three runs: all right, one wrong on one host, the same as a known gap of another build.
fn history(workspace: &Workspace) -> [PathBuf; 3] {
    let first = report(workspace, "first", &["--host", "one", "--host", "two"]);
    let mut changed = ADD_WASM.to_vec();
    changed.extend([0, 2, 1, b'x']);
    workspace.write_module(&changed);
    workspace.write_suite("add", &adds(5));
    let second = report(workspace, "second", &["--host", "one", "--host", "wrong"]);
    let gap = gap("wrong", "case = \"add/3\"", "{ ok = { value = -1 } }", 1);
    fs::write(workspace.path().join("hosts/known-gaps.toml"), gap).unwrap();
    let third = report(workspace, "third", &[]);
    [first, second, third]
}

fn three_rows() -> Workspace {
    Workspace::new().row("one", "honest", "").row("two", "honest", "").row("wrong", "wrong-answer", "").row_away("away")
}

#[test]
fn addresses_stay_when_reports_are_added() {
    let workspace = three_rows();
    let reports = history(&workspace);
    let to = workspace.path().join("site");
    let mut before = BTreeSet::new();
    for count in 1..=3 {
        let site = published(&workspace, &reports[..count], &to);
        site.assert_links();
        let addresses = site.addresses();
        let lost: Vec<_> = before.difference(&addresses).collect();
        assert!(lost.is_empty(), "with {count} reports these are gone: {lost:?}");
        // A case that newer vectors do not have keeps its address.
        assert!(addresses.contains("cases/add.html#add/5"), "{addresses:?}");
        before = addresses;
    }
    // From what an earlier site keeps, and in another order, it is the same site.
    let site = Site::read(&to);
    let kept = site.0.keys().filter(|path| path.ends_with(".gz")).map(|path| to.join(path)).collect::<Vec<_>>();
    let [oldest, middle, newest] = &kept[..] else { panic!("{kept:?}") };
    let again = workspace.path().join("again");
    let again = published(&workspace, &[newest.clone(), oldest.clone(), middle.clone(), oldest.clone()], &again);
    assert!(site.0 == again.0, "another order or gzip makes another site");
    // In place too.
    assert!(published(&workspace, &kept, &to).0 == site.0);
}

#[test]
fn it_says_who_differs_and_what_changed() {
    let workspace = three_rows();
    let site = published(&workspace, &history(&workspace), &workspace.path().join("site"));
    let first = site.page("index.html");
    assert_has(first, "Green: 20 right, 1 known gap, 0 red</h1>");
    assert_has(first, "<code>add&#x2f;3</code> <span>wrong: -1</span>");
    assert_has(first, "<li>new hosts: wrong</li>");
    assert_has(first, "<li>hosts that did not run: two</li>");
    assert_has(first, "<li>the module add-raw: ");
    assert_has(first, "<li>other vectors: 8 cases before, 7 cases now</li>");
    let changed = "<span class=\"verdict gap\">1 case</span> wrong with add-raw: <code>fail {&quot;ok&quot;:{&quot;value&quot;:-1}}</code> before, <code>known-gap {&quot;ok&quot;:{&quot;value&quot;:-1}}</code> now: <a href=\"cases&#x2f;add.html#add&#x2f;3\">";
    assert_has(first, changed);
    assert_has(first, "away is not installed");

    let case = site.page("cases/add.html");
    let case = &case[case.find("id=\"add&#x2f;3\"").unwrap()..];
    assert_has(case, "2 of 3 right, 1 known gaps, 1 without an answer");
    assert_has(case, "<dt>known-gap</dt><dd><code>{&quot;ok&quot;:{&quot;value&quot;:-1}}</code> it rounds");
    assert_has(case, "<dt>fail</dt>");
    let host = site.page("hosts/one.html");
    assert_eq!(host.matches("<tr><th scope=\"row\">").count(), 2, "a line for each build: {host}");
    for (path, page) in site.pages().filter(|(path, _)| !path.starts_with("reports/")) {
        assert!(!page.contains("<script"), "{path} has a script");
        for wanted in ["src=\"http", "@import", "url(", "<link rel=\"stylesheet\""] {
            assert!(!page.contains(wanted), "{path} has {wanted}");
        }
    }
    let list: Value = serde_json::from_slice(&site.0["site.json"]).unwrap();
    assert_eq!(list["reports"].as_array().unwrap().len(), 3);
    let listed: BTreeSet<&str> = list["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    assert!(site.0.keys().filter(|path| *path != "site.json").all(|path| listed.contains(path.as_str())));
}

#[test]
fn an_answer_that_was_right_and_is_wrong_is_told_first() {
    let workspace = Workspace::with_bad("honest");
    let good = report(&workspace, "good", &[]);
    let workspace = workspace_that_turned(workspace);
    let bad = report(&workspace, "bad", &[]);
    let site = published(&workspace, &[bad, good], &workspace.path().join("site"));
    let says = "<span class=\"verdict bad\">1 case</span> bad with add-raw: <code>right</code> before, <code>fail {&quot;ok&quot;:{&quot;value&quot;:-1}}</code> now";
    assert_has(site.page("index.html"), says);
}

#[test]
fn each_version_of_a_host_is_a_line() {
    let workspace = Workspace::with_bad("honest");
    let old = report(&workspace, "old", &[]);
    let mut newer: Value = serde_json::from_slice(&fs::read(old.join("report.json")).unwrap()).unwrap();
    newer["rows"][0]["host"]["version"] = "2.0".into();
    newer["started"] = "2100-01-01T00:00:00Z".into();
    let new = workspace.path().join("new.json");
    fs::write(&new, newer.to_string()).unwrap();
    newer["started"] = "2100-02-01T00:00:00Z".into();
    let newest = workspace.path().join("newest.json");
    fs::write(&newest, newer.to_string()).unwrap();
    let site = published(&workspace, &[newest, old, new], &workspace.path().join("site"));
    let host = site.page("hosts/bad.html");
    let lines: Vec<&str> = host.split("<tr><th scope=\"row\">").skip(1).collect();
    assert_eq!(lines.len(), 2, "{host}");
    assert_has(lines[0], " 2.0, &lt;b&gt;no runtime <small>2100-01-01 to 2100-02-01, 2 reports</small>");
    assert_has(lines[1], " honest, &lt;b&gt;no runtime <small>20");
    assert_has(
        site.page("index.html"),
        "<li>bad: bad honest (&lt;b&gt;no runtime, test) → bad 2.0 (&lt;b&gt;no runtime, test)</li>",
    );
    assert_eq!(site.page("index.html").matches(" → ").count(), 1, "what did not change is told");
}

/// The same workspace, whose only row now answers wrongly.
fn workspace_that_turned(workspace: Workspace) -> Workspace {
    let hosts = workspace.path().join("hosts/hosts.toml");
    let text = fs::read_to_string(&hosts).unwrap();
    assert!(text.contains("\"honest\""));
    fs::write(hosts, text.replace("\"honest\"", "\"wrong-answer\"")).unwrap();
    workspace
}

#[test]
fn a_hostile_report_is_shown_and_does_nothing() {
    let workspace = Workspace::with_bad("wrong-answer");
    let dir = report(&workspace, "hostile", &[]);
    let file = dir.join("report.json");
    let text = fs::read_to_string(&file).unwrap();
    let script = "</script><script>alert(1)</script>\\u001b[2J\\u202e";
    let evil = |text: String, field: &str, was: &str, is: &str| {
        let (old, new) = (format!("\"{field}\":\"{was}\""), format!("\"{field}\":\"{is}\""));
        assert!(text.contains(&old), "{old}");
        text.replace(&old, &new)
    };
    let mut text = evil(text, "row", "bad", &format!("../../../row{script}"));
    text = evil(text, "name", "bad", &format!("../../../row{script}"));
    text = evil(text, "suite", "add", &format!("/tmp/suite{script}"));
    text = evil(text, "name", "add", &format!("/tmp/suite{script}"));
    text = evil(text, "case", "add/3", &format!("..//\\u0000 \\\" onclick=alert(1) {script}"));
    text = evil(text, "module", "add-raw", "..");
    text = evil(text, "version", "wrong-answer", script);
    fs::write(&file, text).unwrap();
    let before = entries(workspace.path());
    let to = workspace.path().join("site");
    let site = published(&workspace, std::slice::from_ref(&dir), &to);
    let mut after = entries(workspace.path());
    after.remove("site");
    assert_eq!(before, after, "something was written beside the site");
    assert_eq!(site.0.keys().filter(|path| path.starts_with("hosts/")).count(), 1);
    for path in site.0.keys() {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_.~/".contains(c);
        assert!(path.chars().all(is_safe) && !path.contains(".."), "{path}");
    }
    for (path, page) in site.pages() {
        // In the data of a report's page, a quotation mark ends nothing.
        let page = page.split("<script type=\"application/json\"").next().unwrap();
        assert!(!page.contains("<script>alert") && !page.contains("\" onclick"), "{path} can be broken out of");
        assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'), "{path} has what cannot be seen");
    }
    site.assert_links();
    assert!(site.pages().any(|(path, page)| path.starts_with("cases/") && page.contains("&lt;script&gt;alert")));
    // The badge too.
    assert!(!site.page("badge.svg").contains("<script"));
}

fn entries(dir: &Path) -> BTreeSet<String> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn what_is_wrong_is_said_and_the_old_site_stays() {
    let workspace = Workspace::with_bad("honest");
    let good = report(&workspace, "good", &[]);
    let to = workspace.path().join("sites/site");
    let old = published(&workspace, std::slice::from_ref(&good), &to);
    let text = fs::read_to_string(good.join("report.json")).unwrap();
    let bad = workspace.path().join("bad.json");
    let packed = workspace.path().join("bad.json.gz");
    let refused = |file: &Path, said: &str| {
        let output = publish(&workspace, &[good.clone(), file.to_path_buf()], &to);
        assert_code(&output, 2);
        assert_has(stderr(&output), said);
        assert!(Site::read(&to).0 == old.0, "the old site is another: {said}");
        assert_eq!(entries(to.parent().unwrap()).len(), 1, "something is left: {said}");
    };
    fs::write(&bad, &text[..text.len() / 2]).unwrap();
    refused(&bad, "bad.json is no report.json of `everyhost run`: EOF while parsing");
    fs::write(&bad, text.replace("\"planned\":8", "\"planned\":9")).unwrap();
    refused(&bad, "does not follow report.schema.json");
    fs::write(&bad, "[".repeat(100_000)).unwrap();
    refused(&bad, "is no report.json of `everyhost run`: recursion limit exceeded");
    fs::File::create(&bad).unwrap().set_len((1 << 30) + 1).unwrap();
    refused(&bad, "bad.json is larger than 1024 MiB");
    fs::File::create(&packed).unwrap().write_all(b"\x1f\x8b\x08\0\0\0\0\0").unwrap();
    refused(&packed, "bad.json.gz cannot be unpacked");
    refused(&workspace.path().join("none"), "none cannot be read: No such file");
    // A row for each answer is no matrix of one project.
    let many: Vec<String> = (0..201).map(|row| text.replace("bad", &format!("row-{row}"))).collect();
    fs::write(&bad, joined(&many)).unwrap();
    refused(&bad, "201 rows are more than a site shows: 200");

    // A limit on the size of files acts as a full disk: it lets the small files through.
    let tool = env!("CARGO_BIN_EXE_everyhost");
    let script = format!("trap '' XFSZ; ulimit -f 16; exec {tool} publish {} --out {}", good.display(), to.display());
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_code(&output, 2);
    assert_has(stderr(&output), "cannot write the site's reports/");
    assert!(Site::read(&to).0 == old.0 && entries(to.parent().unwrap()).len() == 1);
}

/// One report with the rows and results of all.
fn joined(reports: &[String]) -> String {
    let mut reports = reports.iter().map(|report| serde_json::from_str::<Value>(report).unwrap());
    let mut all = reports.next().unwrap();
    for mut report in reports {
        for list in ["rows", "matrix", "results"] {
            let more = std::mem::take(report[list].as_array_mut().unwrap());
            all[list].as_array_mut().unwrap().extend(more);
        }
        for number in ["/planned", "/executed", "/verdicts/pass"] {
            let sum =
                all.pointer(number).unwrap().as_u64().unwrap() + report.pointer(number).unwrap().as_u64().unwrap();
            *all.pointer_mut(number).unwrap() = sum.into();
        }
    }
    // As the tool sorts it.
    let matrix = all["matrix"].as_array_mut().unwrap();
    matrix.sort_by_key(|cell| cell["row"].as_str().unwrap().to_owned());
    all.to_string()
}

#[test]
fn only_its_own_folder_is_replaced() {
    let workspace = Workspace::with_bad("honest");
    let good = [report(&workspace, "good", &[])];
    let to = workspace.path().join("site");
    let refused = |said: &str| {
        let before = Site::read(workspace.path()).0;
        let output = publish(&workspace, &good, &to);
        assert_code(&output, 2);
        assert_has(stderr(&output), said);
        assert!(Site::read(workspace.path()).0 == before, "{said}");
    };
    fs::write(&to, "").unwrap();
    refused("site: it is not a folder");
    fs::remove_file(&to).unwrap();
    fs::create_dir(&to).unwrap();
    fs::write(to.join("thesis.txt"), "years").unwrap();
    refused(
        "it has files but no site.json, so `everyhost publish` did not write it; name a new folder, or empty this one",
    );
    fs::write(to.join("site.json"), "{}").unwrap();
    refused("`everyhost publish` did not write its site.json");
    fs::remove_dir_all(&to).unwrap();
    fs::create_dir(&to).unwrap();
    published(&workspace, &good, &to);
    fs::write(to.join("cases/CNAME"), "example.org").unwrap();
    refused("it has \"cases/CNAME\", which `everyhost publish` did not write, and would be lost; move it elsewhere");
    fs::remove_file(to.join("cases/CNAME")).unwrap();
    published(&workspace, &good, &to);
    // Through a link, what it leads to is replaced, and the link stays.
    let link = workspace.path().join("link");
    std::os::unix::fs::symlink(&to, &link).unwrap();
    published(&workspace, &good, &link);
    assert!(link.is_symlink() && to.join("index.html").is_file());
}

#[test]
fn an_interruption_leaves_the_old_site_and_nothing_else() {
    let workspace = Workspace::with_bad("honest");
    let good = report(&workspace, "good", &[]);
    let to = workspace.path().join("sites/site");
    let old = published(&workspace, std::slice::from_ref(&good), &to);
    // The same again and again takes a while.
    let many = vec![good; 900];
    let mut command = workspace.command();
    command.arg("publish").args(&many).arg("--out").arg(&to).stdout(Stdio::null()).stderr(Stdio::piped());
    let run = command.spawn().unwrap();
    for _ in 0..500 {
        if entries(to.parent().unwrap()).len() > 1 {
            break;
        }
        sleep(Duration::from_millis(10));
    }
    sleep(Duration::from_millis(100));
    kill(Pid::from_raw(run.id().cast_signed()), Signal::SIGINT).unwrap();
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", stdout(&output));
    assert_has(stderr(&output), "everyhost: interrupted");
    assert!(Site::read(&to).0 == old.0);
    assert_eq!(entries(to.parent().unwrap()).len(), 1);
}
