//! How good a conversation sounds, estimated from what the network did to it: the
//! E-model of ITU-T G.107 (2015). Equation numbers are those of the recommendation.

use std::time::Duration;

use super::Codec;

/// What G.107 asks of a connection. [`Default`] is its table 2: a short call over a
/// perfect network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Loudness from the speaker to the line (SLR), in dB.
    pub send_loudness: f64,
    /// Loudness from the line to the listener (RLR), in dB.
    pub receive_loudness: f64,
    /// How much one hears oneself (STMR), in dB.
    pub sidetone: f64,
    /// What of the room's noise is heard beside the voice, at the listener (LSTR), in dB.
    pub listener_sidetone: f64,
    /// How much less a telephone takes up of a room's noise than of a voice (Ds), at the speaker.
    pub speaker_directivity: f64,
    /// Loudness of the echo (TELR), in dB.
    pub echo_loudness: f64,
    /// Loudness of the echo's echo (WEPL), in dB.
    pub echo_path_loss: f64,
    /// Mouth to ear, one way (T), in ms.
    pub echo_delay_ms: f64,
    /// Round the four-wire loop (Tr), in ms.
    pub round_trip_ms: f64,
    /// Mouth to ear without any echo (Ta), in ms.
    pub delay_ms: f64,
    /// Quantizing distortion units (qdu).
    pub quantizing: f64,
    /// What the codec costs by itself (Ie).
    pub impairment: f64,
    /// How well the codec bears loss (Bpl).
    pub robustness: f64,
    /// Packets lost (Ppl), in percent.
    pub loss_percent: f64,
    /// How bursty the loss is (BurstR): 1 when it is random.
    pub burst: f64,
    /// Noise of the circuit (Nc), in dBm0p.
    pub circuit_noise: f64,
    /// Noise floor at the listener (Nfor), in dBmp.
    pub noise_floor: f64,
    /// The speaker's room (Ps), in dB(A).
    pub speaker_room: f64,
    /// The listener's room (Pr), in dB(A).
    pub listener_room: f64,
    /// What the user forgives for the sake of convenience (A).
    pub advantage: f64,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            send_loudness: 8.0,
            receive_loudness: 2.0,
            sidetone: 15.0,
            listener_sidetone: 18.0,
            speaker_directivity: 3.0,
            echo_loudness: 65.0,
            echo_path_loss: 110.0,
            echo_delay_ms: 0.0,
            round_trip_ms: 0.0,
            delay_ms: 0.0,
            quantizing: 1.0,
            impairment: 0.0,
            robustness: 4.3,
            loss_percent: 0.0,
            burst: 1.0,
            circuit_noise: -70.0,
            noise_floor: -64.0,
            speaker_room: 35.0,
            listener_room: 35.0,
            advantage: 0.0,
        }
    }
}

impl Line {
    /// A call in this codec over a network of which this was measured: `loss` from 0 to
    /// 1, the mean loss burst against that of random loss, and the one-way delay.
    pub fn measured(codec: Codec, loss: f64, burst: f64, delay: Duration) -> Self {
        let (impairment, robustness) = codec.bears_loss();
        let delay_ms = delay.as_secs_f64() * 1_000.0;
        Self {
            impairment,
            robustness,
            loss_percent: loss.clamp(0.0, 1.0) * 100.0,
            burst: burst.max(1.0),
            echo_delay_ms: delay_ms,
            round_trip_ms: 2.0 * delay_ms,
            delay_ms,
            ..Self::default()
        }
    }

    /// The transmission rating factor R, from 0 up (7-1): 93.2 for the default.
    pub fn rating(&self) -> f64 {
        let noise = self.noise();
        // (7-2)
        let signal_to_noise = 15.0 - 1.5 * (self.send_loudness + noise);
        signal_to_noise
            - self.simultaneous(signal_to_noise, noise)
            - self.delayed(signal_to_noise, noise)
            - self.effective_equipment()
            + self.advantage
    }

    /// The mean opinion score, 1 to 4.5 (annex B, B-4).
    pub fn mos(&self) -> f64 {
        let rating = self.rating();
        match rating {
            r if r <= 0.0 => 1.0,
            r if r >= 100.0 => 4.5,
            r => (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0),
        }
    }

    /// No: all noise, in dBm0p at the 0 dBr point (7-3).
    fn noise(&self) -> f64 {
        let (rooms, overall) = (self.speaker_room, self.send_loudness + self.receive_loudness);
        // (7-4)
        let speaker = rooms - self.send_loudness - self.speaker_directivity - 100.0
            + 0.004 * (rooms - overall - self.speaker_directivity - 14.0).powi(2);
        // (7-6), then (7-5)
        let heard = self.listener_room + decibel(1.0 + power((10.0 - self.listener_sidetone) / 10.0));
        let listener = self.receive_loudness - 121.0 + heard + 0.008 * (heard - 35.0).powi(2);
        // (7-7)
        let floor = self.noise_floor + self.receive_loudness;
        decibel([self.circuit_noise, speaker, listener, floor].iter().map(|level| power(level / 10.0)).sum())
    }

    /// Is: what goes along with the voice (7-8).
    fn simultaneous(&self, signal_to_noise: f64, noise: f64) -> f64 {
        // (7-10), then (7-9): too loud.
        let loud = self.send_loudness + self.receive_loudness + 0.2 * (64.0 + noise - self.receive_loudness);
        let too_loud = 20.0 * (soft(loud / 8.0, 8) - loud / 8.0);
        // (7-13) to (7-17): the codec's quantizing.
        let q = 37.0 - 15.0 * self.quantizing.max(1.0).log10();
        let g = 1.07 + 0.258 * q + 0.0602 * q * q;
        let (y, z) = ((signal_to_noise - 100.0) / 15.0 + 46.0 / 8.4 - g / 9.0, 46.0 / 30.0 - g / 40.0);
        let quantized = 1.5 * decibel(1.0 + power(y) + power(z));
        too_loud + self.own_voice() + quantized
    }

    /// Ist: one's own voice, too loud or too faint (7-11, 7-12).
    fn own_voice(&self) -> f64 {
        let echo = (-self.echo_delay_ms / 4.0).exp() * power(-self.echo_loudness / 10.0);
        let heard = -decibel(power(-self.sidetone / 10.0) + echo);
        12.0 * soft((heard - 13.0) / 6.0, 8)
            - 28.0 * soft((heard + 1.0) / 19.4, 35)
            - 13.0 * soft((heard - 3.0) / 33.0, 13)
            + 29.0
    }

    /// Id: what comes late (7-18).
    fn delayed(&self, signal_to_noise: f64, noise: f64) -> f64 {
        let t = self.echo_delay_ms;
        // (7-22), and (7-23) where the sidetone is loud
        let masked = if self.sidetone < 9.0 { self.own_voice() / 2.0 } else { 0.0 };
        let echo = self.echo_loudness - 40.0 * ((1.0 + t / 10.0) / (1.0 + t / 150.0)).log10()
            + 6.0 * (-0.3 * t * t).exp()
            + masked;
        // (7-19) to (7-21)
        let (clean, heard) = (-1.5 * (noise - self.receive_loudness), 80.0 + 2.5 * (echo - 14.0));
        let talker = bend((clean - heard) / 2.0, 100.0, 1.0) * (1.0 - (-t).exp());
        // (7-24), where there is hardly any sidetone
        let talker = if self.sidetone > 20.0 { talker.hypot(self.own_voice()) } else { talker };
        // (7-26), then (7-25)
        let loop_echo = 10.5 * (self.echo_path_loss + 7.0) * (self.round_trip_ms + 1.0).powf(-0.25);
        let listener = bend((signal_to_noise - loop_echo) / 2.0, 169.0, 0.0);
        talker + listener + self.too_late()
    }

    /// Idd: too late for a talk, echo or not (7-27, 7-28).
    fn too_late(&self) -> f64 {
        if self.delay_ms <= 100.0 {
            return 0.0;
        }
        let x = (self.delay_ms / 100.0).log2();
        25.0 * (soft(x, 6) - 3.0 * soft(x / 3.0, 6) + 2.0)
    }

    /// Ie-eff: the codec, and what was lost (7-29).
    fn effective_equipment(&self) -> f64 {
        let lost = self.loss_percent;
        self.impairment + (95.0 - self.impairment) * lost / (lost / self.burst.max(1.0) + self.robustness)
    }
}

impl Codec {
    /// Its equipment impairment and its robustness to loss (Ie and Bpl), on the scale of G.107,
    /// which is the telephone's: all legs have the one scale, and a wider band earns nothing.
    ///
    /// - G.711: 0 and 25.1, of ITU-T G.113 (11/2007), appendix I: losses concealed in the manner of
    ///   G.711's appendix I, as phones do and we ([`Concealer`](super::Concealer)); without it
    ///   Bpl is 4.3.
    /// - G.722 has no value on this scale. On that of wideband (G.107.1) G.113, appendix IV, has
    ///   13 at 64 kbit/s where G.711 has 36, so that it is not worse here: 0. What is lost is
    ///   concealed as in G.711, and Bpl is taken from there.
    /// - Opus has none of ITU-T at all. These are published ones: M. Alahmadi, *Opus codec quality
    ///   evaluation* (`Opus_emodel.js`, 2021), narrowband at a constant 11 kbit/s with random loss,
    ///   its best row. Phones send more, so that it is not rated too well.
    pub fn bears_loss(self) -> (f64, f64) {
        match self {
            Self::Pcma | Self::Pcmu | Self::G722 => (0.0, 25.1),
            Self::Opus => (2.03, 15.95),
        }
    }
}

fn power(bel: f64) -> f64 {
    10.0_f64.powf(bel)
}

fn decibel(power: f64) -> f64 {
    10.0 * power.log10()
}

/// (1 + xⁿ)^(1/n), as the model rounds its corners off.
fn soft(x: f64, n: i32) -> f64 {
    (1.0 + x.powi(n)).powf(1.0 / f64::from(n))
}

fn bend(x: f64, square: f64, less: f64) -> f64 {
    x + (x * x + square).sqrt() - less
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(line: &Line) -> f64 {
        (line.rating() * 10.0).round() / 10.0
    }

    #[test]
    fn the_default_line_has_the_rating_that_the_recommendation_gives() {
        // G.107, clause 7.7, and 4.41 by (B-4).
        assert_eq!(rounded(&Line::default()), 93.2);
        // What implementations of it say with more digits.
        assert!((Line::default().rating() - 93.206_208).abs() < 1e-6, "{}", Line::default().rating());
        assert!((Line::default().mos() - 4.41).abs() < 0.005, "{}", Line::default().mos());
    }

    #[test]
    fn a_rating_has_the_score_of_the_provisional_guide() {
        // G.107, table B.1: R and MOS at the limits of each class of satisfaction.
        for (rating, mos) in [(90.0, 4.34), (80.0, 4.03), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58)] {
            let line = Line { advantage: rating - Line::default().rating(), ..Line::default() };
            assert!((line.mos() - mos).abs() < 0.01, "{rating}: {}", line.mos());
        }
        assert_eq!(Line { advantage: -200.0, ..Line::default() }.mos(), 1.0);
        assert_eq!(Line { advantage: 50.0, ..Line::default() }.mos(), 4.5);
    }

    #[test]
    fn delay_costs_what_the_figure_of_the_planning_guide_shows() {
        // G.114, figure 1 and G.107 figure I.1: without echo, hardly anything up to 150 ms, then a bend.
        let late = |ms| Line { delay_ms: ms, ..Line::default() }.rating();
        assert!(Line::default().rating() - late(100.0) < 0.1);
        assert!((1.0..4.5).contains(&(Line::default().rating() - late(200.0))), "{}", late(200.0));
        assert!((65.0..73.0).contains(&late(400.0)), "{}", late(400.0));
        assert!([150.0, 200.0, 300.0, 500.0].windows(2).all(|pair| late(pair[0]) > late(pair[1])));
    }

    #[test]
    fn loss_costs_by_the_formula_and_bursts_cost_more() {
        let mut line = Line { loss_percent: 1.0, robustness: 25.1, ..Line::default() };
        // (7-29): 95 × 1 ÷ (1 + 25.1) = 3.64
        assert!((Line::default().rating() - line.rating() - 3.64).abs() < 0.01);
        line.burst = 2.0;
        // 95 × 1 ÷ (0.5 + 25.1) = 3.71
        assert!((Line::default().rating() - line.rating() - 3.71).abs() < 0.01);
        // G.113, appendix I: without concealment the same loss costs 95 × 1 ÷ (1 + 4.3) = 17.9
        let bare = Line { loss_percent: 1.0, ..Line::default() };
        assert!((Line::default().rating() - bare.rating() - 17.92).abs() < 0.01);
    }

    #[test]
    fn each_codec_has_the_values_that_were_published_for_it() {
        let rating = |codec, loss| {
            let line = Line::measured(codec, loss, 1.0, Duration::ZERO);
            (line.rating() * 10.0).round() / 10.0
        };
        for codec in [Codec::Pcma, Codec::Pcmu, Codec::G722] {
            // 93.2 − 95 × 5 ÷ (5 + 25.1) = 93.2 − 15.8
            assert_eq!((rating(codec, 0.0), rating(codec, 0.05)), (93.2, 77.4), "{codec:?}");
        }
        // 93.2 − 2.03, and − 92.97 × 5 ÷ (5 + 15.95) = 22.2 more
        assert_eq!((rating(Codec::Opus, 0.0), rating(Codec::Opus, 0.05)), (91.2, 69.0));
    }

    #[test]
    fn what_was_measured_scores_less_the_worse_it_was() {
        let mos = |loss, ms| Line::measured(Codec::Pcma, loss, 1.0, Duration::from_millis(ms)).mos();
        assert!(mos(0.0, 40) > 4.3, "{}", mos(0.0, 40));
        assert!(mos(0.02, 40) < mos(0.0, 40) && mos(0.2, 40) < 3.0);
        assert!(mos(0.0, 400) < mos(0.0, 150) && mos(1.0, 40) < 1.6);
        assert!((1.0..=4.5).contains(&mos(7.0, 100_000)));
    }
}
