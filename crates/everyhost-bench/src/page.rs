//! `bench.html`: the figures for people. One file, no network.

use anyhow::Result;
use everyhost::page::render;
use minijinja::value::Serde;
use serde_json::{Value, json};

use crate::figures::{Cross, EngineFigures, Figures, Report, Spread, Start, baselines, significant};
use crate::plot;

pub(crate) fn page(report: &Report) -> Result<String> {
    let engines = report.engines.iter().map(engine).collect::<Result<Vec<_>>>()?;
    let values = json!({
        "css": everyhost::CSS,
        "report": report,
        "sentence": sentence(report),
        "finished_shown": report.finished.get(..16).map(|minute| minute.replace('T', " ") + " UTC"),
        "engines": engines,
    });
    render(include_str!("../templates/bench.html"), Serde(values).into())
}

/// What there is to say first: the fastest of ours on the first host, against the others.
fn sentence(report: &Report) -> String {
    let best = report.engines.iter().find_map(|engine| {
        let best = engine.contestants.first()?;
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

fn engine(engine: &EngineFigures) -> Result<Value> {
    let headings = |figures| baselines(figures).into_iter().map(|(_, heading)| heading).collect::<Vec<_>>();
    let scale = Scale::around(&engine.contestants);
    let curves: Vec<Value> = engine
        .curves
        .iter()
        .map(|curve| json!({ "label": curve.label, "colour": plot::css_colour(&curve.id) }))
        .collect();
    Ok(json!({
        "name": engine.engine,
        "version": engine.version,
        "runtime": engine.runtime,
        "clock": engine.clock_shown(),
        "rounds": engine.rounds,
        "headings": headings(&engine.contestants),
        "rows": rows(&engine.contestants, &scale),
        "alone": { "headings": headings(&engine.alone), "rows": rows(&engine.alone, &scale) },
        "ticks": scale.ticks(),
        "curve": plot::svg(engine)?,
        "curves": curves,
        "starts": engine.starts.iter().map(start).collect::<Vec<_>>(),
        "crossing": engine.crossing.iter().map(cross).collect::<Vec<_>>(),
        "missing": engine.missing,
        "expectations": engine.expectations.iter().map(|expectation| json!({
            "met": expectation.met,
            "sentence": expectation.sentence(),
        })).collect::<Vec<_>>(),
    }))
}

fn rows(all: &[Figures], scale: &Scale) -> Vec<Value> {
    let baselines = baselines(all);
    all.iter().map(|figures| row(figures, &baselines, scale)).collect()
}

fn row(figures: &Figures, baselines: &[(&str, &str)], scale: &Scale) -> Value {
    let [lower, upper] = figures.quartiles_us;
    let ratio = |id: &str| -> Value {
        figures.ratios.get(id).map_or_else(
            || json!({ "median": "1" }),
            |ratio| json!({ "median": significant(ratio.median), "spread": spread(ratio) }),
        )
    };
    json!({
        "label": figures.label,
        "version": figures.version,
        "kind": figures.kind,
        "median": significant(figures.median_us),
        "lower": significant(lower),
        "upper": significant(upper),
        "fastest": significant(figures.fastest_us),
        "slowest": significant(figures.slowest_us),
        "wall": significant(figures.wall_median_us),
        "messages": figures.messages_a_round,
        "compared": figures.compared,
        "ratios": baselines.iter().map(|(id, _)| ratio(id)).collect::<Vec<_>>(),
        "bar": scale.percent(figures.median_us),
        "from": scale.percent(lower),
        "to": scale.percent(upper),
    })
}

fn start(start: &Start) -> Value {
    let shown = |ms: &Spread| json!({ "median": significant(ms.median), "spread": spread(ms) });
    json!({
        "module": start.module,
        "compile": start.compile_ms.as_ref().map(shown),
        "instantiate": shown(&start.instantiate_ms),
        "load_key": shown(&start.load_key_ms),
        "first_signature": shown(&start.first_signature_ms),
    })
}

fn cross(cross: &Cross) -> Value {
    json!({ "what": cross.shown(), "median": significant(cross.ns.median), "spread": spread(&cross.ns) })
}

fn spread(spread: &Spread) -> String {
    let [lower, upper] = spread.quartiles.map(significant);
    format!("{lower} – {upper}")
}

/// A logarithmic scale: the slowest takes a thousand times as long as the fastest.
struct Scale {
    from: f64,
    to: f64,
}

impl Scale {
    fn around(contestants: &[Figures]) -> Self {
        let fastest = contestants.iter().map(|figures| figures.quartiles_us[0]).fold(f64::INFINITY, f64::min);
        let slowest = contestants.iter().map(|figures| figures.quartiles_us[1]).fold(0.0, f64::max);
        // With room for the shortest bar.
        Self { from: (fastest / 1.3).log10().floor(), to: slowest.log10().ceil() }
    }

    fn percent(&self, us: f64) -> String {
        let share = (us.log10() - self.from) / (self.to - self.from);
        format!("{:.2}", share.clamp(0.0, 1.0) * 100.0)
    }

    fn ticks(&self) -> Vec<Value> {
        (self.from as i32..=self.to as i32)
            .map(|exponent| {
                let us = 10f64.powi(exponent);
                let shown = if us >= 1.0 { everyhost::text::thousands(us.round() as u64) } else { format!("{us}") };
                json!({ "at": self.percent(us), "shown": shown })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{assert_has, report};

    #[test]
    fn the_page_has_every_figure_and_needs_no_network() {
        let report = report();
        let escaped = page(&report).unwrap();
        let page = crate::fixture::unescaped(&escaped);
        for engine in &report.engines {
            for figures in &engine.contestants {
                assert!(page.contains(&figures.label), "{}", figures.label);
                assert_has(&page, &significant(figures.median_us));
            }
        }
        assert_has(&page, "50.0 µs a signature in Test 1: 1.60 times as fast as libsodium.js, 160 times");
        assert!(escaped.contains("&lt;none&gt; here"), "what a host says is escaped");
        assert!(page.contains("<svg ") && page.contains("signer-lanes is not built"));
        assert!(!page.contains("src=\"http") && !page.contains("href=\"http"));
    }

    #[test]
    fn a_bar_is_as_long_as_its_time_on_the_scale() {
        let scale = Scale::around(&report().engines[0].contestants);
        assert_eq!((scale.from, scale.to), (1.0, 4.0));
        assert_eq!((scale.percent(10.0), scale.percent(100.0)), ("0.00".to_owned(), "33.33".to_owned()));
        assert_eq!(scale.ticks().len(), 4);
        assert_eq!(scale.ticks()[3], json!({ "at": "100.00", "shown": "10,000" }));
    }
}
