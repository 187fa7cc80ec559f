//! The report as a table for other programs: a line for each queue and day.

use super::report::ServiceReport;
use crate::call::past::report::Figures;

const HEAD: &str = "service,queue,date,asked,answered,taux,abandoned,wait_median_s,wait_p90_s,marks,satisfaction,\
                    told,told_unknown,told_median_error_s,told_longer,told_above,told_below";

/// Nothing stands where too little is known.
pub(super) fn csv(reports: &[ServiceReport]) -> String {
    let mut lines = vec![HEAD.to_owned()];
    for service in reports {
        for queue in &service.report.queues {
            let name = queue.queue.as_ref().map_or("", |name| name.as_str());
            for day in &queue.days {
                let place = [quoted(&service.service), quoted(name), day.date.to_string()];
                lines.push(place.into_iter().chain(cells(&day.figures)).collect::<Vec<_>>().join(","));
            }
        }
    }
    lines.join("\n")
}

fn cells(figures: &Figures) -> [String; 14] {
    let Figures { asked, answered, taux, abandoned, wait_median_s, wait_p90_s, marks, satisfaction, told } = figures;
    let number = |n: &Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
    let share = |share: &Option<f64>| share.map(|share| format!("{share:.4}")).unwrap_or_default();
    [
        asked.to_string(),
        answered.to_string(),
        share(taux),
        abandoned.to_string(),
        number(wait_median_s),
        number(wait_p90_s),
        marks.to_string(),
        share(satisfaction),
        told.callers.to_string(),
        told.unknown.to_string(),
        number(&told.median_error_s),
        share(&told.longer),
        share(&told.above),
        share(&told.below),
    ]
}

/// A name as RFC 4180 (section 2, rules 5 to 7) wants it.
fn quoted(name: &str) -> String {
    if name.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_comma_is_quoted() {
        assert_eq!(quoted("accueil, mairie \"centre\""), "\"accueil, mairie \"\"centre\"\"\"");
        assert_eq!(quoted("france-services"), "france-services");
    }
}
