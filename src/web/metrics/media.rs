//! The measures of sound: what the plane counts, and what the record of an ended call says.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::call::Record;
use crate::media::LegStats;
use crate::server::media::Figures;

/// How a call sounded, from 1 to 4.5: the limits are those of the classes of ITU-T G.107, annex B.
pub(super) const SCORES: [f64; 8] = [1.5, 2.0, 2.58, 3.1, 3.6, 4.03, 4.34, 4.5];
pub(super) const SCORE: &str = "svi_media_mos";
/// In seconds: within a house, a country, the world, and what hurts a talk.
pub(super) const ROUND_TRIPS: [f64; 9] = [0.005, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0];
pub(super) const ROUND_TRIP: &str = "svi_media_round_trip_seconds";

pub(super) fn describe() {
    describe_counter!("svi_media_packets_total", Unit::Count, "RTP packets of callers, sent and received");
    describe_counter!("svi_media_lost_packets_total", Unit::Count, "RTP packets of callers that never came");
    describe_histogram!(SCORE, Unit::Count, "How legs sounded, estimated by the E-model of ITU-T G.107");
    describe_histogram!(ROUND_TRIP, Unit::Seconds, "The mean way to a phone and back, by RTCP");
    describe_gauge!("svi_media_legs", Unit::Count, "Legs that are open");
    for (name, what) in COUNTED {
        describe_counter!(name, Unit::Count, what);
    }
}

/// What the media plane counts by itself, with what it means.
const COUNTED: [(&str, &str); 11] = [
    ("svi_media_sent_total", "RTP packets sent to callers and agents"),
    ("svi_media_relayed_total", "Those that were passed on from another leg"),
    ("svi_media_received_total", "Datagrams received at media ports"),
    ("svi_media_strangers_total", "Those of unknown sources, dropped"),
    ("svi_media_unsent_total", "RTP packets that the system did not take"),
    ("svi_media_late_slots_total", "Slots of the media wheel that began more than a slot late"),
    ("svi_media_caught_up_total", "RTP packets sent a round of 20 ms late, at most one per leg at a time"),
    ("svi_media_skipped_rounds_total", "Rounds of 20 ms left out because the media plane was too late for them"),
    ("svi_media_floods_total", "Times that a leg had more to read than one slot allows"),
    ("svi_media_lost_events_total", "Keys and ends of prompts that nobody took in time"),
    ("svi_media_untapped_total", "RTP packets that a recorded message has silence for: the disk was too slow"),
];

/// Shows what the media plane has done since its start.
pub fn media(figures: &Figures) {
    gauge!("svi_media_legs").set(figures.legs as f64);
    let Figures { sent, relayed, received, strangers, unsent, late_slots, caught_up, .. } = *figures;
    let values = [sent, relayed, received, strangers, unsent, late_slots, caught_up];
    let rest = [figures.skipped_rounds, figures.floods, figures.lost_events, figures.untapped];
    for ((name, _), value) in COUNTED.iter().zip(values.into_iter().chain(rest)) {
        counter!(*name).absolute(value);
    }
}

/// Adds up what only the record of an ended call has: its media.
pub fn record(record: &Record) {
    if let Some(media) = &record.media {
        counter!("svi_media_packets_total", "direction" => "sent").increment(media.sent);
        counter!("svi_media_packets_total", "direction" => "received").increment(media.received);
        counter!("svi_media_lost_packets_total").increment(media.lost);
        sounded("caller", media);
    }
    for media in record.others.iter().filter_map(|other| other.media.as_ref()) {
        sounded("agent", media);
    }
}

fn sounded(leg: &'static str, media: &LegStats) {
    if let Some(mos) = media.mos {
        histogram!(SCORE, "leg" => leg, "heard_by" => "us").record(mos);
    }
    let Some(far) = &media.far else { return };
    if let Some(mos) = far.mos {
        histogram!(SCORE, "leg" => leg, "heard_by" => "them").record(mos);
    }
    if let Some(ms) = far.round_trip_ms {
        histogram!(ROUND_TRIP, "leg" => leg).record(ms / 1_000.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{CallId, Instant, LegId, Now, WallTime};
    use crate::call::{By, Ending, Recorder};
    use crate::media::FarStats;

    #[test]
    fn how_a_call_sounded_is_counted_for_both_legs_and_both_ways() {
        let far = FarStats { mos: Some(3.0), round_trip_ms: Some(120.0), ..FarStats::default() };
        let media = LegStats { sent: 90, mos: Some(4.4), far: Some(far), ..LegStats::default() };
        let now = Now { mono: Instant::START, wall: WallTime::from_millis(0) };
        let mut recorder = Recorder::new(CallId(1), now);
        recorder.left(LegId(257), Some("amina".into()));
        recorder.heard_other(LegId(257), LegStats { mos: Some(4.0), ..LegStats::default() });
        let ended = recorder.record(now, Ending { by: By::Caller, why: "hangup" }, Some(media));
        let measures = super::super::recorder();
        metrics::with_local_recorder(&measures, || record(&ended));
        let text = measures.handle().render();
        for line in [
            r#"svi_media_mos_bucket{leg="caller",heard_by="us",le="4.34"} 0"#,
            r#"svi_media_mos_bucket{leg="caller",heard_by="us",le="4.5"} 1"#,
            r#"svi_media_mos_bucket{leg="caller",heard_by="them",le="3.1"} 1"#,
            r#"svi_media_mos_bucket{leg="agent",heard_by="us",le="4.03"} 1"#,
            r#"svi_media_round_trip_seconds_bucket{leg="caller",le="0.1"} 0"#,
            r#"svi_media_round_trip_seconds_bucket{leg="caller",le="0.15"} 1"#,
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
        assert!(!text.contains("amina"));
    }
}
