use super::super::situation::{By, Facts, Human, Moment, Phone, Situation, To, World};
use super::{Ways, enter};
use crate::flow::{AtClosing, OfferAction, Queue, StepId, Transfer};
use crate::service::{HoursKind, Topic};

impl Ways<'_> {
    /// A queue looks whether it is open, tells the notice, takes the caller in, and leads on.
    pub(super) fn queue(&mut self, queue: &Queue) {
        match self.at.moment {
            Moment::Enter => self.joins(queue, Moment::Notice),
            Moment::Notice => {
                self.at.facts = self.at.facts.with(Facts::NOTICED);
                if self.hears > 0 && self.at.phone == Phone::Open {
                    self.at.phone = Phone::Since;
                }
                self.joins(queue, Moment::Waiting);
            }
            Moment::Out(why) => {
                self.zero();
                match why {
                    World::Nobody => self.on(By::Nothing, queue.nobody),
                    World::Full => self.on(By::Nothing, queue.full),
                    World::Long => self.on(By::Nothing, queue.long),
                    _ => self.closed(By::Nothing, queue),
                }
            }
            Moment::Truth => {
                self.zero();
                self.push(By::Nothing, 0, self.behind_the_truth());
            }
            _ => self.waiting(queue),
        }
    }

    /// Open, the caller goes on to this; closed, where the flow says.
    fn joins(&mut self, queue: &Queue, next: Moment) {
        let met = self.at.phone;
        if met != Phone::Closed {
            self.look(Phone::Open);
            let notice = self.program.notice.is_some() && !self.at.facts.has(Facts::NOTICED);
            match next {
                Moment::Notice if notice => self.stay(By::Nothing, Moment::Notice),
                _ => {
                    self.stay(By::Nothing, Moment::Waiting);
                    self.called();
                }
            }
        }
        if met == Phone::Closed || (met == Phone::Since && !fault!(NeverCloses)) {
            self.at.phone = Phone::Closed;
            self.closed(By::World(World::Closed(HoursKind::Phone)), queue);
        }
    }

    /// The last way leads to where an agent is called.
    fn called(&mut self) {
        if let Some(To::At(to)) = self.moves.last_mut().map(|way| &mut way.to) {
            to.human = to.human.max(Human::Called);
        }
    }

    /// It is closed: to the step that the flow has for it, else the truth is told.
    fn closed(&mut self, by: By, queue: &Queue) {
        let own = if fault!(ForgetsClosedOfQueue) { None } else { queue.closed };
        match own.or(self.program.closed) {
            Some(step) => self.on(by, step),
            None => self.stay(by, Moment::Truth),
        }
    }

    /// The truth has been told: the last menu, or a good-bye.
    fn behind_the_truth(&self) -> To {
        if self.at.facts.has(Facts::MENU) {
            return To::LastMenu;
        }
        let mut to = self.here(Moment::Goodbye);
        to.facts = to.facts.with(self.told(&[Topic::Hours, Topic::Contact]));
        To::At(to)
    }

    fn waiting(&mut self, queue: &Queue) {
        if !fault!(ForgetsNobody) {
            self.stay(By::World(World::Nobody), Moment::Out(World::Nobody));
        }
        if !fault!(FullIsAnswered) {
            self.stay(By::World(World::Full), Moment::Out(World::Full));
        }
        if !fault!(ForgetsLong) {
            self.stay(By::World(World::Long), Moment::Out(World::Long));
        }
        self.answered(queue.answered);
        for offer in queue.busy.iter().flat_map(|busy| &busy.offers) {
            match offer.action {
                OfferAction::Message(step) => self.on(By::Key(offer.key), step),
                OfferAction::Callback => {
                    self.push(By::Keys, 0, To::End(Facts::NONE));
                    self.push(By::Keys, 0, To::At(self.refused(Moment::Waiting)));
                }
                OfferAction::QuietHours | OfferAction::Continue => {}
            }
        }
        let rules = self.program.queue(&queue.queue).map_or(AtClosing::Serve, |rules| rules.at_closing);
        if rules == AtClosing::Serve || fault!(NeverCloses) || self.at.phone == Phone::Closed {
            return;
        }
        self.look(Phone::Closed);
        self.stay(By::World(World::Closes), Moment::Out(World::Closes));
        if rules == AtClosing::Callback {
            // The place may be lost while a callback is offered.
            for why in [World::Nobody, World::Long] {
                self.stay(By::World(World::Closes), Moment::Out(why));
            }
            self.push(By::World(World::Closes), 0, To::At(self.refused(Moment::Out(World::Closes))));
        }
    }

    /// Another moment of this step, once a callback could not be noted.
    fn refused(&self, moment: Moment) -> Situation {
        let mut to = self.here(moment);
        to.facts = to.facts.with(Facts::REFUSED);
        to
    }

    /// A human answers, and hangs up when all is said.
    fn answered(&mut self, then: Option<StepId>) {
        let by = By::World(World::Answered);
        match then {
            Some(step) => {
                let mut to = self.entered(step, Facts::NONE);
                to.human = Human::Served;
                self.push(by, 0, To::At(enter(self.program, to)));
            }
            None => self.push(by, 0, To::End(Facts::NONE)),
        }
    }

    /// An outside number rings, whether it is open or not.
    pub(super) fn transfer(&mut self, transfer: &Transfer) {
        if self.at.moment == Moment::NotReached {
            self.zero();
            return self.on(By::Nothing, transfer.failed);
        }
        self.at.facts = self.at.facts.without(Facts::LEAD);
        self.answered(transfer.then);
        if !fault!(TransfersAnswer) {
            self.stay(By::World(World::NotAnswered), Moment::NotReached);
        }
    }
}
