//! Places and addresses, as the protocol has them.

use lsp_types::{Location, Position, Range, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::diag::{Source, Span, Utf16};

/// The path of a file's address; `None` when it is no file of this machine.
pub(super) fn path(uri: &Uri) -> Option<String> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = path.split(['?', '#']).next()?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    (path.starts_with('/') && !path.contains('\0')).then(|| path.into_owned())
}

/// The address of a file.
pub(super) fn uri(path: &str) -> Option<Uri> {
    format!("file://{}", utf8_percent_encode(path, NOT_IN_PATHS)).parse().ok()
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

/// What stands in an address as it is: RFC 3986's unreserved characters, and the slash.
const NOT_IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

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
