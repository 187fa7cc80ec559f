//! Each question of the protocol, answered by the service's [`Look`].

use std::collections::HashMap;

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionParams, CompletionTextEdit, Diagnostic, DocumentSymbol,
    DocumentSymbolParams, Documentation, GotoDefinitionParams, Hover, HoverContents, HoverParams, Location,
    MarkupContent, MarkupKind, NumberOrString, Range, ReferenceParams, RenameParams, SymbolKind,
    TextDocumentPositionParams, TextEdit, WorkspaceEdit,
};

use super::desk::Desk;
use super::wire;
use crate::diag::rules::{self, Rule, Words};
use crate::diag::{Source, Span};
use crate::flow::{Completion, Look, NoRename, Offered, Outline};
use crate::server::clock;

/// Where a question is asked.
struct Asked {
    look: Look,
    source: std::sync::Arc<Source>,
    byte: usize,
}

impl Asked {
    fn new(desk: &Desk, at: &TextDocumentPositionParams) -> Option<Self> {
        let (look, source) = desk.look(&at.text_document.uri)?;
        let byte = wire::byte(&source, at.position);
        Some(Self { look, source, byte })
    }

    fn path(&self) -> &str {
        &self.source.path
    }
}

pub(super) fn definition(desk: &Desk, params: &GotoDefinitionParams) -> Option<Location> {
    let asked = Asked::new(desk, &params.text_document_position_params)?;
    location(desk, &asked.look.definition(asked.path(), asked.byte)?)
}

pub(super) fn references(desk: &Desk, params: &ReferenceParams) -> Option<Vec<Location>> {
    let asked = Asked::new(desk, &params.text_document_position)?;
    let all = asked.look.references(asked.path(), asked.byte);
    // The definition comes first.
    let skipped = usize::from(!params.context.include_declaration).min(all.len());
    Some(all[skipped..].iter().filter_map(|span| location(desk, span)).collect())
}

pub(super) fn hover(desk: &Desk, params: &HoverParams) -> Option<Hover> {
    let asked = Asked::new(desk, &params.text_document_position_params)?;
    let found = asked.look.hover(asked.path(), asked.byte, desk.audio(), clock::wall());
    let range = found.as_ref().map(|hover| wire::range(&asked.source, &hover.span.bytes));
    let at = params.text_document_position_params.position;
    let rules = desk.told_at(asked.path(), at).filter_map(rule).map(explained);
    let texts: Vec<String> = rules.chain(found.map(|hover| hover.text)).collect();
    let contents = HoverContents::Markup(markdown(texts.join("\n\n---\n\n")));
    (!texts.is_empty()).then_some(Hover { contents, range })
}

fn rule(told: &Diagnostic) -> Option<&'static Rule> {
    match &told.code {
        Some(NumberOrString::String(code)) => rules::rule(code),
        Some(NumberOrString::Number(_)) | None => None,
    }
}

/// Why a finding is one, and how it is mended.
fn explained(rule: &Rule) -> String {
    let words = |words: &Words| format!("{}. {}\n\n{}", words.title, words.why.trim(), words.mend.trim());
    format!("**{}**: {}\n\n{}", rule.code, words(&rule.fr), words(&rule.en))
}

pub(super) fn completion(desk: &Desk, params: &CompletionParams) -> Option<Vec<CompletionItem>> {
    let asked = Asked::new(desk, &params.text_document_position)?;
    let completions = asked.look.complete(asked.path(), asked.byte);
    let typed = wire::range(&asked.source, &completions.typed);
    Some(completions.all.into_iter().map(|one| item(one, typed)).collect())
}

fn item(one: Completion, typed: Range) -> CompletionItem {
    let kind = match one.what {
        Offered::Key => CompletionItemKind::PROPERTY,
        Offered::Word => CompletionItemKind::VALUE,
        Offered::Step => CompletionItemKind::REFERENCE,
        Offered::Queue => CompletionItemKind::CONSTANT,
    };
    let about = (!one.about.is_empty()).then(|| Documentation::MarkupContent(markdown(one.about)));
    CompletionItem {
        label: one.text.trim_end_matches([':', ' ']).to_owned(),
        kind: Some(kind),
        documentation: about,
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: typed, new_text: one.text })),
        ..CompletionItem::default()
    }
}

pub(super) fn symbols(desk: &Desk, params: &DocumentSymbolParams) -> Option<Vec<DocumentSymbol>> {
    let (look, source) = desk.look(&params.text_document.uri)?;
    Some(look.outline(&source.path).into_iter().map(|part| symbol(&source, part, SymbolKind::KEY)).collect())
}

#[expect(deprecated, reason = "the struct has a field that the protocol has given up")]
fn symbol(source: &Source, part: Outline, kind: SymbolKind) -> DocumentSymbol {
    let parts = part.parts.into_iter().map(|part| symbol(source, part, SymbolKind::FUNCTION)).collect();
    DocumentSymbol {
        name: part.name,
        detail: Some(part.detail),
        kind,
        tags: None,
        deprecated: None,
        range: wire::range(source, &part.whole.bytes),
        selection_range: wire::range(source, &part.place.bytes),
        children: Some(parts),
    }
}

pub(super) fn prepare_rename(desk: &Desk, at: &TextDocumentPositionParams) -> Result<Option<Range>, NoRename> {
    let Some(asked) = Asked::new(desk, at) else { return Ok(None) };
    let span = asked.look.renamable(asked.path(), asked.byte)?;
    Ok(Some(wire::range(&asked.source, &span.bytes)))
}

pub(super) fn rename(desk: &Desk, params: &RenameParams) -> Result<Option<WorkspaceEdit>, NoRename> {
    let Some(asked) = Asked::new(desk, &params.text_document_position) else { return Ok(None) };
    let spans = asked.look.rename(asked.path(), asked.byte, &params.new_name)?;
    #[expect(clippy::mutable_key_type, reason = "the protocol's type has it so, and no address is changed")]
    let mut changes = HashMap::<_, Vec<TextEdit>>::new();
    for place in spans.iter().filter_map(|span| location(desk, span)) {
        let edit = TextEdit { range: place.range, new_text: params.new_name.clone() };
        changes.entry(place.uri).or_default().push(edit);
    }
    Ok(Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }))
}

fn location(desk: &Desk, span: &Span) -> Option<Location> {
    Some(wire::location(span, desk.uri(&span.source.path)?))
}

fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}
