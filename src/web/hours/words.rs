use chrono::NaiveDate;

use crate::base::{Escaped, Language, UNRESERVED, WallTime};
use crate::service::{Exception, Hours, WhyClosed};
use crate::web::callbacks::words as common;

/// The hours of a week in one line: `mercredi, jeudi, 14 h – 16 h`.
pub(super) fn week(language: Language, hours: &Hours, now: WallTime) -> String {
    let groups = common::week(language, hours, now);
    groups.into_iter().map(|(days, times)| format!("{days}, {times}")).collect::<Vec<_>>().join(" ; ")
}

/// What is not as usual in the three months that come.
pub(super) fn exceptions(language: Language, hours: &Hours, now: WallTime) -> Vec<String> {
    let (today, _) = hours.local(now);
    let told = hours.exceptions(now, AHEAD).into_iter().take(SHOWN);
    told.map(|exception| line(language, &exception, today)).collect()
}

/// `vendredi 25 décembre : fermé (jour férié)`.
fn line(language: Language, exception: &Exception, today: NaiveDate) -> String {
    let day = |date| common::day(language, date, today);
    let tomorrow = today.succ_opt();
    let (from, to) = (exception.from, exception.to);
    let when = match language {
        _ if from == to => day(from),
        Language::Fr => {
            let since = match from {
                from if from == today => "d’",
                from if Some(from) == tomorrow => "de ",
                _ => "du ",
            };
            let until = if Some(to) == tomorrow { "à" } else { "au" };
            format!("{since}{} {until} {}", day(from), day(to))
        }
        Language::En => format!("from {} to {}", day(from), day(to)),
    };
    let closed = ["fermé", "closed"][language as usize];
    let what = match &exception.why {
        None => common::times(language, &exception.hours),
        Some(WhyClosed::Holiday) => format!("{closed} ({})", ["jour férié", "public holiday"][language as usize]),
        Some(WhyClosed::Hours) => closed.to_owned(),
        Some(WhyClosed::Closure(closure)) => match &closure.reason {
            Some(reason) => format!("{closed} ({})", reason.get(language).trim().trim_end_matches('.')),
            None => closed.to_owned(),
        },
    };
    let colon = [" : ", ": "][language as usize];
    format!("{when}{colon}{what}")
}

/// A web address as people read it.
pub(super) fn site(url: &str) -> &str {
    let url = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or(url);
    url.trim_end_matches('/')
}

/// A name as it stands in the query of an address.
pub(super) fn encoded(name: &str) -> String {
    Escaped(name, UNRESERVED).to_string()
}

/// Days.
const AHEAD: usize = 92;
/// Lines.
const SHOWN: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{Calendar, Closure};

    /// Tuesday 24 November 2026, nine in the morning in Paris.
    const NOW: WallTime = WallTime::from_millis(1_795_507_200_000);

    #[test]
    fn what_is_not_as_usual_is_said_with_its_day_and_its_reason() {
        let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default();
        let reason = Some(crate::base::Localized { fr: "travaux".into(), en: None });
        let closures = vec![Closure { from: day(12, 2), to: day(12, 4), reason }];
        let calendar = Calendar { closures, ..Calendar::new(chrono_tz::Europe::Paris) };
        let text = "Mo-Fr 09:00-17:00; 2026 Nov 25 09:00-12:00; PH off";
        let hours = Hours::with_calendar(text, calendar).unwrap();
        let plain = |language| exceptions(language, &hours, NOW).join("\n").replace('\u{a0}', " ");
        assert_eq!(
            plain(Language::Fr),
            "demain : 9 h – 12 h\n\
             du mercredi 2 décembre au vendredi 4 décembre : fermé (travaux)\n\
             vendredi 25 décembre : fermé (jour férié)\n\
             vendredi 1er janvier : fermé (jour férié)"
        );
        assert!(plain(Language::En).ends_with("Friday 1 January: closed (public holiday)"));
    }

    #[test]
    fn a_name_can_not_leave_its_place_in_an_address() {
        assert_eq!(encoded("france-services"), "france-services");
        assert_eq!(encoded("été&x=1 #"), "%C3%A9t%C3%A9%26x%3D1%20%23");
    }
}
