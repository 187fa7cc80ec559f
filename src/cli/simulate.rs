//! `svi simulate`: a flow in the terminal, on a clock of its own.

use std::collections::BTreeSet;
use std::io::{BufRead, IsTerminal, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::args::Simulate;
use super::{Verdict, check, files, retrace, say, tell, test};
use crate::base::{Digit, PhoneNumber, local_time, parse_digits};
use crate::flow::{Program, Service};
use crate::media::Library;
use crate::server::clock;
use crate::server::prompts::PromptStore;
use crate::sim::{self, Answers, Caller, Crowding, Played, Scenario, Script, Search, Simulation};
use crate::speech::Fragment;

pub(crate) fn run(args: &Simulate) -> Result<Verdict> {
    // A flow can be tried before its sentences have a voice.
    let found = files::services(std::slice::from_ref(&args.flow), &files::Everything)?;
    if found.has_errors() {
        check::show(&found.diagnostics);
        return Ok(Verdict::Findings);
    }
    let (service, program) = choose(&found.services, &args.flow)?;
    let prompts = PromptStore::open(&args.prompts)?;
    let zone = service.card.phone_hours.zone();
    let at = match &args.at {
        Some(at) => local_time(at, zone)?,
        None => clock::wall(),
    };
    let lengths = |fragment: &Fragment| length(prompts.library(), fragment);
    if args.random.is_some() {
        let named = args.flow.is_file();
        let programs = if named { vec![program] } else { service.flows.clone() };
        return Ok(random(&service, &programs, args, &lengths));
    }
    let (scenario, script) = match &args.from_record {
        Some(path) => {
            let (scenario, script) = retrace::retrace(path, args.call.as_deref(), (&service, &program), &lengths)?;
            (scenario, Some(script))
        }
        None => {
            let Crowding { waiting, agents } = args.queue.parse()?;
            let caller = args.from.as_deref().map(PhoneNumber::parse).transpose()?;
            let script = args.keys.as_deref().map(str::parse::<Script>).transpose()?;
            let answers = Answers::of(&args.lookups);
            let usual = Scenario::new(service, program, at);
            (Scenario { waiting, agents, caller, answers, seed: args.seed, ..usual }, script)
        }
    };
    let mut simulation = Simulation::new(scenario, &lengths);
    match &script {
        Some(script) => script.run(&mut simulation),
        None => converse(&mut simulation, args.json)?,
    }
    if let Some(path) = &args.record {
        test::keep(&simulation, path, &lengths)?;
    }
    if args.json {
        say(&sim::to_json(simulation.lines()));
    } else if script.is_some() {
        say(sim::transcript(simulation.lines()).trim_end());
    }
    Ok(Verdict::Good)
}

/// The recorded length, or a guess for what has no recording yet.
pub(crate) fn length(library: &Library, fragment: &Fragment) -> Duration {
    library.length(fragment).unwrap_or_else(|| sim::estimated_length(fragment))
}

/// The flow of the named file; the first one of a folder.
pub(crate) fn choose(services: &[Arc<Service>], path: &Path) -> Result<(Arc<Service>, Arc<Program>)> {
    let named = path.is_file().then(|| path.file_name()).flatten();
    for service in services {
        for program in &service.flows {
            let source = program.steps.first().map(|step| Path::new(&step.span.source.path));
            let same = source.and_then(Path::file_name) == named;
            if named.is_none() || same {
                return Ok((Arc::clone(service), Arc::clone(program)));
            }
        }
    }
    bail!("`{}` holds no flow", path.display())
}

/// Random callers on every processor; the first of each fault is shown, as short as it gets,
/// and the test that it makes.
fn random(service: &Arc<Service>, programs: &[Arc<Program>], args: &Simulate, lengths: sim::Lengths<'_>) -> Verdict {
    let n = args.random.unwrap_or(0) as usize;
    let mut search = Search::new(service, programs, args.seed);
    let (began, mut left) = (clock::now(), n);
    while left > 0 {
        let callers = search.callers(left.min(sim::ROUND));
        left -= callers.len();
        search.learn(side_by_side(&callers, lengths));
    }
    let mut told = BTreeSet::new();
    for failure in search.failures() {
        if told.insert(failure.fault) {
            let shrunk = failure.shrunk(lengths);
            say(&format!("caller {} {}\n{}", failure.caller, failure.fault.words(), shrunk.transcript));
            say(&format!("# As a test, which passes once it is mended:\n{}", shrunk.test));
        }
    }
    for covered in search.covered() {
        let ((steps, no_steps), (ways, no_ways)) = (covered.steps(), covered.ways());
        let [steps, ways] =
            [(steps, no_steps.len()), (ways, no_ways.len())].map(|(all, not)| format!("{} of {all}", all - not));
        tell(&format!("flow {}: {steps} steps, {ways} ways out were taken", covered.program().name));
    }
    let failed = search.failures().len();
    let took = clock::now().since(began).as_secs_f64();
    tell(&format!("{n} random callers in {took:.1} s, {failed} not served (seed {})", args.seed));
    if failed == 0 { Verdict::Good } else { Verdict::Findings }
}

/// What became of each caller, in their order.
fn side_by_side(callers: &[Caller], lengths: sim::Lengths<'_>) -> Vec<Played> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        let each = callers.chunks(callers.len().div_ceil(threads).max(1));
        let play = |caller| Search::play(caller, lengths);
        let threads: Vec<_> = each.map(|some| scope.spawn(move || some.iter().map(play).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("invariant: no call panics")).collect()
    })
}

/// Shows what is heard, reads keys line by line. An empty line lets time pass; the end
/// of the input lets the call run to its end.
fn converse(simulation: &mut Simulation<'_>, quiet: bool) -> Result<()> {
    let stdin = std::io::stdin();
    let asks = stdin.is_terminal() && !quiet;
    if asks {
        tell("Type keys (0 to 9, * and #), Enter to let time pass, Ctrl-D to wait for the end.");
    }
    let mut shown = 0;
    let mut line = String::new();
    loop {
        simulation.run_until_idle();
        show(simulation, &mut shown, quiet);
        if simulation.ending().is_some() {
            return Ok(());
        }
        if asks {
            let _ = write!(std::io::stderr(), "> ");
        }
        line.clear();
        if stdin.lock().read_line(&mut line).context("the keys can't be read")? == 0 {
            simulation.run_to_end(crate::base::limits::CALL_DURATION);
            show(simulation, &mut shown, quiet);
            return Ok(());
        }
        match typed(line.trim()) {
            Some(keys) if keys.is_empty() => {
                simulation.advance_to_next();
            }
            Some(keys) => keys.into_iter().for_each(|key| simulation.press(key)),
            None => tell("That is no key of the telephone."),
        }
    }
}

fn typed(text: &str) -> Option<Vec<Digit>> {
    parse_digits(text)
}

fn show(simulation: &Simulation<'_>, shown: &mut usize, quiet: bool) {
    let lines = &simulation.lines()[*shown..];
    *shown += lines.len();
    if !quiet && !lines.is_empty() {
        say(sim::transcript(lines).trim_end());
    }
}
