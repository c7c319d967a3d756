//! `bench.html`: the figures for people. One file, no network.

use anyhow::Result;
use everyhost::page::render;
use everyhost::text::{significant, thousands};
use minijinja::value::Serde;
use serde_json::{Value, json};

use crate::figures::{Cross, EngineFigures, Expectation, Figures, Report, baselines};
use crate::plot;

pub(crate) fn page(report: &Report) -> Result<String> {
    let engines = report.engines.iter().map(engine).collect::<Result<Vec<_>>>()?;
    let values = json!({
        "css": everyhost::CSS,
        "report": report,
        "sentence": sentence(report),
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
    let scale = Scale::around(&engine.contestants);
    let bar = |figures: &Figures| {
        let [from, to] = figures.quartiles_us;
        [figures.median_us, from, to].map(|us| scale.percent(us))
    };
    Ok(json!({
        "of": engine,
        "clock": engine.clock_shown(),
        "baselines": baselines(&engine.contestants),
        "alone_baselines": baselines(&engine.alone),
        "verifying": engine
            .verifying
            .iter()
            .map(|one| json!({ "load": one.load.shown(), "baselines": baselines(&one.contestants) }))
            .collect::<Vec<_>>(),
        "bars": engine.contestants.iter().map(bar).collect::<Vec<_>>(),
        "ticks": scale.ticks(),
        "plot": plot::svg(engine)?,
        "colours": engine.curves.iter().map(|curve| plot::css_colour(&curve.id)).collect::<Vec<_>>(),
        "ways": engine.crossing.iter().map(Cross::shown).collect::<Vec<_>>(),
        "sentences": engine.expectations.iter().map(Expectation::sentence).collect::<Vec<_>>(),
    }))
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
                let shown = if us >= 1.0 { thousands(us.round() as u64) } else { format!("{us}") };
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
            let verifying = engine.verifying.iter().flat_map(|one| &one.contestants);
            for figures in engine.contestants.iter().chain(verifying) {
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
