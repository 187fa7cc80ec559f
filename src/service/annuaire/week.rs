use super::Opening;
use crate::service::{DayHours, TimeOfDay};

/// A week's hours, Monday first.
pub(super) type Week = [DayHours; 7];

/// What the hours of a record say.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The hours that hold every week.
    pub(super) every_week: Week,
    /// Hours with a remark: what they are, by day, and the remark.
    pub(super) remarked: Vec<(Week, String)>,
    /// What can't be read as hours, as it is written.
    pub(super) unclear: Vec<String>,
}

impl Told {
    /// Reads the hours of a record.
    pub(super) fn read(openings: &[Opening]) -> Self {
        let mut told = Self::default();
        for opening in openings {
            match hours(opening) {
                None => told.unclear.push(written(opening)),
                Some(week) if opening.commentaire.is_empty() => {
                    for (day, times) in told.every_week.iter_mut().zip(week) {
                        day.extend(times);
                    }
                }
                Some(week) => told.remarked.push((week, opening.commentaire.clone())),
            }
        }
        for day in &mut told.every_week {
            day.sort_unstable();
            day.dedup();
        }
        told
    }

    /// Whether a weekday, Monday as 0, has hours with a remark.
    pub(super) fn is_remarked(&self, day: usize) -> bool {
        self.remarked.iter().any(|(week, _)| !week[day].is_empty())
    }
}

/// One line of hours on its days; `None` where a person has to look.
fn hours(opening: &Opening) -> Option<Week> {
    let first = weekday(&opening.nom_jour_debut)?;
    let last = if opening.nom_jour_fin.is_empty() { first } else { weekday(&opening.nom_jour_fin)? };
    let mut times = DayHours::new();
    for (from, to) in [
        (&opening.valeur_heure_debut_1, &opening.valeur_heure_fin_1),
        (&opening.valeur_heure_debut_2, &opening.valeur_heure_fin_2),
    ] {
        if from.is_empty() && to.is_empty() {
            continue;
        }
        let (from, to) = (clock(from)?, clock(to).map(end_of_day)?);
        let before = times.last().map_or(TimeOfDay::MIDNIGHT, |(_, end)| *end);
        if from < before || to <= from {
            return None;
        }
        times.push((from, to));
    }
    if times.is_empty() || last < first {
        return None;
    }
    let mut week = Week::default();
    week[first..=last].fill(times);
    Some(week)
}

fn weekday(name: &str) -> Option<usize> {
    DAYS.iter().position(|(french, _)| french.eq_ignore_ascii_case(name))
}

/// Whole minutes only.
fn clock(text: &str) -> Option<TimeOfDay> {
    let mut parts = text.split(':');
    let mut next = || parts.next()?.parse::<u8>().ok();
    let time = TimeOfDay::new(next()?, next()?)?;
    let seconds = parts.next().unwrap_or("00");
    (seconds == "00" && parts.next().is_none() && time <= TimeOfDay::END).then_some(time)
}

/// The directory has no `24:00`.
fn end_of_day(time: TimeOfDay) -> TimeOfDay {
    if time == TimeOfDay::LAST_MINUTE { TimeOfDay::END } else { time }
}

/// A line of hours as a person reads it.
fn written(opening: &Opening) -> String {
    let days = match (&*opening.nom_jour_debut, &*opening.nom_jour_fin) {
        (first, last) if last.is_empty() || first == last => first.to_owned(),
        (first, last) => format!("{first} – {last}"),
    };
    let times = [
        (&opening.valeur_heure_debut_1, &opening.valeur_heure_fin_1),
        (&opening.valeur_heure_debut_2, &opening.valeur_heure_fin_2),
    ];
    let times = times.iter().filter(|(from, to)| !(from.is_empty() && to.is_empty()));
    let times: Vec<String> = times.map(|(from, to)| format!("{from} – {to}")).collect();
    let parts = [days, times.join(", "), opening.commentaire.clone()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" : ")
}

/// A week in OpenStreetMap's syntax, equal days together: `Mo-Fr 09:00-12:00,14:00-17:00; Sa 09:00-12:00`.
pub(super) fn osm(week: &Week) -> String {
    let mut groups: Vec<(Vec<usize>, &DayHours)> = Vec::new();
    for (day, times) in week.iter().enumerate().filter(|(_, times)| !times.is_empty()) {
        match groups.iter_mut().find(|(_, known)| *known == times) {
            Some((days, _)) => days.push(day),
            None => groups.push((vec![day], times)),
        }
    }
    let time = |(from, to): &(TimeOfDay, TimeOfDay)| format!("{from}-{to}");
    let group = |(days, times): (Vec<usize>, &DayHours)| {
        let times: Vec<String> = times.iter().map(time).collect();
        format!("{} {}", days_osm(&days), times.join(","))
    };
    groups.into_iter().map(group).collect::<Vec<_>>().join("; ")
}

fn days_osm(days: &[usize]) -> String {
    let run = |(first, last): (usize, usize)| match last - first {
        0 => DAYS[first].1.to_owned(),
        1 => format!("{},{}", DAYS[first].1, DAYS[last].1),
        _ => format!("{}-{}", DAYS[first].1, DAYS[last].1),
    };
    runs(days).into_iter().map(run).collect::<Vec<_>>().join(",")
}

/// Days in a row, first and last.
fn runs(days: &[usize]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for day in days {
        match runs.last_mut().filter(|(_, last)| last + 1 == *day) {
            Some((_, last)) => *last = *day,
            None => runs.push((*day, *day)),
        }
    }
    runs
}

/// A week as the directory writes it, two times on a line; what lies behind midnight can't be
/// written, and is given back in words.
pub(super) fn openings(week: &Week) -> (Vec<Opening>, Vec<String>) {
    let (mut lines, mut words) = (Vec::new(), Vec::new());
    let mut day = 0;
    while day < 7 {
        let last = (day..7).take_while(|other| week[*other] == week[day]).last().unwrap_or(day);
        let (within, over): (DayHours, DayHours) = week[day].iter().partition(|(_, to)| *to <= TimeOfDay::END);
        for pair in within.chunks(2) {
            lines.push(opening((day, last), pair));
        }
        for (from, to) in over {
            let to = TimeOfDay::new(to.hour(), to.minute()).unwrap_or_default();
            words.push(format!("{} : {from}-{to} (le lendemain).", days_french(day, last)));
        }
        day = last + 1;
    }
    (lines, words)
}

fn opening((first, last): (usize, usize), times: &[(TimeOfDay, TimeOfDay)]) -> Opening {
    let begins = |nth: usize| times.get(nth).map(|(from, _)| format!("{from}:00")).unwrap_or_default();
    let ends = |nth: usize| {
        times.get(nth).map(|(_, to)| format!("{}:00", (*to).min(TimeOfDay::LAST_MINUTE))).unwrap_or_default()
    };
    Opening {
        nom_jour_debut: DAYS[first].0.to_owned(),
        nom_jour_fin: DAYS[last].0.to_owned(),
        valeur_heure_debut_1: begins(0),
        valeur_heure_fin_1: ends(0),
        valeur_heure_debut_2: begins(1),
        valeur_heure_fin_2: ends(1),
        commentaire: String::new(),
    }
}

fn days_french(first: usize, last: usize) -> String {
    match last - first {
        0 => DAYS[first].0.to_owned(),
        _ => format!("{} – {}", DAYS[first].0, DAYS[last].0),
    }
}

/// A weekday's French name, Monday as 0.
pub(super) fn day_name(day: usize) -> &'static str {
    DAYS[day % 7].0
}

/// As the directory and as OpenStreetMap name the days.
const DAYS: [(&str, &str); 7] = [
    ("Lundi", "Mo"),
    ("Mardi", "Tu"),
    ("Mercredi", "We"),
    ("Jeudi", "Th"),
    ("Vendredi", "Fr"),
    ("Samedi", "Sa"),
    ("Dimanche", "Su"),
];
