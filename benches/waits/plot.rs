//! The picture: each method's error in each centre, and the range's calibration.

use std::fmt::Write;

use super::rivals::{METHODS, ORACLE, SVI};
use super::tally::Result;

const LEFT: f64 = 250.0;
const WIDE: f64 = 400.0;
const ROW: f64 = 22.0;
const TOP: f64 = 70.0;
/// The error at the right edge.
const MOST: f64 = 1.1;
/// The second panel: its left edge, its width, and the share at its right edge.
const SECOND: (f64, f64, f64) = (690.0, 180.0, 0.2);
/// By [`METHODS`]: okabe and ito's colours, which the colour-blind can tell apart.
const COLOURS: [&str; METHODS.len()] =
    ["#d55e00", "#0072b2", "#009e73", "#999999", "#bbbbbb", "#cc79a7", "#e69f00", "#000000"];

pub fn svg(results: &[Result]) -> String {
    let height = TOP + ROW * results.len() as f64 + 40.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 {height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<title>The error of announced waits, and how often the range is exceeded</title>\n\
         <rect width=\"900\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    legend(&mut svg);
    let bottom = TOP + ROW * results.len() as f64;
    axes(&mut svg, bottom);
    for (i, result) in results.iter().enumerate() {
        let y = TOP + ROW * (i as f64 + 0.5);
        let _ =
            writeln!(svg, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", LEFT - 10.0, y + 4.0, result.name);
        let _ =
            writeln!(svg, "<line x1=\"{LEFT}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"#eee\"/>", SECOND.0 + SECOND.1);
        // Ours and the oracle's last, on top.
        for m in (0..METHODS.len()).filter(|m| ![SVI, ORACLE].contains(m)).chain([ORACLE, SVI]) {
            dot(&mut svg, LEFT + WIDE * (result.warm.error(m) / MOST).min(1.0), y, COLOURS[m], m == ORACLE);
        }
        let at = |share: f64| SECOND.0 + SECOND.1 * (share / SECOND.2).min(1.0);
        dot(&mut svg, at(result.warm.share(result.warm.above)), y, COLOURS[SVI], false);
        dot(&mut svg, at(result.warm.share(result.warm.longer)), y, COLOURS[SVI], true);
    }
    svg.push_str("</svg>\n");
    svg
}

fn dot(svg: &mut String, x: f64, y: f64, colour: &str, hollow: bool) {
    let fill = if hollow { "#fff" } else { colour };
    let _ = writeln!(
        svg,
        "<circle cx=\"{x:.1}\" cy=\"{y}\" r=\"4.5\" fill=\"{fill}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>"
    );
}

fn legend(svg: &mut String) {
    for (m, name) in METHODS.iter().enumerate() {
        let x = 20.0 + 88.0 * m as f64;
        dot(svg, x, 18.0, COLOURS[m], m == ORACLE);
        let _ = writeln!(svg, "<text x=\"{}\" y=\"22\">{name}</text>", x + 9.0);
    }
}

fn axes(svg: &mut String, bottom: f64) {
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"46\">root mean squared error ÷ mean wait</text>");
    for tenths in (0..=10).step_by(2) {
        let x = LEFT + WIDE * f64::from(tenths) / 10.0 / MOST;
        let _ = writeln!(svg, "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\" stroke=\"#ddd\"/>");
        let label = f64::from(tenths) / 10.0;
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{label:.1}</text>", TOP - 8.0);
    }
    let (left, width, most) = SECOND;
    let at = |share: f64| left + width * share / most;
    let _ = writeln!(
        svg,
        "<rect x=\"{:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#fdebdc\"/>",
        at(0.07),
        at(0.13) - at(0.07),
        bottom - TOP
    );
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"46\" text-anchor=\"end\">● above the range, ○ longer than said</text>",
        left + width
    );
    for percent in [0, 7, 13, 20] {
        let x = at(f64::from(percent) / 100.0);
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{percent} %</text>", TOP - 8.0);
    }
}
