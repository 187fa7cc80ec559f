//! Places and addresses, as the protocol has them.

use lsp_types::{Location, Position, Range, Uri};

use crate::base::{Escaped, UNRESERVED, unescaped};
use crate::diag::{Source, Span, Utf16};

/// The path of a file's address; `None` when it is no file of this machine.
pub(super) fn path(uri: &Uri) -> Option<String> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = path.split(['?', '#']).next()?;
    let path = String::from_utf8(unescaped(path)?).ok()?;
    (path.starts_with('/') && !path.contains('\0')).then_some(path)
}

/// The address of a file.
pub(super) fn uri(path: &str) -> Option<Uri> {
    format!("file://{}", Escaped(path, UNRESERVED.and("/"))).parse().ok()
}

/// The bytes of a span as lines and UTF-16 units.
pub(super) fn range(source: &Source, bytes: &std::ops::Range<usize>) -> Range {
    let ends = source.utf16_range(bytes);
    let position = |place: Utf16| Position { line: place.line, character: place.unit };
    Range { start: position(ends.start), end: position(ends.end) }
}

/// The byte of a position.
pub(super) fn byte(source: &Source, position: Position) -> usize {
    source.byte(Utf16 { line: position.line, unit: position.character })
}

/// A span with its file's address.
pub(super) fn location(span: &Span, uri: Uri) -> Location {
    Location { uri, range: range(&span.source, &span.bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_its_address_name_the_same_file() {
        for path_ in ["/srv/flows/mairie/accueil.yaml", "/srv/à l'été #1/100%.yaml"] {
            assert_eq!(path(&uri(path_).unwrap()).as_deref(), Some(path_));
        }
        let other: Uri = "file:///srv/%C3%A9t%C3%A9.yaml".parse().unwrap();
        assert_eq!(path(&other).as_deref(), Some("/srv/été.yaml"));
        for none in ["untitled:Untitled-1", "file://server/share/a.yaml", "file:///%FF"] {
            assert_eq!(path(&none.parse().unwrap()), None, "{none}");
        }
    }
}
