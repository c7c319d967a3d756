//! `bench.html`: the figures for people. One file, no network.

use anyhow::Result;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde_json::{Value, json};

use super::figures::{EngineFigures, Figures, Report, significant};

/// The page around `svg`.
pub(super) fn page(report: &Report, svg: &str) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("bench", include_str!("../../templates/bench.html"))?;
    let page = environment.get_template("bench")?.render(Serde(json!({
        "css": include_str!("../../templates/report.css"),
        "svg": svg,
        "report": report,
        "sentence": sentence(report),
        "finished_shown": report.finished.get(..16).map(|minute| minute.replace('T', " ") + " UTC"),
        "engines": report.engines.iter().map(engine).collect::<Vec<_>>(),
    })))?;
    Ok(page)
}

/// What there is to say first: the fastest of ours on the first engine, against the others.
fn sentence(report: &Report) -> String {
    let best = report.engines.iter().find_map(|engine| {
        let best = engine
            .contestants
            .iter()
            .find(|figures| figures.id == "batch-simd")?;
        let than = |id: &str| best.times_as_fast_as.get(id).map(|times| significant(*times));
        Some(format!(
            "{} µs a signature in {}: {} times as fast as libsodium.js, {} times as fast as tweetnacl",
            significant(best.median_us),
            engine.version,
            than("libsodium")?,
            than("tweetnacl")?,
        ))
    });
    best.unwrap_or_else(|| "Signing speed, side by side".to_owned())
}

fn engine(engine: &EngineFigures) -> Value {
    let baselines = engine.baselines();
    json!({
        "name": engine.engine,
        "version": engine.version,
        "runtime": engine.runtime,
        "clock": engine.clock_shown(),
        "headings": baselines.iter().map(|(_, heading)| heading).collect::<Vec<_>>(),
        "rows": engine.contestants.iter().map(|figures| row(figures, &baselines)).collect::<Vec<_>>(),
        "missing": engine.missing,
        "expectations": engine.expectations.iter().map(|expectation| json!({
            "met": expectation.met,
            "sentence": expectation.sentence(),
        })).collect::<Vec<_>>(),
    })
}

fn row(figures: &Figures, baselines: &[(&str, &str)]) -> Value {
    let [lower, upper] = figures.quartiles_us.map(significant);
    json!({
        "label": figures.label,
        "version": figures.version,
        "kind": figures.kind,
        "median": significant(figures.median_us),
        "lower": lower,
        "upper": upper,
        "fastest": significant(figures.fastest_us),
        "slowest": significant(figures.slowest_us),
        "wall": significant(figures.wall_median_us),
        "messages": figures.messages_a_round,
        "ratios": baselines.iter().map(|(id, _)| {
            figures.times_as_fast_as.get(*id).map_or_else(|| "1".to_owned(), |times| significant(*times))
        }).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report_for_tests;

    #[test]
    fn the_page_has_every_figure_and_needs_no_network() {
        let report = report_for_tests();
        let page = page(&report, "<svg></svg>").unwrap().replace("&#x27;", "'");
        for figures in &report.engines[0].contestants {
            assert!(page.contains(&figures.label) && page.contains(&significant(figures.median_us)));
        }
        assert!(
            page.contains("50.0 µs a signature in Test 1: 1.60 times as fast as libsodium.js, 160 times")
        );
        assert!(
            page.contains("&lt;none&gt; here"),
            "what an engine says is escaped"
        );
        assert!(page.contains("<svg></svg>"));
        assert!(!page.contains("src=\"http") && !page.contains("href=\"http"));
    }
}
