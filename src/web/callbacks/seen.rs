//! What a code shows, and what it cancels.

use serde::Serialize;

use super::office::{Offer, Office};
use crate::base::{PhoneNumber, Private, TicketId, WallTime};
use crate::callback::{By, Refused, When};
use crate::server::{Answer, Whose, clock};
use crate::store::{Error, TicketRow};

/// A request as its code shows it: the same for a ticket of one's own and for a request
/// that was added to an earlier ticket of the number.
#[derive(Debug)]
pub(super) struct Seen<'o> {
    /// Nothing where it is offered no more.
    pub(super) offer: Option<&'o Offer>,
    pub(super) number: Private<PhoneNumber>,
    pub(super) when: When,
    pub(super) asked: WallTime,
    pub(super) progress: Progress,
    ticket: TicketId,
    whose: Whose,
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Progress {
    /// The call is still to come.
    Noted,
    /// The citizen is being called, or talks.
    Calling,
    /// Citizen and agent have talked.
    Called,
    /// The citizen was not reached.
    NotReached,
    /// It is not wanted any more.
    Cancelled,
}

/// What became of a wish to cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Withdrawn {
    Done,
    /// The citizen is being called at this moment.
    TooLate,
    /// Nothing is to come any more.
    Over,
    /// It can't be written down at present: the request stands.
    NotNow,
}

impl Office {
    /// What a code shows; nothing where it belongs to no request.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub(super) async fn seen(&self, code: &Private<String>) -> Result<Option<Seen<'_>>, Error> {
        // Both are always read, so that both kinds of request take about the same time.
        let (own, added) = (self.0.store.ticket_with(code).await?, self.0.store.code(code).await?);
        let (row, asked, withdrawn, whose) = match (own, added) {
            (Some(row), _) => {
                let asked = row.rest.clone();
                (row, asked, None, Whose::Own)
            }
            (None, Some(added)) => match self.0.store.ticket(added.ticket).await? {
                Some(row) => (row, added.asked, added.withdrawn, Whose::Earlier),
                None => return Ok(None),
            },
            (None, None) => return Ok(None),
        };
        let field = |key: &str| asked.get(key).cloned().unwrap_or_default();
        let Ok(when) = serde_json::from_value(field("when")) else { return Ok(None) };
        let asked = serde_json::from_value(field("asked")).unwrap_or(row.asked);
        let progress = if withdrawn.is_some() { Progress::Cancelled } else { Progress::of(&row) };
        let offer = self.0.offers.iter().find(|offer| offer.queue == row.queue);
        let (ticket, Some(number)) = (row.id, row.number) else { return Ok(None) };
        Ok(Some(Seen { offer, number, when, asked, progress, ticket, whose }))
    }

    /// Cancels what a code belongs to: the ticket, or what was added to an earlier one,
    /// which stands.
    pub(super) async fn withdraw(&self, code: &Private<String>, seen: &Seen<'_>) -> Withdrawn {
        match (seen.progress, seen.whose) {
            (Progress::Cancelled, _) => Withdrawn::Done,
            (Progress::Calling, _) => Withdrawn::TooLate,
            (Progress::Called | Progress::NotReached, _) => Withdrawn::Over,
            (Progress::Noted, Whose::Own) => match self.0.book.cancel(seen.ticket, By::Web).await {
                Answer::Cancelled => Withdrawn::Done,
                Answer::Refused(Refused::TooLate) => Withdrawn::TooLate,
                Answer::Refused(Refused::Unknown) => Withdrawn::Over,
                Answer::Refused(_) | Answer::Overdue | Answer::Promised { .. } => Withdrawn::NotNow,
            },
            (Progress::Noted, Whose::Earlier) => match self.0.store.withdraw_code(code, clock::wall()).await {
                Ok(()) => Withdrawn::Done,
                Err(_) => Withdrawn::NotNow,
            },
        }
    }
}

impl Progress {
    fn of(row: &TicketRow) -> Self {
        match row.state.as_str() {
            "dialling" | "connected" => Self::Calling,
            "done" => Self::Called,
            "given-up" => Self::NotReached,
            "cancelled" | "refused" => Self::Cancelled,
            _ => Self::Noted,
        }
    }
}
