//! `svi simulate`: a flow in the terminal, on a clock of its own.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::args::Simulate;
use super::serve::parse_local;
use super::{Verdict, check, files, say, tell};
use crate::base::{Digit, PhoneNumber, parse_digits};
use crate::flow::{Program, Service};
use crate::media::Library;
use crate::server::clock;
use crate::server::prompts::PromptStore;
use crate::sim::{self, Answers, Crowding, Scenario, Script, Simulation};
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
        Some(at) => parse_local(at, zone)?,
        None => clock::wall(),
    };
    if let Some(n) = args.random {
        return Ok(random(&service, &program, n, args.seed));
    }
    let Crowding { waiting, agents } = args.queue.parse()?;
    let caller = args.from.as_deref().map(PhoneNumber::parse).transpose()?;
    let scenario = Scenario {
        service,
        program,
        at,
        waiting,
        agents,
        caller,
        answers: Answers::of(&args.lookups),
        seed: args.seed,
    };
    let lengths = |fragment: &Fragment| length(prompts.library(), fragment);
    let mut simulation = Simulation::new(scenario, &lengths);
    match &args.keys {
        Some(keys) => keys.parse::<Script>()?.run(&mut simulation),
        None => converse(&mut simulation, args.json)?,
    }
    if args.json {
        say(&sim::to_json(simulation.lines()));
    } else if args.keys.is_some() {
        say(sim::transcript(simulation.lines()).trim_end());
    }
    Ok(Verdict::Good)
}

/// The recorded length, or a guess for what has no recording yet.
fn length(library: &Library, fragment: &Fragment) -> Duration {
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

fn random(service: &Arc<Service>, program: &Arc<Program>, n: u32, seed: u64) -> Verdict {
    let failures = sim::random(service, program, n as usize, seed);
    for failure in &failures {
        say(&format!("caller {}: {}\n{}", failure.caller, failure.why, failure.transcript));
    }
    tell(&format!("{n} random callers, {} not served (seed {seed})", failures.len()));
    if failures.is_empty() { Verdict::Good } else { Verdict::Findings }
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
