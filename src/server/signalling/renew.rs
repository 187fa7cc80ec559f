use std::sync::Arc;

use super::super::call_task::CallShell;
use super::super::reload::Edition;
use super::super::{accounts, clock, trunks};
use super::Signalling;
use crate::config::Settings;
use crate::sip::Input;

/// What is other after a reload.
impl Signalling {
    /// Receives with other flows, other prompts and other trunks from now on.
    pub(super) fn renew(&mut self, edition: Edition) {
        let Edition { settings, directory, prompts, calls } = edition;
        (self.house.directory, self.house.settings) = (directory, calls);
        self.endpoint.handle(clock::now(), Input::Accounts(accounts::known(&settings)));
        self.shell = Arc::new(CallShell { prompts, ..CallShell::clone(&self.shell) });
        // Who is leaving registers nowhere any more.
        if !self.draining {
            self.renew_trunks(&settings);
        }
    }

    fn renew_trunks(&mut self, settings: &Settings) {
        let service = self.house.directory.first_number();
        // A reload without a number to present was refused.
        let Ok(mut trunks) = accounts::trunks(settings, service.as_ref()) else { return };
        self.locator.seek(&settings.trunks);
        self.locator.place(&mut trunks);
        self.lines.keep_trunks(&trunks);
        trunks.iter().for_each(|trunk| self.lines.locate(&trunk.name, &trunk.domain, &trunk.hops));
        let before = self.endpoint.trunks(clock::now());
        let caps = settings.outgoing.caps;
        self.endpoint.handle(clock::now(), Input::Trunks { trunks, caps });
        trunks::renewed(&before, &self.endpoint.trunks(clock::now()));
    }
}
