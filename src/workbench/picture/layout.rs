use dagre::graph::{Edge, Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, layout};

use super::{Picture, StepBox};

/// Where everything of a picture is, in pixels from the upper left corner.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Width and height of the whole.
    pub(super) size: (f64, f64),
    /// The entry's box.
    pub(super) entry: Place,
    /// The box of each step.
    pub(super) boxes: Vec<Place>,
    /// The arrow from the entry, then the course of each arrow.
    pub(super) courses: Vec<Course>,
}

/// A box by its middle and its size.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// An arrow's bends, and the middle of its label.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    pub(super) points: Vec<(f64, f64)>,
    pub(super) label: Option<(f64, f64)>,
}

/// Places boxes and arrows in layers, crossing as little as can be: the layout of
/// Gansner et al., "A Technique for Drawing Directed Graphs" (1993), by `dagre`.
pub(super) fn places(picture: &Picture) -> Places {
    let mut graph = Graph::with_options(GraphOptions { directed: true, multigraph: true, compound: true });
    let entry_lines = [picture.numbers.chars().count()];
    node(&mut graph, ENTRY, width(entry_lines.into_iter()) + 2.0 * MARGIN, HEAD + LINE);
    for (i, each) in picture.boxes.iter().enumerate() {
        node(&mut graph, &i.to_string(), box_width(each), box_height(each));
    }
    edge(&mut graph, ENTRY, &picture.start.0.to_string(), "", ENTRY);
    for (i, arrow) in picture.arrows.iter().enumerate() {
        edge(&mut graph, &arrow.from.0.to_string(), &arrow.to.0.to_string(), &arrow.label, &i.to_string());
    }
    let options = LayoutOptions {
        nodesep: 28.0,
        ranksep: 34.0,
        edgesep: 14.0,
        marginx: MARGIN,
        marginy: MARGIN,
        ..LayoutOptions::default()
    };
    layout(&mut graph, Some(options));
    let boxes: Vec<Place> = (0..picture.boxes.len()).map(|i| place(&graph, &i.to_string())).collect();
    let entry = place(&graph, ENTRY);
    let mut courses = vec![course(&graph, &Edge::with_name(ENTRY, picture.start.0.to_string(), ENTRY))];
    courses.extend(picture.arrows.iter().enumerate().map(|(i, arrow)| {
        course(&graph, &Edge::with_name(arrow.from.0.to_string(), arrow.to.0.to_string(), i.to_string()))
    }));
    let size = extent(boxes.iter().chain([&entry]), &courses);
    Places { size, entry, boxes, courses }
}

fn node(graph: &mut Graph<NodeLabel, EdgeLabel>, name: &str, width: f64, height: f64) {
    graph.set_node(name, Some(NodeLabel { width, height, ..NodeLabel::default() }));
}

fn edge(graph: &mut Graph<NodeLabel, EdgeLabel>, from: &str, to: &str, label: &str, name: &str) {
    let width = letters(label.chars().count()) + if label.is_empty() { 0.0 } else { 6.0 };
    let height = if label.is_empty() { 0.0 } else { LINE };
    let label = EdgeLabel { width, height, labelpos: LabelPos::Center, ..EdgeLabel::default() };
    graph.set_edge(from, to, Some(label), Some(name));
}

fn place(graph: &Graph<NodeLabel, EdgeLabel>, name: &str) -> Place {
    graph.node(name).map_or_else(Place::default, |n| Place {
        x: n.x.unwrap_or_default(),
        y: n.y.unwrap_or_default(),
        width: n.width,
        height: n.height,
    })
}

fn course(graph: &Graph<NodeLabel, EdgeLabel>, edge: &Edge) -> Course {
    graph.edge_by_obj(edge).map_or_else(Course::default, |e| Course {
        points: e.points.iter().map(|p| (p.x, p.y)).collect(),
        label: e.x.zip(e.y),
    })
}

/// What everything needs, with a margin.
fn extent<'a>(boxes: impl Iterator<Item = &'a Place>, courses: &[Course]) -> (f64, f64) {
    let corners = boxes.map(|b| (b.x + b.width / 2.0, b.y + b.height / 2.0));
    let points = courses.iter().flat_map(|c| c.points.iter().copied());
    let (right, low) = corners.chain(points).fold((0.0f64, 0.0f64), |(x, y), (px, py)| (x.max(px), y.max(py)));
    (right + MARGIN, low + MARGIN)
}

fn box_width(each: &StepBox) -> f64 {
    let head = each.name.chars().count() + each.verb.chars().count() + 3;
    width(each.lines.iter().map(|line| line.chars().count()).chain([head]))
}

fn box_height(each: &StepBox) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a box has a few lines")]
    let lines = each.lines.len() as f64;
    HEAD + lines * LINE + if each.lines.is_empty() { 0.0 } else { 6.0 }
}

fn width(lines: impl Iterator<Item = usize>) -> f64 {
    letters(lines.max().unwrap_or_default()) + 22.0
}

/// About the width of so many letters at [`FONT`].
fn letters(count: usize) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a line has a few letters")]
    let count = count as f64;
    count * FONT * 0.56
}

const ENTRY: &str = "entry";
/// The height of a line of text.
pub(super) const LINE: f64 = 17.0;
/// The height of a box's head, with the name.
pub(super) const HEAD: f64 = 24.0;
/// The size of the letters.
pub(super) const FONT: f64 = 12.5;
/// What is kept free around the picture.
pub(super) const MARGIN: f64 = 16.0;
