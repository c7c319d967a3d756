//! How the time of a signature falls as a call signs more messages: one plot for each host. The bars are HTML, which
//! fits a phone by itself.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use crate::figures::{Curve, EngineFigures};

/// Narrow, so that its text can still be read where a phone shows it small.
const SIZE: (u32, u32) = (520, 300);
const FONT: &str = "system-ui, sans-serif";

/// Colours that stand out from white and from black. Text follows the reader's colour scheme; see [`finish`].
const COLOURS: &[(&str, RGBColor)] = &[
    ("lanes-relaxed", RGBColor(0xc2, 0x41, 0x7c)),
    ("lanes", RGBColor(0x1a, 0x8a, 0xa8)),
    ("batch-simd", RGBColor(0x5d, 0x9b, 0x36)),
    ("batch", RGBColor(0xc4, 0x7f, 0x17)),
    ("native-batch", RGBColor(0x7a, 0x68, 0xc9)),
];

const INK: RGBColor = RGBColor(0x24, 0x29, 0x2f);
const GRID: RGBColor = RGBColor(0x80, 0x80, 0x80);

/// The colour of a contestant's line, as CSS has it.
pub(crate) fn css_colour(id: &str) -> String {
    let RGBColor(red, green, blue) = colour(id);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn colour(id: &str) -> RGBColor {
    COLOURS.iter().find(|(known, _)| *known == id).map_or(GRID, |(_, colour)| *colour)
}

/// The plot, or nothing where nobody signs batches.
pub(crate) fn svg(engine: &EngineFigures) -> Result<Option<String>> {
    if engine.curves.is_empty() {
        return Ok(None);
    }
    let mut text = String::new();
    draw(&mut text, &engine.curves).map_err(|why| anyhow!("the plot of {}: {why}", engine.version))?;
    Ok(Some(finish(&text, &engine.version)))
}

fn draw(text: &mut String, curves: &[Curve]) -> Result<(), String> {
    let told = |error: DrawingAreaErrorKind<_>| error.to_string();
    let area = SVGBackend::with_string(text, SIZE).into_drawing_area();
    let most = points(curves).map(|(messages, _)| messages).fold(2.0, f64::max);
    let (from, to) = decades(curves);
    let mut chart = ChartBuilder::on(&area)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .margin(10)
        .margin_right(28) // for half of the last number
        .build_cartesian_2d((1.0..most).log_scale().base(2.0), (from..to).log_scale())
        .map_err(told)?;
    chart
        .configure_mesh()
        .bold_line_style(GRID.mix(0.35))
        .light_line_style(GRID.mix(0.12))
        .axis_style(GRID.mix(0.6))
        .label_style(style(14.0))
        .x_label_formatter(&|messages| tick(*messages))
        .y_label_formatter(&|us| tick(*us))
        .x_desc("messages a call")
        .y_desc("µs a signature")
        .axis_desc_style(style(14.0))
        .draw()
        .map_err(told)?;
    for curve in curves {
        let colour = colour(&curve.id);
        let at: Vec<(f64, f64)> = points(std::slice::from_ref(curve)).collect();
        chart.draw_series([PathElement::new(at.clone(), colour.stroke_width(2))]).map_err(told)?;
        chart.draw_series(at.iter().map(|&at| Circle::new(at, 3, colour.filled()))).map_err(told)?;
    }
    area.present().map_err(told)
}

fn points(curves: &[Curve]) -> impl Iterator<Item = (f64, f64)> {
    let points = curves.iter().flat_map(|curve| &curve.points);
    points.map(|point| (point.messages as f64, point.us.median))
}

fn style(size: f64) -> TextStyle<'static> {
    TextStyle::from((FONT, size).into_font()).color(&INK)
}

fn decades(curves: &[Curve]) -> (f64, f64) {
    let fastest = points(curves).map(|(_, us)| us).fold(f64::INFINITY, f64::min);
    let slowest = points(curves).map(|(_, us)| us).fold(0.0, f64::max);
    (10f64.powf(fastest.log10().floor()), 10f64.powf((slowest * 1.05).log10().ceil()))
}

fn tick(number: f64) -> String {
    if number >= 1.0 { everyhost::text::thousands(number.round() as u64) } else { format!("{number}") }
}

/// Gives the picture a name for those who don't see it, and text that is dark on light and light on dark.
fn finish(svg: &str, version: &str) -> String {
    const STYLE: &str = "<style>text{fill:#24292f}@media(prefers-color-scheme:dark){text{fill:#e9e6df}}</style>";
    let name: String = version.chars().filter(|c| !"<>&\"".contains(*c)).collect();
    match svg.split_once('>') {
        Some((head, rest)) => {
            format!(
                "{head} role=\"img\"><title>Microseconds a signature by messages a call, {name}</title>{STYLE}{rest}"
            )
        }
        None => svg.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::report;

    #[test]
    fn every_size_has_a_point_in_its_contestants_colour() {
        let report = report();
        let svg = svg(&report.engines[0]).unwrap().unwrap();
        let fill = format!("fill=\"{}\"", css_colour("batch-simd").to_uppercase());
        assert_eq!(svg.matches(&fill).count(), 2, "{svg}");
        assert!(svg.starts_with("<svg ") && svg.contains("prefers-color-scheme:dark") && svg.contains("<title>"));
        assert!(super::svg(&report.engines[1]).unwrap().is_none());
    }

    #[test]
    fn the_scale_has_whole_decades_around_the_points() {
        assert_eq!(decades(&report().engines[0].curves), (10.0, 1000.0));
    }

    #[test]
    fn everyone_who_signs_batches_has_a_colour() {
        let batches = crate::lineup::LINEUP.iter().filter(|known| known.batch && !known.verifies);
        for known in batches {
            assert!(COLOURS.iter().any(|(id, _)| *id == known.id), "{}", known.id);
        }
    }
}
