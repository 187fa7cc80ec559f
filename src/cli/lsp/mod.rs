//! `svi lsp`: the language server. What it answers is [`crate::flow::Look`]'s and
//! [`crate::flow::load`]'s; here it is put into the words of the protocol.

mod answer;
mod desk;
mod findings;
mod wire;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, anyhow};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::{
    CompletionOptions, DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, HoverProviderCapability, OneOf, RenameOptions, ServerCapabilities,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
    WorkDoneProgressOptions,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use self::desk::Desk;
use super::Verdict;
use super::args::Lsp;

/// Answers an editor until it says good-bye; `Findings` when it went without a word.
pub(crate) fn run(args: &Lsp) -> Result<Verdict> {
    let (connection, threads) = Connection::stdio();
    let Ok((id, params)) = connection.initialize_start() else { return Ok(Verdict::Findings) };
    let server = json!({ "name": "svi", "version": env!("CARGO_PKG_VERSION") });
    let result = json!({ "capabilities": capabilities(), "serverInfo": server });
    if connection.initialize_finish(id, result).is_err() {
        return Ok(Verdict::Findings);
    }
    let mut desk = Desk::new(&prompts(args, &params));
    let verdict = talk(&connection, &mut desk);
    drop(connection);
    threads.join()?;
    verdict
}

fn capabilities() -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::FULL),
        save: Some(TextDocumentSyncSaveOptions::Supported(true)),
        ..TextDocumentSyncOptions::default()
    };
    let rename =
        RenameOptions { prepare_provider: Some(true), work_done_progress_options: WorkDoneProgressOptions::default() };
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions::default()),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(rename)),
        ..ServerCapabilities::default()
    }
}

/// The folder of prompts, below the folder that the editor has opened.
fn prompts(args: &Lsp, params: &Value) -> PathBuf {
    let folder = params.pointer("/workspaceFolders/0/uri").or_else(|| params.get("rootUri"));
    let root = folder.and_then(Value::as_str).and_then(|uri| uri.parse::<Uri>().ok()).and_then(|uri| wire::path(&uri));
    root.map_or_else(|| args.prompts.clone(), |root| PathBuf::from(root).join(&args.prompts))
}

/// One message after the other; what is wrong is told when the typing pauses.
fn talk(connection: &Connection, desk: &mut Desk) -> Result<Verdict> {
    let mut unasked = 0;
    loop {
        let message = if !desk.is_changed() {
            connection.receiver.recv().ok()
        } else if unasked >= MOST_UNTOLD {
            None
        } else {
            match connection.receiver.recv_timeout(PAUSE) {
                Err(error) if error.is_timeout() => None,
                other => Some(other.ok()).flatten(),
            }
        };
        match message {
            Some(Message::Request(request)) if request.method == "shutdown" => {
                connection.sender.send(Response::new_ok(request.id, ()).into())?;
                return Ok(farewell(connection));
            }
            Some(Message::Request(request)) => connection.sender.send(response(desk, request).into())?,
            Some(Message::Notification(told)) if told.method == "exit" => return Ok(Verdict::Findings),
            Some(Message::Notification(told)) => {
                unasked += 1;
                note(desk, told);
            }
            Some(Message::Response(_)) => {}
            None if desk.is_changed() => {
                unasked = 0;
                for params in findings::of_changed(desk) {
                    let told = Notification::new("textDocument/publishDiagnostics".to_owned(), params);
                    connection.sender.send(told.into())?;
                }
            }
            None => return Ok(Verdict::Findings),
        }
    }
}

/// Waits for the last word; what else is asked after the good-bye is refused.
fn farewell(connection: &Connection) -> Verdict {
    while let Ok(message) = connection.receiver.recv() {
        match message {
            Message::Notification(told) if told.method == "exit" => return Verdict::Good,
            Message::Request(request) => {
                let words = "the server was told to shut down".to_owned();
                let refusal = Response::new_err(request.id, ErrorCode::InvalidRequest as i32, words);
                if connection.sender.send(refusal.into()).is_err() {
                    return Verdict::Findings;
                }
            }
            Message::Notification(_) | Message::Response(_) => {}
        }
    }
    Verdict::Findings
}

/// Takes over what the editor says of its files.
fn note(desk: &mut Desk, told: Notification) {
    match told.method.as_str() {
        "textDocument/didOpen" => {
            if let Ok(params) = read::<DidOpenTextDocumentParams>(told.params) {
                desk.put(params.text_document.uri, params.text_document.text);
            }
        }
        "textDocument/didChange" => {
            if let Ok(params) = read::<DidChangeTextDocumentParams>(told.params) {
                // Changes are asked for whole, so the last one is the text.
                if let Some(change) = params.content_changes.into_iter().next_back() {
                    desk.put(params.text_document.uri, change.text);
                }
            }
        }
        "textDocument/didClose" => {
            if let Ok(params) = read::<DidCloseTextDocumentParams>(told.params) {
                desk.close(&params.text_document.uri);
            }
        }
        "textDocument/didSave" => {
            if let Ok(params) = read::<DidSaveTextDocumentParams>(told.params) {
                desk.saved(&params.text_document.uri);
            }
        }
        "workspace/didChangeWatchedFiles" => desk.files_changed(),
        _ => {}
    }
}

fn response(desk: &Desk, request: Request) -> Response {
    let Request { id, method, params, .. } = request;
    let answer = match method.as_str() {
        "textDocument/definition" => read(params).map(|p| Ok(json!(answer::definition(desk, &p)))),
        "textDocument/references" => read(params).map(|p| Ok(json!(answer::references(desk, &p)))),
        "textDocument/hover" => read(params).map(|p| Ok(json!(answer::hover(desk, &p)))),
        "textDocument/completion" => read(params).map(|p| Ok(json!(answer::completion(desk, &p)))),
        "textDocument/documentSymbol" => read(params).map(|p| Ok(json!(answer::symbols(desk, &p)))),
        "textDocument/prepareRename" => read(params).map(|p| answer::prepare_rename(desk, &p).map(|a| json!(a))),
        "textDocument/rename" => read(params).map(|p| answer::rename(desk, &p).map(|a| json!(a))),
        _ => {
            return Response::new_err(id, ErrorCode::MethodNotFound as i32, format!("`{method}` is not known here"));
        }
    };
    match answer {
        Ok(Ok(value)) => Response::new_ok(id, value),
        Ok(Err(refusal)) => Response::new_err(id, ErrorCode::RequestFailed as i32, refusal.to_string()),
        Err(error) => Response::new_err(id, ErrorCode::InvalidParams as i32, error.to_string()),
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T> {
    serde_json::from_value(params).map_err(|error| anyhow!("`{error}` in what was asked"))
}

/// Nobody is told of a mistake in the middle of a word.
const PAUSE: Duration = Duration::from_millis(150);
/// After so many messages the editor is told, however fast they come.
const MOST_UNTOLD: u32 = 32;
