//! SARIF 2.1.0, the OASIS standard for what a checker found: GitHub, GitLab and editors
//! read it. <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::fmt::Write as _;

use serde::Serialize;

use super::rules::{self, Rule};
use super::{Diagnostic, Severity, Span};
use crate::base::{Escaped, Language, UNRESERVED};

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Finding>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help: Help,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    justification: String,
}

/// All findings as a SARIF log. `docs` is the address of the folder in which `rules.md`
/// can be read, for the links; what is allowed is a result that is suppressed in the source.
pub fn sarif(diagnostics: &[Diagnostic], docs: Option<&str>) -> String {
    let mut found: Vec<&Rule> = Vec::new();
    for rule in diagnostics.iter().filter_map(|d| rules::rule(d.code)) {
        if !found.iter().any(|other| other.code == rule.code) {
            found.push(rule);
        }
    }
    let results = diagnostics.iter().map(|d| finding(d, &found)).collect();
    let driver = Driver {
        name: "svi",
        version: env!("CARGO_PKG_VERSION"),
        rules: found.iter().map(|rule| descriptor(rule, docs)).collect(),
    };
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        // Columns count characters, not UTF-16 units.
        runs: [Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results }],
    };
    serde_json::to_string_pretty(&log).expect("invariant: strings and numbers always serialize")
}

fn descriptor(rule: &Rule, docs: Option<&str>) -> Descriptor {
    let words = &rule.en;
    Descriptor {
        id: rule.code,
        short_description: Text { text: words.title.to_owned() },
        full_description: Text { text: words.why.to_owned() },
        help: Help { text: words.mend.to_owned(), markdown: rules::page(rule, Language::En, 1) },
        help_uri: docs.map(|docs| format!("{}/rules.md#{}", docs.trim_end_matches('/'), rule.code)),
        default_configuration: Configuration { level: rule.severity.word() },
        properties: Properties { tags: rule.rests_on.iter().map(|c| c.id).collect() },
    }
}

fn finding(diagnostic: &Diagnostic, found: &[&Rule]) -> Finding {
    let rule_index = found.iter().position(|rule| rule.code == diagnostic.code);
    let level = match diagnostic.severity {
        // What is allowed keeps its rule's level, and is suppressed.
        Severity::Note => rule_index.map_or(Severity::Note, |i| found[i].severity),
        shown => shown,
    };
    let mut text = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        let _ = write!(text, ": {help}");
    }
    if let Some(story) = &diagnostic.story {
        let _ = write!(text, "\n{story}");
    }
    Finding {
        rule_id: diagnostic.code,
        rule_index,
        level: level.word(),
        message: Text { text },
        locations: diagnostic.span.iter().map(location).collect(),
        suppressions: diagnostic
            .allowed
            .iter()
            .map(|reason| Suppression { kind: "inSource", justification: reason.clone() })
            .collect(),
    }
}

fn location(span: &Span) -> Location {
    let (start_line, start_column) = span.line_column();
    let (end_line, end_column) = span.end_line_column();
    let artifact_location = ArtifactLocation { uri: uri(&span.source.path) };
    let region = Region { start_line, start_column, end_line, end_column };
    Location { physical_location: PhysicalLocation { artifact_location, region } }
}

/// A path as a relative reference of RFC 3986; one that begins at the root as a `file:` address.
fn uri(path: &str) -> String {
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    format!("{scheme}{}", Escaped(path.strip_prefix("./").unwrap_or(path), UNRESERVED.and("/")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    fn log(diagnostics: &[Diagnostic], docs: Option<&str>) -> serde_json::Value {
        serde_json::from_str(&sarif(diagnostics, docs)).unwrap()
    }

    #[test]
    fn a_finding_has_its_rule_and_its_region() {
        let source = Source::new("flows/été/accueil.yaml", "flow: x\né: suport\n");
        let at = Diagnostic::error("unknown-step", "no `suport`", Some(Span { source, bytes: 12..18 }));
        let log = log(&[at.help("try"), Diagnostic::warning("no-account", "none", None)], None);
        let run = &log["runs"][0];
        let first = &run["results"][0];
        assert_eq!(first["ruleId"], "unknown-step");
        assert_eq!(run["tool"]["driver"]["rules"][first["ruleIndex"].as_u64().unwrap() as usize]["id"], "unknown-step");
        let place = &first["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "flows/%C3%A9t%C3%A9/accueil.yaml");
        let region = serde_json::json!({"startLine": 2, "startColumn": 4, "endLine": 2, "endColumn": 10});
        assert_eq!(place["region"], region);
        assert_eq!(run["results"][1]["level"], "warning");
        assert_eq!(run["results"][1].get("locations"), None);
        assert_eq!(run["tool"]["driver"]["rules"][0].get("helpUri"), None);
    }

    #[test]
    fn a_rule_is_listed_once_with_its_page_and_its_address() {
        let twice = [Diagnostic::error("bad-url", "a", None), Diagnostic::error("bad-url", "b", None)];
        let log = log(&twice, Some("https://git.ville.example/svi/docs/"));
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), 1);
        assert_eq!(rules[0]["helpUri"], "https://git.ville.example/svi/docs/rules.md#bad-url");
        assert!(rules[0]["help"]["markdown"].as_str().unwrap().contains("```yaml"));
    }

    #[test]
    fn what_happens_to_a_caller_is_told_behind_the_message() {
        let told = Diagnostic::error("no-agent-path", "no agent", None).help("try").story("a caller hears « x »");
        assert_eq!(
            log(&[told], None)["runs"][0]["results"][0]["message"]["text"],
            "no agent: try\na caller hears « x »"
        );
    }

    #[test]
    fn what_is_allowed_is_suppressed_with_its_reason() {
        let mut allowed = Diagnostic::error("menu-too-deep", "a", None);
        allowed.severity = Severity::Note;
        allowed.allowed = Some("trois démarches".to_owned());
        let log = log(&[allowed], None);
        let result = &log["runs"][0]["results"][0];
        assert_eq!(result["level"], "error");
        assert_eq!(
            result["suppressions"],
            serde_json::json!([{"kind": "inSource", "justification": "trois démarches"}])
        );
    }
}
