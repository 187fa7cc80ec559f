//! What can be typed.

mod pictures;
mod flows;
mod check;
mod explain;
mod bans;
mod card;
#[cfg(feature = "lsp")]
mod lsp;
mod promises;
mod prompts;
mod test;
mod schema;
mod trunks;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use bans::{Bans, BansVerb};
pub(crate) use card::{Card, CardCheck, CardExport, CardFormat, CardImport};
pub(crate) use check::{Check, Format};
pub(crate) use explain::{Explain, ExplainFormat};
pub(crate) use flows::{Flows, FlowsVerb, Reload, Rollback};
#[cfg(feature = "lsp")]
pub(crate) use lsp::Lsp;
pub(crate) use pictures::{Diff, Graph, PictureFormat};
pub(crate) use promises::{Callbacks, CallbacksVerb, Messages, MessagesVerb};
pub(crate) use prompts::{CheckPrompts, ImportPrompts, ListFormat, ListPrompts, Prompts, Render, Studio};
pub(crate) use schema::{Schema, SchemaOf};
pub(crate) use test::{Test, TestFormat};
pub(crate) use trunks::Trunks;

/// A telephone reception for a public service.
#[derive(Debug, Parser)]
#[command(name = "svi", version, about, max_term_width = 100, propagate_version = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answers calls.
    #[command(after_help = "Example:\n  svi serve --flows flows --sip 0.0.0.0:5060")]
    Serve(Serve),
    /// Checks services before a caller can meet a mistake: 0 good, 1 findings, 2 could not run.
    #[command(
        after_help = "Examples:\n  svi check flows/france-services\n  svi check flows --format sarif > svi.sarif\n  svi check flows --report report.html"
    )]
    Check(Check),
    /// Tells why a finding is one, with a wrong and a right example, and how to mend it.
    #[command(
        after_help = "Examples:\n  svi explain\n  svi explain no-agent-path\n  svi explain no-agent-path --language fr"
    )]
    Explain(Explain),
    /// Plays a flow in the terminal, on a clock of its own.
    #[command(
        after_help = "Examples:\n  svi simulate flows/france-services\n  svi simulate flows/prefecture --at 2026-12-25T10:00 --keys 1,3 --queue waiting=12,agents=3"
    )]
    Simulate(Simulate),
    /// Draws a flow: steps, keys, hours, the ways to an agent.
    #[command(
        after_help = "Examples:\n  svi graph flows/france-services --out accueil.svg\n  svi graph flows/prefecture/accueil.yaml --format mermaid"
    )]
    Graph(Graph),
    /// Says in words what callers will notice of a change: 0 nothing, 1 something.
    #[command(
        after_help = "Example:\n  git worktree add /tmp/old HEAD && svi diff /tmp/old/flows/prefecture flows/prefecture"
    )]
    Diff(Diff),
    /// Makes the calls that are written beside a flow and compares what is heard: 0 good, 1 differences,
    /// 2 could not run.
    #[command(
        after_help = "Examples:\n  svi test\n  svi test flows/france-services --only carte\n  svi test flows --format junit > tests.xml"
    )]
    Test(Test),
    /// Prints the form of a service's files as JSON Schema, for editors.
    #[command(after_help = "Example:\n  svi schema flow > flow.json")]
    Schema(Schema),
    /// Answers an editor over standard input and output: the language server.
    #[cfg(feature = "lsp")]
    #[command(after_help = "See docs/editors.md for how to tell an editor of it.")]
    Lsp(Lsp),
    /// Places a real call, sends keys, records what is heard.
    #[command(
        after_help = "Example:\n  svi call sip:100@127.0.0.1:5060 --keys 2s:1,4s:2 --seconds 15 --record heard.wav"
    )]
    Call(Call),
    /// Renders, lists and checks the recorded voice, and brings in recordings of a studio.
    #[command(subcommand)]
    Prompts(Prompts),
    /// Brings a service's card together with the directory of the administration (annuaire), and gives
    /// it out in other forms.
    #[command(subcommand)]
    Card(Card),
    /// Shows what the agents of a running service are doing, and pauses or resumes them.
    #[command(
        after_help = "Examples:\n  svi agents\n  svi agents pause amina --reason repas\n\nSVI_TOKEN holds the token (http.token) when the service runs on another machine."
    )]
    Agents(Agents),
    /// Shows which addresses are not heard because of passwords and numbers they tried, and lifts a ban.
    #[command(
        after_help = "Examples:\n  svi bans\n  svi bans lift 203.0.113.4\n\nSVI_TOKEN holds the token (http.token) when the service runs on another machine."
    )]
    Bans(Bans),
    /// Shows the ways to outside numbers of a running service: whether they answer, where it
    /// is registered, and how many calls are out.
    #[command(
        after_help = "Example:\n  svi trunks\n\nSVI_TOKEN holds the token (http.token) when the service runs on another machine."
    )]
    Trunks(Trunks),
    /// Tells from the records how callers were served, how honest the told waits were, and
    /// what would raise the taux de décroché.
    #[command(
        after_help = "Examples:\n  svi report\n  svi report --from 2026-11-01 --to 2026-11-30 --queue agents\n  svi report --from 2026-01-01 --format csv > year.csv"
    )]
    Report(Report),
    /// Lists what callers have left, fetches its sound, settles it.
    #[command(
        after_help = "Examples:\n  svi messages\n  svi messages get 12 --out message.wav\n  svi messages settle 12 --by amina\n\nSVI_TOKEN holds the token (http.token) when the service runs on another machine."
    )]
    Messages(Messages),
    /// Lists the callbacks of a running service, shows one, cancels one.
    #[command(
        after_help = "Examples:\n  svi callbacks\n  svi callbacks list --state open --queue france-services/agents\n  svi callbacks show 12\n  svi callbacks cancel 12\n\nSVI_TOKEN holds the token (http.token) when the service runs on another machine."
    )]
    Callbacks(Callbacks),
    /// Checks the flows, and puts them in the place of those that a running service answers
    /// with: calls that are up keep theirs. 0 done, 1 refused, 2 could not run.
    #[command(
        after_help = "Example:\n  svi reload\n\nSVI_TOKEN holds the token (http.token) when the service runs on another machine."
    )]
    Reload(Reload),
    /// Puts an earlier version of the flows back, in a running service and on the disk.
    #[command(
        after_help = "Examples:\n  svi rollback\n  svi rollback 12 --keep\n\nSVI_TOKEN holds the token (http.token) when the service runs on another machine."
    )]
    Rollback(Rollback),
    /// Shows which version of the flows runs, those that there were, and how they differ.
    #[command(
        after_help = "Examples:\n  svi flows\n  svi flows versions\n  svi flows show 12 france-services/accueil.yaml\n  svi flows diff 12 9\n\nSVI_TOKEN holds the token (http.token) when the service runs on another machine."
    )]
    Flows(Flows),
    /// Copies the database to a new file while the service runs.
    #[command(after_help = "Example:\n  svi backup /var/backups/svi-2026-11-25.db")]
    Backup(Backup),
    /// Erases a person's number, callbacks and messages, also while the service runs, and says what it did.
    #[command(after_help = "Example:\n  svi forget +33612345678")]
    Forget(Forget),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    /// The first day, by the service's own clock (`2026-11-01`); six days before the last.
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<String>,
    /// The last day; today.
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<String>,
    /// Only this service, as its folder is called.
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Only this queue, as `queues.yaml` calls it, or with its service: `france-services/agents`.
    #[arg(long, value_name = "NAME")]
    pub(crate) queue: Option<String>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
    /// Settings file; `svi.yaml` when there is one.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of services: their time zones and opening hours.
    #[arg(long, value_name = "DIR")]
    pub(crate) flows: Option<PathBuf>,
    /// Folder of the database.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Tables and sentences.
    Text,
    /// Everything, as one JSON object.
    Json,
    /// A line for each queue and day.
    Csv,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Backup {
    /// The new file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) at: StoreArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Forget {
    /// The person's number, however it is written.
    #[arg(value_name = "NUMBER")]
    pub(crate) number: String,
    #[command(flatten)]
    pub(crate) at: StoreArgs,
    /// Where the running service listens for HTTP; as the settings say by default.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) http: Option<SocketAddr>,
}

/// Where the service keeps what it keeps; `SVI_STORE` may name a PostgreSQL database.
#[derive(Debug, clap::Args)]
pub(crate) struct StoreArgs {
    /// The service's settings file; `svi.yaml` when there is one.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the database and the records.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Agents {
    /// What to do; without it, everybody is shown.
    #[arg(value_enum, default_value_t = AgentsVerb::List)]
    pub(crate) verb: AgentsVerb,
    /// The agent.
    #[arg(value_name = "NAME", required_if_eq_any = [("verb", "pause"), ("verb", "resume"), ("verb", "login"), ("verb", "logout"), ("verb", "ready")])]
    pub(crate) name: Option<String>,
    /// Why, as the settings call it; their first reason by default.
    #[arg(long, value_name = "REASON")]
    pub(crate) reason: Option<String>,
    /// Where the service listens for HTTP.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) http: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AgentsVerb {
    /// Shows everybody.
    List,
    /// Begins a pause.
    Pause,
    /// Ends the pause.
    Resume,
    /// Begins the work.
    Login,
    /// Ends the work.
    Logout,
    /// Ends the wrap-up time.
    Ready,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Serve {
    /// Settings file; `svi.yaml` when there is one.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Address for SIP over UDP and TCP, or over one transport: `tls:0.0.0.0:5061`; may be given several times.
    #[arg(long, value_name = "[TRANSPORT:]HOST:PORT")]
    pub(crate) sip: Vec<crate::config::Listen>,
    /// Address for pages, the API, health and metrics.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) http: Option<SocketAddr>,
    /// Folder of services, one folder each.
    #[arg(long, value_name = "DIR")]
    pub(crate) flows: Option<PathBuf>,
    /// Folder of recorded prompts.
    #[arg(long, value_name = "DIR")]
    pub(crate) prompts: Option<PathBuf>,
    /// Folder of the database and the records.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Starts the wall clock at another time, to try a flow at night or on a holiday
    /// (`2026-12-25T10:00`, local time of the services).
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Simulate {
    /// Folder of the service, or the file of one of its flows.
    #[arg(value_name = "FLOW")]
    pub(crate) flow: PathBuf,
    /// Folder of recorded prompts, for the true lengths.
    #[arg(long, value_name = "DIR", default_value = "prompts")]
    pub(crate) prompts: PathBuf,
    /// When the call is made (`2026-12-25T10:00`, the service's local time); now by default.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Keys to press: `1,3` each when one is waited for, or `2s:1,4s:2` at these times.
    #[arg(long, value_name = "KEYS")]
    pub(crate) keys: Option<String>,
    /// The queue that the caller meets.
    #[arg(long, value_name = "waiting=N,agents=M", default_value = "waiting=0,agents=2")]
    pub(crate) queue: String,
    /// The caller's number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) from: Option<String>,
    /// What a server answers to the look-up of a step, once for each: `statut={"pret": true}`.
    /// Without it the look-up fails.
    #[arg(long = "lookup", value_name = "STEP=JSON")]
    pub(crate) lookups: Vec<crate::sim::Answer>,
    /// Makes a real call again, from the service's `records.jsonl`: no digit is in it, so the keys
    /// are found from the steps that followed them.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["keys", "random", "at", "queue", "from", "lookups"])]
    pub(crate) from_record: Option<PathBuf>,
    /// Which of the records, by its `sip_call_id`; the last one of the flow by default.
    #[arg(long, value_name = "CALL-ID", requires = "from_record")]
    pub(crate) call: Option<String>,
    /// Random callers instead of one, to look for one who is not served.
    #[arg(long, value_name = "N", conflicts_with_all = ["keys", "at", "queue", "from", "lookups", "json"])]
    pub(crate) random: Option<u32>,
    /// Writes the call as a test of the flow to this new file (docs/tests.md).
    #[arg(long, value_name = "FILE", conflicts_with = "random")]
    pub(crate) record: Option<PathBuf>,
    /// Seed of everything that is left to chance.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Prints the transcript as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Call {
    /// Whom to call.
    #[arg(value_name = "sip:USER@HOST:PORT")]
    pub(crate) to: String,
    /// Keys to send and when, counted from the answer: `2s:1,4s:2`.
    #[arg(long, value_name = "KEYS", default_value = "")]
    pub(crate) keys: String,
    /// How long the call lasts after the answer, unless the other side ends it.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) seconds: u64,
    /// Writes what was heard to a WAV file (8 kHz, 16 bit, mono).
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// The caller's number.
    #[arg(long, value_name = "USER", default_value = "svi-call")]
    pub(crate) from: String,
    /// Our address; found by asking the system for the way to the other side.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) bind: Option<SocketAddr>,
    /// Prints what happened as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Call {
    pub(crate) fn lasts(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn no_two_arguments_of_a_command_clash() {
        super::Args::command().debug_assert();
    }
}
