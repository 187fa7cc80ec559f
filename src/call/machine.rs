use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::brief::Brief;
use super::leg::Leg;
use super::ring::NOTICE;
use super::sides::Sides;
use super::state::{CallState, CallTurn};
use super::transfer::Handing;
use super::waiting::Queued;
use super::watch::Watch;
use super::{By, CallEvent, Conversation, Ending, Happened, Input, Output, Recorder, Settings, call_of};
use crate::base::{CallId, Instant, LegId, Lifecycle, Now, TimerTable};
use crate::callback::CallNotes;
use crate::engine::{self, Action, Machine};
use crate::flow::Program;
use crate::media;
use crate::queue::{self, Missed};
use crate::sip::{self, Incoming};

/// One caller's whole story, from the INVITE to the record.
///
/// It owns the caller's leg and the legs to every phone that rings for the caller or
/// talks with the caller: the call that waits is the call that dials its agents.
#[derive(Debug)]
pub struct Call {
    pub(super) id: CallId,
    pub(super) caller: LegId,
    pub(super) program: Arc<Program>,
    pub(super) settings: Arc<Settings>,
    pub(super) incoming: Incoming,
    pub(super) engine: Machine,
    pub(super) state: CallState,
    pub(super) phase: Phase,
    pub(super) sides: Sides,
    /// The queue that the caller was put into, until the talk or the waiting is over.
    pub(super) queued: Option<Queued>,
    /// What an agent is told of the caller.
    pub(super) brief: Brief,
    /// What the book of callbacks was asked.
    pub(super) notes: CallNotes,
    /// Where the agent sends the caller.
    pub(super) handing: Option<Box<Handing>>,
    /// Who listens to the talk without being a part of it.
    pub(super) watch: Option<Box<Watch>>,
    pub(super) timers: TimerTable<Timer>,
    pub(super) recorder: Recorder,
    pub(super) outputs: VecDeque<Output>,
    pub(super) heard: Heard,
    /// What a key does to the sound that was ordered last.
    pub(super) playing: engine::Keys,
    /// Our answer to a caller who hears us before the call is answered.
    pub(super) early: Option<Box<str>>,
    /// Whether a message is being left.
    pub(super) leaves_message: bool,
}

/// How far the caller's leg has come.
#[derive(Debug)]
pub(super) enum Phase {
    /// The media port is being opened.
    Arriving,
    /// 200 with our offer is out, the ACK will hold the answer (late offer).
    Offering(Leg),
    /// The flow runs.
    Up(Leg),
    /// Everything is being closed; the media figures are awaited.
    Closing(Ending),
    /// The record is out.
    Over,
}

/// What the caller's keys came by, so that one press is not taken twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Nothing,
    Rtp,
}

/// The deadlines of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// When to give up a phone that rings.
    Ring(LegId),
    /// When to ask again for the key that takes the call.
    Ask(LegId),
    /// When to give up who has pressed no key.
    Press(LegId),
    /// When to bridge an agent who can't be told who it is.
    Brief(LegId),
    /// When to end a call that has lasted too long.
    Longest,
    /// When to stop waiting for the media figures of a closed leg.
    Figures,
}

impl Conversation for Call {
    fn id(&self) -> CallId {
        self.id
    }

    fn handle(&mut self, now: Now, input: Input) {
        if matches!(self.phase, Phase::Over) {
            return;
        }
        match input {
            Input::Sip(event) => self.on_sip(now, event),
            Input::Media(event) => self.on_media(now, event),
            Input::MediaOpened { leg, local } if leg == self.caller => self.on_caller_media(now, local),
            Input::MediaOpened { leg, local } => self.on_side_media(now, leg, local),
            Input::Queue(news) => self.on_queue(now, news),
            Input::Place(place) => self.tell_engine(now, engine::Input::Queue(engine::QueueNews::Place(place))),
            Input::Message(news) => self.on_message(now, news),
            Input::LookUp(news) => self.tell_engine(now, engine::Input::LookUp(news)),
            Input::Book(output) => self.on_book(now, &output),
            Input::Watch(order) => self.on_watch(now, order),
            // Only who listens is told of it.
            Input::Watched(_) => {}
            Input::Replaced(incoming) => self.on_replaced(now, *incoming),
            Input::Shutdown => self.end(now, By::Us, "shutdown"),
            Input::Tick => self.on_tick(now),
        }
        self.tell_ringing(now);
    }

    fn poll(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if output.is_none() {
            // Most of its time a call waits, and needs no room for what it has said.
            self.outputs = VecDeque::new();
        }
        output
    }

    fn deadline(&self) -> Option<Instant> {
        let own = self.timers.next().map(|(at, _)| at);
        let engine = if matches!(self.phase, Phase::Up(_)) { self.engine.deadline() } else { None };
        own.into_iter().chain(engine).min()
    }
}

impl Call {
    /// A call for which a flow was found.
    pub fn new(now: Now, incoming: Incoming, program: Arc<Program>, settings: Arc<Settings>) -> Self {
        let id = call_of(incoming.leg);
        let number = incoming.from.as_ref().map(|n| n.reveal().clone());
        let engine = Machine::new(Arc::clone(&program), number);
        let mut call = Self {
            id,
            caller: incoming.leg,
            engine,
            state: CallState::Arriving,
            phase: Phase::Arriving,
            sides: Sides::default(),
            queued: None,
            brief: Brief::default(),
            notes: CallNotes::new(id),
            handing: None,
            watch: None,
            timers: TimerTable::default(),
            recorder: Recorder::new(id, now),
            outputs: VecDeque::new(),
            heard: Heard::Nothing,
            playing: engine::Keys::Ignore,
            early: None,
            leaves_message: false,
            program,
            settings,
            incoming,
        };
        call.event(
            now,
            Happened::Arrived {
                flow: Arc::clone(&call.program.name),
                service: Arc::clone(&call.program.service),
                to: call.incoming.to.clone(),
                from: call.incoming.from.clone(),
                sip_call_id: call.incoming.call_id.clone(),
            },
        );
        if let Some(diverted) = call.incoming.diverted.take() {
            call.event(now, Happened::Diverted { number: diverted.number, why: diverted.why });
        }
        call.timers.set(Timer::Longest, now.mono + call.settings.longest);
        call.outputs.push_back(Output::OpenMedia { leg: call.caller });
        call.look_at_book();
        call
    }

    /// How far the call is.
    pub fn state(&self) -> CallState {
        self.state
    }

    fn on_tick(&mut self, now: Now) {
        while let Some(timer) = self.timers.pop(now.mono) {
            match timer {
                Timer::Ring(leg) => self.missed(now, leg, Missed::NoAnswer, 408),
                Timer::Ask(leg) => self.ask_for_key(now, leg),
                Timer::Press(leg) => self.missed(now, leg, Missed::NoAnswer, 408),
                Timer::Brief(leg) => self.bridge(now, leg),
                Timer::Longest => self.end(now, By::Us, "too-long"),
                Timer::Figures => self.finish(now, None),
            }
        }
        self.tell_engine(now, engine::Input::Tick);
    }

    fn on_media(&mut self, now: Now, event: media::Event) {
        let leg = event.leg();
        match event {
            media::Event::Digit { digit, .. } if leg == self.caller => {
                self.heard = Heard::Rtp;
                if !self.is_talking() {
                    self.tell_engine(now, engine::Input::Digit(digit));
                }
            }
            media::Event::Finished { play: NOTICE, .. } => self.on_notice_heard(now),
            media::Event::Finished { play, .. } if leg == self.caller => {
                self.tell_engine(now, engine::Input::Finished(play));
            }
            media::Event::Silent { .. } => self.outputs.push_back(Output::Sip(sip::Command::Ask { leg })),
            media::Event::Unkeyed { .. } => self.outputs.push_back(Output::Sip(sip::Command::GiveUp { leg })),
            media::Event::Closed { stats, .. } if leg == self.caller => self.finish(now, Some(stats)),
            media::Event::Digit { digit, .. } => self.on_side_digit(now, leg, digit),
            media::Event::Finished { play, .. } => self.on_side_heard(now, leg, play),
            media::Event::Closed { stats, .. } => self.recorder.heard_other(leg, stats),
        }
    }

    /// Hands an input to the flow and carries out what it asks for.
    pub(super) fn tell_engine(&mut self, now: Now, input: engine::Input) {
        if !matches!(self.phase, Phase::Up(_)) {
            return;
        }
        let after_talk = matches!(
            input,
            engine::Input::Queue(engine::QueueNews::TalkEnded)
                | engine::Input::Transfer(engine::TransferNews::TalkEnded)
        );
        self.engine.handle(now, input);
        while let Some(action) = self.engine.poll() {
            self.on_action(now, action, after_talk);
        }
    }

    fn on_action(&mut self, now: Now, action: Action, after_talk: bool) {
        match action {
            Action::Play { play, sound, keys } => {
                let words = match &sound {
                    engine::Sound::Phrase(phrase) => phrase.to_string(),
                    engine::Sound::Music { name, .. } => format!("♪ {name}"),
                    engine::Sound::Beep => "♪ beep".to_owned(),
                    engine::Sound::Message(message) => format!("♪ {message}"),
                };
                self.event(now, Happened::Heard { words });
                self.playing = keys;
                let stop_on_key = keys == engine::Keys::Stop;
                self.outputs.push_back(Output::Play { leg: self.caller, play, sound, stop_on_key });
            }
            Action::Answer => self.answer(now),
            Action::Stop => self.media(media::Command::Stop { leg: self.caller }),
            Action::Join { queue, needs, priority } => self.join(now, queue, needs, priority),
            Action::AskPlace => self.board(queue::Input::Ask { who: self.id.into() }),
            Action::Leave => self.leave_queue(now),
            Action::Book(ask) => self.ask_book(now, ask),
            Action::Transfer { to, ring } => self.transfer(now, to, ring),
            Action::Message(order) => self.dictate(now, order),
            Action::LookUp(order) => self.outputs.push_back(Output::LookUp(order)),
            // Without a step after the talk, it was the agent's hanging up that ended the call.
            Action::Hangup { .. } if after_talk => self.end(now, By::Agent, "hangup"),
            Action::Hangup { why } => self.end(now, By::Flow, why),
            Action::Note(note) => {
                self.brief.note(&self.program, &note);
                if matches!(note, engine::Note::ToldWait { .. }) {
                    self.board(queue::Input::Told { who: self.id.into() });
                }
                self.event(now, Happened::Flow(note));
            }
        }
    }

    /// Ends the call: everything is given back, then the record is written.
    pub(super) fn end(&mut self, now: Now, by: By, why: &'static str) {
        if matches!(self.phase, Phase::Closing(_) | Phase::Over) {
            return;
        }
        self.drop_sides(now, by);
        if self.queued.take().is_some() {
            self.board(queue::Input::Leave { who: self.id.into(), why: queue::Left::Ended });
        }
        self.engine.handle(now, engine::Input::HungUp);
        self.leave_message();
        self.note(CallNotes::hung_up);
        self.hang_up(now, by, why);
        self.media(media::Command::Close { leg: self.caller });
        self.timers.clear();
        self.timers.set(Timer::Figures, now.mono + FIGURES_WITHIN);
        let ending = Ending { by, why };
        self.event(now, Happened::Ended(ending));
        self.phase = Phase::Closing(ending);
        self.turn(CallTurn::Ended);
    }

    /// Ends the caller's dialog, and says why where it is we who end it.
    fn hang_up(&mut self, now: Now, by: By, why: &'static str) {
        let leg = self.caller;
        let reason = match (by, why) {
            (By::Flow | By::Agent, _) => sip::Reason::NORMAL,
            (By::Us, "too-long") => sip::Reason::TOO_LONG,
            (By::Us, "shutdown") => sip::Reason::STOPPING,
            (By::Us, "no-codec") => sip::Reason::NO_CODEC,
            (By::Us | By::Caller | By::Peer, _) => return self.sip(sip::Command::End { leg }),
        };
        self.event(now, Happened::Reason { by: By::Us, reason });
        self.sip(sip::Command::EndFor { leg, reason });
    }

    fn finish(&mut self, now: Now, stats: Option<media::LegStats>) {
        let Phase::Closing(ending) = self.phase else { return };
        self.phase = Phase::Over;
        self.turn(CallTurn::Recorded);
        self.timers.clear();
        let record = self.recorder.record(now, ending, stats);
        self.outputs.push_back(Output::Ended(Box::new(record)));
    }

    /// Moves on in the table of [`CallState`].
    pub(super) fn turn(&mut self, turn: CallTurn) {
        let next = self.state.on(turn);
        debug_assert!(next.is_some(), "{turn:?} means nothing to a call that is {:?}", self.state);
        self.state = next.unwrap_or(self.state);
    }

    pub(super) fn event(&mut self, now: Now, what: Happened) {
        let event = CallEvent { call: self.id, at: now, what };
        self.recorder.push(&event);
        self.outputs.push_back(Output::Event(event));
    }

    pub(super) fn media(&mut self, command: media::Command) {
        self.outputs.push_back(Output::Media(command));
    }

    pub(super) fn board(&mut self, input: queue::Input) {
        self.outputs.push_back(Output::Queue(input));
    }

    pub(super) fn is_talking(&self) -> bool {
        self.sides.talking().is_some()
    }

    /// The caller's leg while the flow runs.
    pub(super) fn caller_leg(&mut self) -> Option<&mut Leg> {
        match &mut self.phase {
            Phase::Up(leg) | Phase::Offering(leg) => Some(leg),
            Phase::Arriving | Phase::Closing(_) | Phase::Over => None,
        }
    }
}

/// A media worker answers within one slot; a second without figures means that it is gone.
pub(super) const FIGURES_WITHIN: Duration = Duration::from_secs(1);
