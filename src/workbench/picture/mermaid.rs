use std::fmt::Write;

use super::{Arrow, Picture, Role, StepBox, Way};

/// The picture as a Mermaid flow chart, which GitHub, GitLab and many wikis draw from
/// the text between ```` ```mermaid ```` fences.
pub fn mermaid(picture: &Picture) -> String {
    let mut out = String::from("flowchart TD\n");
    let _ = writeln!(out, "  entry([\"{}\"]) --> s{}", escaped(&picture.numbers), picture.start.0);
    for (i, each) in picture.boxes.iter().enumerate() {
        let _ = writeln!(out, "  s{i}{}", step(each));
    }
    let mut strong = Vec::new();
    for (i, arrow) in picture.arrows.iter().enumerate() {
        let _ = writeln!(out, "  s{} {} s{}", arrow.from.0, line(arrow), arrow.to.0);
        if arrow.to_agent {
            // The arrow from the entry is number 0.
            strong.push((i + 1).to_string());
        }
    }
    for (class, style) in CLASSES {
        let _ = writeln!(out, "  classDef {class} {style}");
    }
    if !strong.is_empty() {
        let _ = writeln!(out, "  linkStyle {} stroke:#18753c,stroke-width:3px", strong.join(","));
    }
    for line in &picture.legend {
        let _ = writeln!(out, "  %% {line}");
    }
    out
}

fn step(each: &StepBox) -> String {
    let lines = each.lines.iter().map(|line| format!("<br/>{}", escaped(line))).collect::<String>();
    let text = format!("\"<b>{}</b> · {}{lines}\"", escaped(&each.name), each.verb);
    let (open, close, class) = match each.role {
        Role::Says => ("[", "]", "says"),
        Role::Asks => ("[/", "/]", "asks"),
        Role::Decides => ("{{", "}}", "decides"),
        Role::Human => ("[[", "]]", "human"),
        Role::Keeps => ("[(", ")]", "keeps"),
        Role::Ends => ("([", "])", "ends"),
    };
    format!("{open}{text}{close}:::{class}")
}

fn line(arrow: &Arrow) -> String {
    let line = match arrow.way {
        Way::Usual | Way::Zero => "-->",
        Way::Silence | Way::Otherwise => "-.->",
    };
    if arrow.label.is_empty() { line.to_owned() } else { format!("{line}|\"{}\"|", escaped(&arrow.label)) }
}

/// A text between quotes of Mermaid's: its own entity codes for what ends a text or is markup.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '&' => out.push_str("#amp;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '`' => out.push_str("#96;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

const CLASSES: [(&str, &str); 6] = [
    ("says", "fill:#e8edff,stroke:#555,color:#161616"),
    ("asks", "fill:#fef7da,stroke:#555,color:#161616"),
    ("decides", "fill:#f6f6f6,stroke:#555,color:#161616"),
    ("human", "fill:#c3fad5,stroke:#18753c,stroke-width:2px,color:#161616"),
    ("keeps", "fill:#fee7fc,stroke:#555,color:#161616"),
    ("ends", "fill:#eee,stroke:#555,color:#161616"),
];
