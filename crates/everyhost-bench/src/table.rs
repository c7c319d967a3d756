//! The figures on the terminal, a table for each engine.

use anstyle::Style;
use comfy_table::{CellAlignment, Table, presets};

use crate::figures::{EngineFigures, Figures, Report, baselines};
use everyhost::out::{DIM, GREEN, PLAIN, YELLOW, lines, parts, say};
use everyhost::text::significant;

const BOLD: Style = Style::new().bold();

pub(crate) fn print(report: &Report) {
    let (machine, settings) = (&report.machine, &report.settings);
    let dim = |line: &str| parts(&[(DIM, line)]);
    dim(&format!("{}, {} threads, {}", machine.cpu, machine.threads, machine.os));
    dim(&format!(
        "{} rounds in turns, fewer on slow hosts; medians, and between which times half of the rounds lie",
        settings.rounds
    ));
    for engine in &report.engines {
        say("");
        let about = format!(" {}, {}", engine.runtime, engine.clock_shown());
        parts(&[(BOLD, &engine.version), (DIM, &about)]);
        lines(&table(&engine.contestants).to_string());
        if !engine.alone.is_empty() {
            dim("each in a program of its own, which does nothing else:");
            lines(&table(&engine.alone).to_string());
        }
        for verifying in &engine.verifying {
            dim(&format!("verifying, {}:", verifying.load.shown()));
            lines(&table(&verifying.contestants).to_string());
        }
        apart(engine).iter().for_each(|line| dim(line));
        for missing in &engine.missing {
            dim(&format!("without {}: {}", missing.id, missing.why));
        }
        for expectation in &engine.expectations {
            let (style, word) = if expectation.met { (GREEN.bold(), "    met") } else { (YELLOW.bold(), "not met") };
            parts(&[(style, word), (PLAIN, &format!("  {}", expectation.sentence()))]);
        }
    }
    say("");
}

/// What is timed apart: the boundary, and starting.
fn apart(engine: &EngineFigures) -> Vec<String> {
    let mut apart = Vec::new();
    if !engine.crossing.is_empty() {
        let ways = engine.crossing.iter().map(|cross| format!("{} {} ns", cross.shown(), significant(cross.ns.median)));
        apart.push(format!("over the boundary: {}", ways.collect::<Vec<_>>().join(", ")));
    }
    apart.extend(engine.starts.iter().map(|start| {
        let shown: Vec<_> = start.parts().iter().map(|(what, ms)| format!("{what} {} ms", significant(*ms))).collect();
        format!("{} starts: {}", start.module, shown.join(", "))
    }));
    apart
}

fn table(figures: &[Figures]) -> Table {
    let baselines = baselines(figures);
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let headings = baselines.iter().map(|(_, heading)| format!("× {heading}"));
    let fixed = ["", "µs a signature", "half of the rounds"].map(str::to_owned);
    table.set_header(fixed.into_iter().chain(headings));
    for figures in figures {
        let label = match &figures.version {
            Some(version) => format!("{} {version}", figures.label),
            None => figures.label.clone(),
        };
        let [lower, upper] = figures.quartiles_us;
        let spread = format!("{} – {}", significant(lower), significant(upper));
        let ratios = baselines.iter().map(|(id, _)| {
            figures.times_as_fast_as.get(*id).map_or_else(|| "1".to_owned(), |times| significant(*times))
        });
        table.add_row([label, significant(figures.median_us), spread].into_iter().chain(ratios));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

#[cfg(test)]
mod tests {
    use crate::fixture::report;

    #[test]
    fn a_row_has_the_time_its_spread_and_the_ratios() {
        let text = super::table(&report().engines[0].contestants).to_string();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines.len(), 7);
        assert_eq!(
            lines[1],
            "Everyhost SIMD, 1000 a call 50.0 47.5 – 57.5 160 1.60 5.20 1.20".split(' ').collect::<Vec<_>>()
        );
        assert_eq!(lines[6][lines[6].len() - 4..], ["1", "0.010", "0.033", "0.007"]);
    }

    #[test]
    fn what_is_timed_apart_has_a_line_each() {
        let lines = super::apart(&report().engines[0]);
        assert_eq!(
            lines,
            [
                "over the boundary: an empty call 40.0 ns, 8 bytes in 48.0 ns, 1,024 bytes in 90.0 ns, 64 bytes out 70.0 ns, 32 bytes signed by signer-raw 24,000 ns",
                "signer-raw starts: compile 2.00 ms, instantiate 0.100 ms, first key 0.200 ms, first signature 0.300 ms",
            ]
        );
    }
}
