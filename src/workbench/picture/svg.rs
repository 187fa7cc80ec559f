use std::fmt::Write;

use maud::{Markup, html};

use super::layout::{Course, FONT, HEAD, LINE, MARGIN, Place, Places, places};
use super::{Arrow, Picture, Role, StepBox, Way};

/// The picture as one SVG file: no script, no font and no picture from elsewhere;
/// colour is never the only sign.
pub fn svg(picture: &Picture) -> String {
    let places = places(picture);
    let widest = picture.legend.iter().map(|line| line.chars().count()).max().unwrap_or_default();
    #[allow(clippy::cast_precision_loss, reason = "a few lines of a few letters")]
    let (lines, letters) = (picture.legend.len() as f64, widest as f64 * FONT * 0.56);
    let width = places.size.0.max(letters + 2.0 * MARGIN).ceil();
    let height = (places.size.1 + TITLE + lines * LINE + MARGIN).ceil();
    let markup = html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(width) height=(height)
            viewBox=(format!("0 0 {width} {height}")) role="img" aria-labelledby="title" font-family="sans-serif"
            font-size=(FONT) {
            title id="title" { (picture.title) }
            style { (maud::PreEscaped(STYLE)) }
            (markers())
            rect width="100%" height="100%" fill="#fff" {}
            text x=(MARGIN) y=(TITLE - 10.0) font-size="16" font-weight="bold" { (picture.title) }
            g transform=(format!("translate(0 {TITLE})")) { (drawing(picture, &places)) }
            @for (i, line) in picture.legend.iter().enumerate() {
                text x=(MARGIN) y=(legend_line(places.size.1 + TITLE, i)) fill="#444" { (line) }
            }
        }
    };
    let mut file = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(file, "{}", markup.into_string());
    file
}

fn legend_line(top: f64, i: usize) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a few lines")]
    let i = i as f64;
    top + LINE * (i + 1.0)
}

fn drawing(picture: &Picture, places: &Places) -> Markup {
    let (first, courses) = places.courses.split_first().map_or((None, &[][..]), |(first, rest)| (Some(first), rest));
    html! {
        @if let Some(first) = first { path class="usual" d=(path(first)) marker-end="url(#tip)" {} }
        @for (arrow, course) in picture.arrows.iter().zip(courses) { (line(arrow, course)) }
        (entry(picture, &places.entry))
        @for (each, place) in picture.boxes.iter().zip(&places.boxes) { (step(each, place)) }
        // Labels last: no line crosses them out.
        @for (arrow, course) in picture.arrows.iter().zip(courses) { (label(arrow, course)) }
    }
}

fn line(arrow: &Arrow, course: &Course) -> Markup {
    let class = match arrow.way {
        Way::Usual => "usual",
        Way::Silence => "silence",
        Way::Otherwise => "otherwise",
        Way::Zero => "zero",
    };
    let (class, tip) =
        if arrow.to_agent { (format!("{class} agent"), "url(#strong)") } else { (class.into(), "url(#tip)") };
    html! { path class=(class) d=(path(course)) marker-end=(tip) {} }
}

fn label(arrow: &Arrow, course: &Course) -> Markup {
    let Some((x, y)) = course.label.filter(|_| !arrow.label.is_empty()) else { return html! {} };
    html! { text class="label" x=(round(x)) y=(round(y + 4.0)) text-anchor="middle" { (arrow.label) } }
}

/// A smooth line through the bends: straight to the first half, then curves whose
/// control points are the bends themselves.
fn path(course: &Course) -> String {
    let mut d = String::new();
    let Some((start, rest)) = course.points.split_first() else { return d };
    let _ = write!(d, "M{} {}", round(start.0), round(start.1));
    for pair in rest.windows(2) {
        let middle = ((pair[0].0 + pair[1].0) / 2.0, (pair[0].1 + pair[1].1) / 2.0);
        let _ = write!(d, "Q{} {} {} {}", round(pair[0].0), round(pair[0].1), round(middle.0), round(middle.1));
    }
    if let Some(end) = rest.last() {
        let _ = write!(d, "L{} {}", round(end.0), round(end.1));
    }
    d
}

fn entry(picture: &Picture, place: &Place) -> Markup {
    let left = place.x - place.width / 2.0;
    let top = place.y - place.height / 2.0;
    html! {
        rect class="entry" x=(round(left)) y=(round(top)) width=(round(place.width)) height=(round(place.height))
            rx=(round(place.height / 2.0)) {}
        text class="name" x=(round(place.x)) y=(round(place.y + 4.0)) text-anchor="middle" { (picture.numbers) }
    }
}

fn step(each: &StepBox, place: &Place) -> Markup {
    let (left, top) = (place.x - place.width / 2.0, place.y - place.height / 2.0);
    let class = match each.role {
        Role::Says => "says",
        Role::Asks => "asks",
        Role::Decides => "decides",
        Role::Human => "human",
        Role::Keeps => "keeps",
        Role::Ends => "ends",
    };
    html! {
        g class=(class) {
            rect x=(round(left)) y=(round(top)) width=(round(place.width)) height=(round(place.height)) rx="6" {}
            text class="name" x=(round(left + 11.0)) y=(round(top + 16.0)) { (each.name) }
            text class="verb" x=(round(left + place.width - 11.0)) y=(round(top + 16.0)) text-anchor="end" { (each.verb) }
            @for (i, line) in each.lines.iter().enumerate() {
                text x=(round(left + 11.0)) y=(round(legend_line(top + HEAD - 4.0, i))) { (line) }
            }
        }
    }
}

fn markers() -> Markup {
    html! {
        defs {
            @for id in ["tip", "strong"] {
                marker id=(id) viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"
                    markerUnits="userSpaceOnUse" orient="auto" { path d="M0 0L8 4L0 8z" {} }
            }
        }
    }
}

/// To a tenth of a pixel, so that files are small and the same everywhere.
fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// The room of the title.
const TITLE: f64 = 34.0;

const STYLE: &str = "path{fill:none;stroke:#555;stroke-width:1.2}#tip path{fill:#555;stroke:none}#strong path{fill:#18753c;stroke:none}\
.silence{stroke-dasharray:6 4}.otherwise{stroke-dasharray:2 4}.zero{stroke-dasharray:none}\
.agent{stroke:#18753c;stroke-width:3}rect{stroke:#555;stroke-width:1}\
.entry{fill:#161616;stroke:#161616}.entry+text{fill:#fff}\
.says rect{fill:#e8edff}.asks rect{fill:#fef7da}.decides rect{fill:#f6f6f6}\
.human rect{fill:#c3fad5;stroke:#18753c;stroke-width:2}.keeps rect{fill:#fee7fc}.ends rect{fill:#eee;stroke-dasharray:3 2}\
.name{font-weight:bold}.verb{fill:#555;font-size:11px}\
.label{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}";
