//! Each section of the file into its part of the settings.

use std::sync::Arc;

use marked_yaml::Node;

use super::accounts::{agents, codes, numbers_without_trunk, supervision, transfers};
use super::bans::bans;
use super::callbacks::callbacks;
use super::document::{Document, Section};
use super::lookups::lookups;
use super::messages::{mail, messages};
use super::sip::sip;
use super::trunks::{outgoing, trunks};
use super::value;
use super::voice::voice;
use super::web::web;
use super::{Flows, Http, Keep, Limits, Paths, Pauses, Rtp, Settings};
use crate::diag::{Diagnostic, Source};
use crate::media::Codec;

pub(super) fn settings(source: &Arc<Source>) -> Result<Settings, Vec<Diagnostic>> {
    let mut document = Document::new(source);
    let tree = document.tree();
    let mut top = document.section("", tree.as_ref(), TOP);
    let log = top.read("log", value::text);
    let store = top.read("store", value::store).flatten();
    let whisper = top.read("whisper", value::yes_or_no);
    let pauses = top.read_list("pauses", value::reason);
    if pauses.as_ref().is_some_and(|reasons| reasons.is_empty() || reasons.len() > 9) {
        let help = "each has one digit behind the code, from 1 on";
        top.refuse("wrong-value", "pauses", "there must be one to nine reasons for a pause".into(), help);
    }
    let [sip_node, http_node, rtp_node, paths_node, agents_node, limits_node] =
        ["sip", "http", "rtp", "paths", "agents", "limits"].map(|key| top.node(key).cloned());
    let [trunk_node, trunks_node, outgoing_node] = ["trunk", "trunks", "outgoing"].map(|key| top.node(key).cloned());
    let [flows_node, transfers_node] = ["flows", "transfers"].map(|key| top.node(key).cloned());
    let [codes_node, supervision_node, keep_node, callbacks_node, messages_node, mail_node, web_node, voice_node] =
        ["codes", "supervision", "keep", "callbacks", "messages", "mail", "web", "voice"]
            .map(|key| top.node(key).cloned());
    let [lookups_node, bans_node] = ["lookups", "bans"].map(|key| top.node(key).cloned());
    let file = &mut document;
    let settings = Settings {
        sip: sip(file, sip_node.as_ref()),
        http: http(file, http_node.as_ref()),
        rtp: rtp(file, rtp_node.as_ref()),
        paths: paths(file, paths_node.as_ref()),
        flows: flows(file, flows_node.as_ref()),
        agents: agents(file, agents_node.as_ref()),
        codes: codes(file, codes_node.as_ref()),
        pauses: pauses.map_or_else(Pauses::default, Pauses),
        whisper,
        supervision: supervision(file, supervision_node.as_ref()),
        transfers: transfers(file, transfers_node.as_ref()),
        trunks: trunks(file, trunk_node.as_ref(), trunks_node.as_ref()),
        outgoing: outgoing(file, outgoing_node.as_ref()),
        limits: limits(file, limits_node.as_ref()),
        bans: bans(file, bans_node.as_ref()),
        callbacks: callbacks(file, callbacks_node.as_ref()),
        messages: messages(file, messages_node.as_ref()),
        mail: mail(file, mail_node.as_ref()),
        voice: voice(file, voice_node.as_ref()),
        web: web(file, web_node.as_ref()),
        lookups: lookups(file, lookups_node.as_ref()),
        store,
        keep: keep(file, keep_node.as_ref()),
        log,
    };
    if settings.trunks.is_empty() && trunk_node.is_none() && trunks_node.is_none() {
        numbers_without_trunk(file, &settings.agents, agents_node.as_ref());
    }
    if document.found.is_empty() {
        return Ok(settings);
    }
    document.found.sort_by_key(|d| d.span.as_ref().map(|span| span.bytes.start));
    Err(document.found)
}

const TOP: &[&str] = &[
    "sip",
    "http",
    "rtp",
    "paths",
    "flows",
    "agents",
    "codes",
    "pauses",
    "whisper",
    "supervision",
    "transfers",
    "trunk",
    "trunks",
    "outgoing",
    "limits",
    "bans",
    "voice",
    "store",
    "keep",
    "callbacks",
    "messages",
    "mail",
    "web",
    "lookups",
    "log",
];

fn http(file: &mut Document, node: Option<&Node>) -> Http {
    let mut keys = file.section("http", node, &["listen", "token"]);
    Http {
        listen: keys.read("listen", value::address).unwrap_or(Http::default().listen),
        token: keys.read("token", value::token),
    }
}

fn rtp(file: &mut Document, node: Option<&Node>) -> Rtp {
    let mut keys = file.section("rtp", node, &["ports", "workers", "pin", "tones", "srtp", "keys", "codecs"]);
    let usual = Rtp::default();
    let told = keys.read_list("keys", value::keys_by);
    let mut ways = told.clone().unwrap_or(usual.keys);
    ways.dedup();
    if told.is_some_and(|told| told.is_empty()) {
        keys.refuse("wrong-value", "keys", "`rtp.keys` is empty".into(), "write `[sdes]`, `[dtls]` or both");
    }
    Rtp {
        ports: keys.read("ports", value::ports).unwrap_or(usual.ports),
        workers: keys.read("workers", value::count),
        pin: keys.read("pin", value::yes_or_no).unwrap_or_default(),
        tones: keys.read("tones", value::tones).unwrap_or_default(),
        srtp: keys.read("srtp", value::srtp).unwrap_or_default(),
        codecs: codecs(&mut keys),
        keys: ways,
    }
}

fn codecs(keys: &mut Section<'_>) -> Vec<Codec> {
    let Some(written) = keys.read_list("codecs", value::codec) else { return Rtp::default().codecs };
    let mut codecs: Vec<Codec> = Vec::with_capacity(written.len());
    for codec in written {
        if !codecs.contains(&codec) {
            codecs.push(codec);
        }
    }
    // A trunk has one of these at least, and who has neither is refused.
    if codecs.iter().all(|codec| codec.law().is_none()) {
        let message = "`rtp.codecs` has no codec of the telephone's".to_owned();
        keys.refuse("wrong-value", "codecs", message, "add `pcma`, which every trunk and phone speaks");
    }
    codecs
}

fn paths(file: &mut Document, node: Option<&Node>) -> Paths {
    let mut keys = file.section("paths", node, &["flows", "prompts", "data"]);
    let usual = Paths::default();
    Paths {
        flows: keys.read("flows", value::path).unwrap_or(usual.flows),
        prompts: keys.read("prompts", value::path).unwrap_or(usual.prompts),
        data: keys.read("data", value::path).unwrap_or(usual.data),
    }
}

fn flows(file: &mut Document, node: Option<&Node>) -> Flows {
    let mut keys = file.section("flows", node, &["watch"]);
    Flows { watch: keys.read("watch", value::yes_or_no).unwrap_or(Flows::default().watch) }
}

fn limits(file: &mut Document, node: Option<&Node>) -> Limits {
    let mut keys = file.section("limits", node, &["calls", "call_duration", "media_silence"]);
    let usual = Limits::default();
    Limits {
        calls: keys.read("calls", value::count).unwrap_or(usual.calls),
        call_duration: keys.read("call_duration", value::duration).unwrap_or(usual.call_duration),
        media_silence: keys.read("media_silence", value::duration).unwrap_or(usual.media_silence),
    }
}

fn keep(file: &mut Document, node: Option<&Node>) -> Keep {
    let mut keys = file.section("keep", node, &["records", "numbers", "tickets", "messages"]);
    let usual = Keep::default();
    Keep {
        records: keys.read("records", value::days).unwrap_or(usual.records),
        numbers: keys.read("numbers", value::days).unwrap_or(usual.numbers),
        tickets: keys.read("tickets", value::days).unwrap_or(usual.tickets),
        messages: keys.read("messages", value::days).unwrap_or(usual.messages),
    }
}
