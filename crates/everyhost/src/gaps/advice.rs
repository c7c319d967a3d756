//! `everyhost gaps`: what known-gaps.toml should say after a run, as entries to add, to strike and to change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use vectors::Suite;

use super::selector::{Place, Selector, choose};
use super::{GAPS_FILE, Gap, OWN_GAPS_FILE, matches};
use crate::answer::Given;
use crate::command::Exit;
use crate::hosts::Row;
use crate::plan::everything;
use crate::report::{CaseResult, Report};
use crate::results::End;
use crate::text::thousands;
use crate::verdict::Verdict;
use crate::{hosts, out, own, report, suites};

/// A row that has more wrong answers of different kinds than this is broken, and needs no list of them.
const MOST_ENTRIES_OF_A_ROW: usize = 20;

/// The options of `everyhost gaps`.
#[derive(Debug, Args)]
pub(crate) struct GapsArgs {
    /// Where the run left its report [default: target/report]
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// The vectors of that run, if they were not the workspace's; their known-gaps.toml is beside them
    #[arg(long, value_name = "DIR")]
    pub(crate) vectors: Option<PathBuf>,
}

/// Prints what to do, as TOML with comments. It is good if there is nothing to add, strike or change.
pub(crate) fn run(root: &Path, args: &GapsArgs) -> Result<Exit> {
    let dir = args.report.clone().unwrap_or_else(|| root.join("target/report"));
    let report = report::read(&dir)?;
    let mut rows = hosts::load(root)?;
    let own = report.own_modules();
    if !own.is_empty() {
        rows = own::rows_of(&own, rows);
    }
    let vectors = args.vectors.clone().unwrap_or_else(|| root.join(suites::DIR));
    let suites = suites::load(&vectors)?;
    out::say(format!("# From the run of {}: {}", report.started, dir.join("report.json").display()));
    if suites::hash(&suites) != report.plan.vectors {
        return Ok(of_other_vectors(&report, args));
    }
    let (gaps, shown) = match &args.vectors {
        Some(vectors) => {
            let path = vectors.join(OWN_GAPS_FILE);
            let shown = path.display().to_string();
            (super::load_file(&path, &shown, &rows)?, shown)
        }
        None => (super::load(root, &rows)?, GAPS_FILE.to_string()),
    };
    let advice = Advice::of(&report, &rows, &suites, &gaps);
    if advice.is_empty() {
        out::say(format!("# {shown} is in step with it: nothing to add, strike or change."));
        return Ok(Exit::Good);
    }
    out::lines(&advice.text(&shown));
    Ok(Exit::Bad)
}

/// A run of other vectors than those at hand says nothing about their gaps.
fn of_other_vectors(report: &Report, args: &GapsArgs) -> Exit {
    let red = report.verdicts.red(report.strict);
    let own = report.own_modules();
    let about = match &args.vectors {
        None if !own.is_empty() => format!(
            "It is about what is your own, {}, with known gaps in {OWN_GAPS_FILE} beside the vectors: give these with --vectors DIR.",
            own.join(", ")
        ),
        None => {
            "It is of other vectors than the workspace's as they are now: run again, or give its own with --vectors DIR.".into()
        }
        Some(vectors) => {
            format!("It is of other vectors than those in {} as they are now: run again.", vectors.display())
        }
    };
    out::say(format!("# {about}"));
    if red == 0 && report.end == End::Green {
        out::say("# Every answer in it is as expected.");
        return Exit::Good;
    }
    out::say(format!("# In it {} answers are red.", thousands(red)));
    Exit::Bad
}

#[derive(Debug, Default)]
struct Advice {
    /// Whether the modules are none of ours.
    own: bool,
    /// Titles of entries to take out, and why.
    strike: Vec<String>,
    change: Vec<String>,
    add: Vec<String>,
    beyond: Vec<String>,
}

impl Advice {
    fn of(report: &Report, rows: &[Row], suites: &[Suite], gaps: &[Gap]) -> Self {
        let plans = everything(rows, suites);
        let mut ran: BTreeMap<(&str, &str, &str), &CaseResult> = BTreeMap::new();
        for result in &report.results {
            ran.insert((&result.row, &result.module, &result.case), result);
        }
        let mut advice = Self { own: !report.own_modules().is_empty(), ..Self::default() };
        for plan in &plans {
            let places: Vec<Place<'_>> =
                plan.items.iter().map(|item| Place { module: item.module, case: item.case }).collect();
            let result = |place: &Place<'_>| {
                let key = (plan.row.name.as_str(), place.module, place.case.id.as_str());
                ran.get(&key).copied()
            };
            advice.of_row(plan.row, &places, &result, gaps);
        }
        advice
    }

    fn of_row<'a>(
        &mut self,
        row: &Row,
        places: &[Place<'a>],
        result: &dyn Fn(&Place<'a>) -> Option<&'a CaseResult>,
        gaps: &[Gap],
    ) {
        let mut failing: BTreeMap<String, Failing<'a>> = BTreeMap::new();
        for gap in gaps.iter().filter(|gap| gap.row == row.name) {
            let about: Vec<&Place<'a>> =
                places.iter().filter(|place| gap.is_about(&row.name, place.module, place.case)).collect();
            // If two gaps cover one case, the first applies.
            let first = |place: &&Place<'a>| {
                let mut gaps = gaps.iter();
                let found = gaps.find(|gap| gap.is_about(&row.name, place.module, place.case));
                found.is_some_and(|found| std::ptr::eq(found, gap))
            };
            let held: Vec<&Place<'a>> = about.iter().copied().filter(first).collect();
            self.of_gap(gap, matches(self.own, about.iter().map(|place| place.case)), &held, result, &mut failing);
        }
        let mut answerless = BTreeMap::new();
        for place in places {
            let on_record = gaps.iter().any(|gap| gap.is_about(&row.name, place.module, place.case));
            let Some(result) = result(place).filter(|_| !on_record) else {
                continue;
            };
            match (result.verdict, answer(result)) {
                (Some(Verdict::Fail | Verdict::Error | Verdict::Missing), Some(answer)) => {
                    note(&mut failing, answer, *place, None);
                }
                (Some(verdict), None) if verdict.is_red(false) => {
                    *answerless.entry(verdict.name()).or_insert(0) += 1;
                }
                _ => {}
            }
        }
        for (verdict, count) in answerless {
            let name = &row.name;
            self.beyond.push(format!(
                "row {name:?}: {count} cases have the verdict {verdict} and no answer: a bug in the adapter, which no entry can record"
            ));
        }
        self.entries(row, places, failing, &|place| result(place).is_some());
    }

    /// Whether a gap is still as it says; if its cases need other entries, they are added to `failing`.
    fn of_gap<'a>(
        &mut self,
        gap: &Gap,
        matched: usize,
        about: &[&Place<'a>],
        result: &dyn Fn(&Place<'a>) -> Option<&'a CaseResult>,
        failing: &mut BTreeMap<String, Failing<'a>>,
    ) {
        let title = gap.title();
        if matched == 0 {
            self.strike.push(format!("{title}: it matches no planned case"));
            return;
        }
        let outcome = |verdict: Verdict| {
            let ran = about.iter().filter_map(|place| result(place));
            ran.filter(|result| result.verdict == Some(verdict)).count()
        };
        let (passes, recorded, fails) = (
            outcome(Verdict::UnexpectedPass),
            outcome(Verdict::KnownGap),
            outcome(Verdict::Fail) + outcome(Verdict::Missing),
        );
        if passes > 0 && recorded + fails == 0 {
            self.strike.push(format!("{title}: {passes} of its cases ran, and all passed"));
        } else if passes + fails > 0 {
            self.strike.push(format!(
                "{title}: {recorded} of its cases fail as recorded, {passes} pass, {fails} are answered otherwise; what is below replaces it"
            ));
            for place in about {
                let Some(result) = result(place) else { continue };
                let fails = matches!(result.verdict, Some(Verdict::KnownGap | Verdict::Fail | Verdict::Missing));
                if let Some(answer) = answer(result).filter(|_| fails) {
                    let words = (gap.reason.clone(), gap.link.clone());
                    note(failing, answer, **place, Some(words));
                }
            }
        } else if matched != gap.matches {
            self.change.push(format!("{title}: matches = {matched} (it says {})", gap.matches));
        }
    }

    fn entries<'a>(
        &mut self,
        row: &Row,
        places: &[Place<'a>],
        failing: BTreeMap<String, Failing<'a>>,
        has_run: &dyn Fn(&Place<'a>) -> bool,
    ) {
        let mut failing: Vec<Failing<'a>> = failing.into_values().collect();
        failing.sort_by_key(|failing| std::cmp::Reverse(failing.places.len()));
        let (mut entries, mut left) = (Vec::new(), 0);
        for failing in failing {
            if entries.len() >= MOST_ENTRIES_OF_A_ROW {
                left += failing.places.len();
                continue;
            }
            let (selectors, not_covered) = choose(places, &failing.places, &failing.answer, has_run, self.own);
            left += not_covered;
            entries.extend(selectors.iter().map(|selector| entry(row, selector, &failing)));
        }
        if left > 0 {
            self.beyond.push(format!(
                "row {:?}: {left} more cases are answered wrongly, so variously that entries for them would be no record: fix the row first",
                row.name
            ));
        }
        self.add.extend(entries);
    }

    fn is_empty(&self) -> bool {
        self.strike.is_empty() && self.change.is_empty() && self.add.is_empty() && self.beyond.is_empty()
    }

    fn text(&self, shown: &str) -> String {
        let mut text = String::new();
        for (heading, lines) in [("Strike", &self.strike), ("Change", &self.change), ("Beyond it", &self.beyond)] {
            for line in lines {
                text += &format!("# {heading}: {line}\n");
            }
        }
        if !self.add.is_empty() {
            text += &format!("# Add to {shown}; reason and link are yours to write:\n");
        }
        for entry in &self.add {
            text += "\n";
            text += entry;
        }
        text
    }
}

/// The cases of a row that have the same wrong answer.
struct Failing<'a> {
    answer: Given,
    places: BTreeSet<(&'a str, &'a str)>,
    /// Reason and link, if an old entry has them.
    words: Option<(String, String)>,
}

fn note<'a>(
    failing: &mut BTreeMap<String, Failing<'a>>,
    answer: Given,
    place: Place<'a>,
    words: Option<(String, String)>,
) {
    // What is on record is about one operation: verify and verify_strict differ for different reasons.
    let op = if answer == Given::Refused { "" } else { place.case.op.name() };
    let found = failing.entry(format!("{op} {}", answer.json())).or_insert_with(|| Failing {
        answer,
        places: BTreeSet::new(),
        words: None,
    });
    found.places.insert(place.key());
    if found.words.is_none() {
        found.words = words;
    }
}

fn answer(result: &CaseResult) -> Option<Given> {
    let actual = result.wrong.as_ref()?.actual.clone()?;
    Some(actual.without_details())
}

fn entry(row: &Row, selector: &Selector, failing: &Failing<'_>) -> String {
    let text = |text: &str| toml::Value::from(text).to_string();
    let mut lines = vec!["[[gap]]".to_string(), format!("row = {}", text(&row.name))];
    if let Some(module) = &selector.module {
        lines.push(format!("module = {}", text(module)));
    }
    if let Some(op) = &selector.op {
        lines.push(format!("op = {}", text(op)));
    }
    match &selector.cases {
        super::Cases::Id(pattern) => lines.push(format!("case = {}", text(pattern.text()))),
        super::Cases::Flag(flag) => lines.push(format!("flag = {}", text(flag))),
    }
    let answer = toml::Value::try_from(failing.answer.json()).map_or_else(|_| "{}".into(), |answer| answer.to_string());
    lines.push(format!("answer = {answer}"));
    let ran = if selector.ran < selector.matches {
        format!("  # {} of them ran this time", selector.ran)
    } else {
        String::new()
    };
    lines.push(format!("matches = {}{ran}", selector.matches));
    let (reason, link) = failing.words.clone().unwrap_or_default();
    lines.push(format!("reason = {}", text(&reason)));
    lines.push(format!("link = {}", text(&link)));
    lines.join("\n") + "\n"
}
