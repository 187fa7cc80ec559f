//! `bans:` how strangers who try passwords and numbers are met.

use marked_yaml::Node;

use super::document::Document;
use super::value::{self, Parsed};
use crate::sip::GuardRules;

pub(super) fn bans(file: &mut Document, node: Option<&Node>) -> GuardRules {
    let mut keys = file.section("bans", node, &["after", "within", "for", "per_account", "never"]);
    let usual = GuardRules::default();
    GuardRules {
        after: keys.read("after", times).unwrap_or(usual.after),
        within: keys.read("within", value::duration).unwrap_or(usual.within),
        lasts: keys.read("for", value::duration).unwrap_or(usual.lasts),
        per_account: keys.read("per_account", times).unwrap_or(usual.per_account),
        never: keys.read_list("never", value::network).unwrap_or(usual.never),
    }
}

fn times(text: &str) -> Parsed<u32> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "write a whole number from 1 on".to_owned())
}
