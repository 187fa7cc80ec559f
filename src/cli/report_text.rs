//! The report for people.

use std::fmt::Write as _;

use super::report::ServiceReport;
use crate::base::QueueName;
use crate::call::past::report::{FEWEST, Figures, QueueReport, Repeats, Report, Short, TARGET, WEEKDAYS};

pub(super) fn text(reports: &[ServiceReport]) -> String {
    let mut out = String::new();
    for service in reports {
        let name =
            service.name.as_ref().map_or_else(|| service.service.clone(), |n| format!("{n} ({})", service.service));
        let Report { from, to, .. } = service.report;
        let _ = writeln!(out, "{name}, {from} to {to}\n");
        if service.report.total.asked == 0 {
            out.push_str("Nobody asked for an agent in opening hours on these days.\n\n");
            continue;
        }
        figures(&mut out, &service.report);
        taux(&mut out, &service.report);
        for queue in service.report.queues.iter().filter(|queue| queue.queue.is_some()) {
            too_few_agents(&mut out, queue, &service.report.total);
            given_up(&mut out, queue);
            quiet(&mut out, queue);
        }
        again(&mut out, &service.report.repeats);
        out.push('\n');
    }
    if reports.iter().any(|service| service.report.total.asked > 0) {
        out.push_str(LEGEND);
    }
    out
}

/// The days of each queue, and their sums.
fn figures(out: &mut String, report: &Report) {
    for queue in &report.queues {
        let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
        rows.extend(queue.days.iter().map(|day| row(&day.date.to_string(), &day.figures)));
        if queue.days.len() > 1 {
            rows.push(row("together", &queue.total));
        }
        let _ = writeln!(out, "{}\n{}", title(queue.queue.as_ref()), table(&rows));
    }
    if report.queues.len() > 1 {
        let rows = [HEAD.map(str::to_owned).to_vec(), row("together", &report.total)];
        let _ = writeln!(out, "All queues\n{}", table(&rows));
    }
}

fn title(queue: Option<&QueueName>) -> String {
    queue.map_or_else(|| "Without a queue".to_owned(), |name| format!("Queue {name}"))
}

const HEAD: [&str; 13] = [
    "",
    "asked",
    "answered",
    "taux",
    "gave up",
    "wait 1/2",
    "wait 9/10",
    "marks",
    "mean",
    "told",
    "off by",
    "longer",
    "above/below",
];

fn row(name: &str, figures: &Figures) -> Vec<String> {
    let told = &figures.told;
    let ends = match (told.above, told.below) {
        (Some(above), Some(below)) => format!("{}/{}", percent(Some(above), 0), percent(Some(below), 0)),
        _ => NONE.to_owned(),
    };
    vec![
        name.to_owned(),
        figures.asked.to_string(),
        figures.answered.to_string(),
        percent(figures.taux, 1),
        figures.abandoned.to_string(),
        clock(figures.wait_median_s),
        clock(figures.wait_p90_s),
        figures.marks.to_string(),
        figures.satisfaction.map_or_else(|| NONE.to_owned(), |mean| format!("{mean:.1}")),
        told.callers.to_string(),
        clock(told.median_error_s),
        percent(told.longer, 0),
        ends,
    ]
}

fn taux(out: &mut String, report: &Report) {
    let Figures { asked, answered, taux: Some(share), .. } = report.total else { return };
    let (taux, target) = (percent(Some(share), 1), percent(Some(TARGET), 0));
    let missing = ((asked as f64 * TARGET).ceil() as u64).saturating_sub(answered);
    let _ = match missing {
        0 => writeln!(out, "The taux de décroché is {taux}: the target of {target} is reached."),
        _ => writeln!(
            out,
            "The taux de décroché is {taux}: {missing} more answered calls would have reached the target of {target}."
        ),
    };
    if asked < FEW {
        let _ = writeln!(out, "It rests on {asked} calls only: a day's chance moves it by several points.");
    }
    out.push('\n');
}

fn too_few_agents(out: &mut String, queue: &QueueReport, total: &Figures) {
    let Short { half_hours, gain, thin, thin_lost } = &queue.short;
    if half_hours.is_empty() && *thin == 0 {
        return;
    }
    let _ = writeln!(out, "{}: half hours with too few agents", title(queue.queue.as_ref()));
    if !half_hours.is_empty() {
        let mut rows = vec![["", "asked", "answered", "taux", "agents", "it takes"].map(str::to_owned).to_vec()];
        rows.extend(half_hours.iter().take(SHOWN).map(|short| {
            let share = short.answered as f64 / short.asked as f64;
            let (asked, answered) = (short.asked.to_string(), short.answered.to_string());
            let (agents, needed) = (format!("{:.1}", short.agents), short.needed.to_string());
            vec![format!("{} {}", short.day, short.from), asked, answered, percent(Some(share), 0), agents, needed]
        }));
        out.push_str(&table(&rows));
        if half_hours.len() > SHOWN {
            let _ = writeln!(out, "  and {} more (all of them with --format json)", half_hours.len() - SHOWN);
        }
        let then = (total.answered + gain) as f64 / total.asked as f64;
        let _ = writeln!(
            out,
            "  At {} in each of these, {gain} more calls would have been answered: {} in all.",
            percent(Some(TARGET), 0),
            percent(Some(then), 1)
        );
    }
    if *thin > 0 {
        let _ = writeln!(
            out,
            "  {thin} half hours were below {} with fewer than {FEWEST} calls each, {thin_lost} calls lost in all: too few \
             to tell; --from takes more weeks together.",
            percent(Some(TARGET), 0)
        );
    }
    out.push('\n');
}

fn given_up(out: &mut String, queue: &QueueReport) {
    if queue.after_told.iter().all(|step| step.gave_up == 0) {
        return;
    }
    let _ = writeln!(out, "{}: what those had been told last who gave up", title(queue.queue.as_ref()));
    let mut rows = vec![["wait", "callers", "answered", "gave up", ""].map(str::to_owned).to_vec()];
    rows.extend(queue.after_told.iter().map(|step| {
        let spoken = step.spoken.map_or_else(|| "none".to_owned(), |spoken| spoken.to_string());
        let share = (step.callers >= FEWEST).then(|| step.gave_up as f64 / step.callers as f64);
        let counts = [step.callers, step.answered, step.gave_up].map(|n| n.to_string());
        [vec![spoken], counts.to_vec(), vec![percent(share, 0)]].concat()
    }));
    let _ = writeln!(out, "{}", table(&rows));
}

fn quiet(out: &mut String, queue: &QueueReport) {
    if let Some(quiet) = queue.quiet {
        let (day, spoken) = (WEEKDAYS[quiet.weekday % 7], quiet.wait);
        let title = title(queue.queue.as_ref());
        let _ = writeln!(out, "{title}: it is quietest on {day} {} to {} ({spoken})\n", quiet.from, quiet.to);
    }
}

fn again(out: &mut String, repeats: &Repeats) {
    let Repeats { unanswered, withheld, again, then_answered } = repeats;
    if *unanswered == 0 {
        return;
    }
    let _ = writeln!(
        out,
        "Of {unanswered} calls that nobody answered, {again} were followed by another from the same number within an \
         hour, and {then_answered} of those were answered; {withheld} came without a number."
    );
}

/// Columns side by side: the first to the left, numbers to the right.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().filter_map(|row| Some(row.get(column)?.chars().count())).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = match at {
                0 => write!(line, "  {cell:<width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

fn percent(share: Option<f64>, digits: usize) -> String {
    share.map_or_else(|| NONE.to_owned(), |share| format!("{:.digits$} %", share * 100.0))
}

/// Minutes and seconds.
fn clock(seconds: Option<u64>) -> String {
    seconds.map_or_else(|| NONE.to_owned(), |seconds| format!("{}:{:02}", seconds / 60, seconds % 60))
}

const NONE: &str = "-";
/// Lines of half hours: what can be mended within a month.
const SHOWN: usize = 10;
/// Below so many calls the taux has a standard error of more than four points at the target.
const FEW: u64 = 80;

const LEGEND: &str = "\
asked: for an agent, in opening hours; taux: answered of these; gave up: hung up while waiting
wait: of those who were answered, half and nine in ten waited no longer (minutes:seconds)
marks, mean: of the survey; told: callers who were told a wait; off by: the median error of the first wait told
longer: callers who waited longer than they were told; above/below: the range that was meant to miss 10 % on each side
-: fewer than 10 callers, so chance would speak
";
