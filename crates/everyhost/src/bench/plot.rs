//! `bench.svg`: a bar for each contestant, an engine below the other.

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::figures::{EngineFigures, Report, significant};
use super::lineup::Kind;

const WIDTH: u32 = 920;
const BAR_HEIGHT: u32 = 24;
/// The heading above the bars and the axis below them.
const AROUND_BARS: u32 = 92;
const LABEL_WIDTH: u32 = 270;
const LEGEND_HEIGHT: u32 = 34;
const FONT: &str = "system-ui, sans-serif";

/// Colours that stand out from white and from black. Text follows the reader's colour scheme; see [`finish`].
const fn colour(kind: Kind) -> RGBColor {
    match kind {
        Kind::Ours => RGBColor(0x1a, 0x8a, 0xa8),
        Kind::Chapter => RGBColor(0xc4, 0x7f, 0x17),
        Kind::Native => RGBColor(0x7a, 0x68, 0xc9),
        Kind::Other => RGBColor(0xa3, 0xa7, 0xaf),
    }
}

const LEGEND: &[(Kind, &str)] = &[
    (Kind::Ours, "Everyhost's modules"),
    (Kind::Chapter, "the chapter's own build"),
    (Kind::Native, "the same Rust, native"),
    (Kind::Other, "others"),
];

const INK: RGBColor = RGBColor(0x24, 0x29, 0x2f);
/// Of the line that shows where half of the rounds lie.
const SPREAD: RGBColor = RGBColor(0x6c, 0x6c, 0x6c);
const GRID: RGBColor = RGBColor(0x80, 0x80, 0x80);

/// The plot.
pub(super) fn svg(report: &Report) -> Result<String> {
    let heights: Vec<u32> = report.engines.iter().map(height).collect();
    let total = LEGEND_HEIGHT + heights.iter().sum::<u32>();
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (WIDTH, total)).into_drawing_area();
        let (legend, mut rest) = root.split_vertically(LEGEND_HEIGHT);
        draw_legend(&legend).map_err(|error| anyhow!("the plot's legend: {error}"))?;
        for (engine, height) in report.engines.iter().zip(heights) {
            let (panel, below) = rest.split_vertically(height);
            draw(&panel, engine).map_err(|error| anyhow!("the plot of {}: {error}", engine.version))?;
            rest = below;
        }
        root.present().map_err(|error| anyhow!("the plot: {error}"))?;
    }
    Ok(finish(&text))
}

fn height(engine: &EngineFigures) -> u32 {
    AROUND_BARS + BAR_HEIGHT * engine.contestants.len() as u32
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn<'a> = std::result::Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

fn draw_legend<'a>(area: &Area<'a>) -> Drawn<'a> {
    let style = text(14.0).pos(Pos::new(HPos::Left, VPos::Center));
    for (n, (kind, what)) in LEGEND.iter().enumerate() {
        let x = 14 + 200 * n as i32;
        area.draw(&Rectangle::new([(x, 12), (x + 12, 24)], colour(*kind).filled()))?;
        area.draw(&Text::new(*what, (x + 18, 18), style.clone()))?;
    }
    Ok(())
}

fn draw<'a>(area: &Area<'a>, engine: &EngineFigures) -> Drawn<'a> {
    let count = engine.contestants.len() as f64;
    let (from, to) = decades(engine);
    let mut chart = ChartBuilder::on(area)
        .caption(&engine.version, text(17.0))
        .x_label_area_size(44)
        .y_label_area_size(LABEL_WIDTH)
        .margin_right(70)
        .margin_top(6)
        // From the top down: the first contestant, the fastest, has the largest y.
        .build_cartesian_2d((from..to).log_scale(), 0.0..count)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .y_labels(0)
        .bold_line_style(GRID.mix(0.35))
        .light_line_style(GRID.mix(0.12))
        .axis_style(GRID.mix(0.6))
        .label_style(text(13.0))
        .x_label_formatter(&|us| significant_tick(*us))
        .x_desc("microseconds a signature, less is better, on a logarithmic scale; the lines hold half of the rounds")
        .axis_desc_style(text(13.0))
        .draw()?;
    for (n, figures) in engine.contestants.iter().enumerate() {
        let top = count - n as f64;
        let (upper, middle, lower) = (top - 0.16, top - 0.5, top - 0.84);
        let bar = Rectangle::new(
            [(from, lower), (figures.median_us, upper)],
            colour(figures.kind).filled(),
        );
        let [fast, slow] = figures.quartiles_us;
        let half = PathElement::new([(fast, middle), (slow, middle)], SPREAD.stroke_width(2));
        chart.draw_series([bar])?;
        chart.draw_series([half])?;
        let label = Text::new(
            figures.label.clone(),
            (-8, 0),
            text(14.0).pos(Pos::new(HPos::Right, VPos::Center)),
        );
        let value = text(14.0).pos(Pos::new(HPos::Left, VPos::Center));
        let value = Text::new(significant(figures.median_us), (8, 0), value);
        chart.draw_series([EmptyElement::at((from, middle)) + label])?;
        chart.draw_series([EmptyElement::at((figures.median_us.max(slow), middle)) + value])?;
    }
    Ok(())
}

fn text(size: f64) -> TextStyle<'static> {
    TextStyle::from((FONT, size).into_font()).color(&INK)
}

/// The powers of ten around all bars, with room for the shortest.
fn decades(engine: &EngineFigures) -> (f64, f64) {
    let medians = engine.contestants.iter().map(|figures| figures.median_us);
    let fastest = medians.clone().fold(f64::INFINITY, f64::min);
    let slowest = engine
        .contestants
        .iter()
        .map(|figures| figures.quartiles_us[1].max(figures.median_us));
    let slowest = slowest.fold(0.0, f64::max);
    (
        10f64.powf((fastest / 1.3).log10().floor()),
        10f64.powf(slowest.log10().ceil()),
    )
}

fn significant_tick(us: f64) -> String {
    if us >= 1.0 {
        crate::build::thousands(us.round() as u64)
    } else {
        format!("{us}")
    }
}

/// Gives the picture a name for those who don't see it, and text that is dark on light and light on dark.
fn finish(svg: &str) -> String {
    const STYLE: &str = "<title>Microseconds a signature</title>\
        <style>text{fill:#24292f}@media(prefers-color-scheme:dark){text{fill:#e9e6df}}</style>";
    match svg.split_once('>') {
        Some((head, rest)) => format!("{head} role=\"img\">{STYLE}{rest}"),
        None => svg.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report_for_tests;

    #[test]
    fn every_contestant_has_a_bar_a_label_and_a_value() {
        let report = report_for_tests();
        let svg = svg(&report).unwrap().replace("&apos;", "'");
        for figures in &report.engines[0].contestants {
            assert!(svg.contains(&figures.label), "{}", figures.label);
            assert!(
                svg.contains(&significant(figures.median_us)),
                "{}",
                figures.median_us
            );
        }
        for kind in [Kind::Ours, Kind::Chapter, Kind::Other] {
            let RGBColor(r, g, b) = colour(kind);
            let bars = report.engines[0]
                .contestants
                .iter()
                .filter(|figures| figures.kind == kind)
                .count();
            let fill = format!("fill=\"#{r:02X}{g:02X}{b:02X}\"");
            assert_eq!(
                svg.matches(&fill).count(),
                bars + 1,
                "bars and legend of {kind:?}"
            );
        }
    }

    #[test]
    fn it_is_readable_on_light_and_on_dark_and_has_a_name() {
        let svg = svg(&report_for_tests()).unwrap();
        assert!(
            svg.starts_with("<svg ") && svg.contains("prefers-color-scheme:dark") && svg.contains("<title>")
        );
    }

    #[test]
    fn the_scale_has_whole_decades_around_the_bars() {
        assert_eq!(decades(&report_for_tests().engines[0]), (10.0, 10000.0));
    }
}
