//! What of changed settings counts at once, and what from the next start.

use super::{Http, Settings, Web};

impl Settings {
    /// These settings with what counts at once of those that are written now: who answers and
    /// how, the trunks, the token, the web pages, and when flows are loaded. Without a list of agents the
    /// accounts of this run stay.
    #[must_use]
    pub fn renewed(&self, written: &Self) -> Self {
        let agents = if written.agents.is_empty() { self.agents.clone() } else { written.agents.clone() };
        Self {
            agents,
            codes: written.codes.clone(),
            pauses: written.pauses.clone(),
            whisper: written.whisper,
            supervision: written.supervision,
            transfers: written.transfers.clone(),
            trunks: written.trunks.clone(),
            outgoing: written.outgoing,
            web: Web { per_address: self.web.per_address, ..written.web.clone() },
            flows: written.flows,
            http: Http { token: written.http.token.clone(), ..self.http.clone() },
            ..self.clone()
        }
    }

    /// The keys that are written otherwise, and count from the next start.
    pub fn from_next_start(&self, written: &Self) -> Vec<&'static str> {
        let keys = [
            ("sip", self.sip != written.sip),
            // Made of the agents' passwords where it is not said.
            ("sip.digest", self.sip == written.sip && self.digest() != self.renewed(written).digest()),
            ("http.listen", self.http.listen != written.http.listen),
            ("rtp", self.rtp != written.rtp),
            ("paths", self.paths != written.paths),
            ("bans", self.bans != written.bans),
            ("voice", self.voice != written.voice),
            ("limits", self.limits != written.limits),
            ("callbacks", self.callbacks != written.callbacks),
            ("messages", self.messages != written.messages),
            ("mail", self.mail != written.mail),
            ("lookups", self.lookups != written.lookups),
            ("store", self.store != written.store),
            ("keep", self.keep != written.keep),
            ("web.per_address", self.web.per_address != written.web.per_address),
            ("log", self.log != written.log),
        ];
        keys.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Private;
    use crate::config::{Agent, Credentials, Ha1};
    use crate::diag::Source;

    fn read(text: &str) -> Settings {
        Settings::read(&Source::new("svi.yaml", text)).unwrap()
    }

    #[test]
    fn who_answers_and_how_counts_at_once() {
        let written = read(
            "agents: [{ name: amina, password: new }]\npauses: [repas]\nwhisper: false\nflows: { watch: false }\n\
             trunk: { address: sip.example.fr }\noutgoing: { at_once: 3 }\ncodes: { log_in: '*91' }\nsupervision: { allowed: true }\nhttp: { token: 0123456789abcdef }\n\
             web: { embed: ['https://www.mairie.example'] }\n",
        );
        let running = read("agents: [{ name: amina, password: old }]\n");
        assert_eq!(running.renewed(&written), written);
        assert_eq!(running.from_next_start(&written), Vec::<&str>::new());
    }

    #[test]
    fn what_sockets_and_the_disk_depend_on_counts_from_the_next_start() {
        let written = read(
            "sip: { realm: other }\nhttp: { listen: '127.0.0.1:8081' }\nrtp: { workers: 3 }\npaths: { flows: other }\n\
             limits: { calls: 3 }\ncallbacks: { attempts: 1 }\nlog: debug\n\
             messages: { per_number: 1 }\nkeep: { records: 1d }\nweb: { per_address: 1 }\n",
        );
        let running = Settings::default();
        let keys =
            ["sip", "http.listen", "rtp", "paths", "limits", "callbacks", "messages", "keep", "web.per_address", "log"];
        assert_eq!(running.from_next_start(&written), keys);
        let renewed = running.renewed(&written);
        assert_eq!((renewed.sip, renewed.limits), (running.sip, running.limits));
    }

    #[test]
    fn accounts_that_were_made_for_this_run_stay_while_nobody_is_listed() {
        let made = Agent::new("amina".into(), Some(Credentials::Password(Private::new("made".to_owned()))));
        let running = Settings { agents: vec![made.clone()], ..Settings::default() };
        assert_eq!(running.renewed(&Settings::default()).agents, [made]);
    }

    #[test]
    fn accounts_that_need_another_challenge_wait_for_the_next_start() {
        let ha1 = Ha1 { md5: None, sha256: Some(Private::new("0".repeat(64))) };
        let only_sha = Agent::new("amina".into(), Some(Credentials::Ha1(ha1)));
        let written = Settings { agents: vec![only_sha], ..Settings::default() };
        assert_eq!(Settings::default().from_next_start(&written), ["sip.digest"]);
    }
}
