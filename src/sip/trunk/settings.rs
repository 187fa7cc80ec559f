use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use super::Caps;
use crate::base::PhoneNumber;
use crate::service::is_premium;
use crate::sip::digest::ClientSecret;
use crate::sip::transport::{Hop, Transport};
use crate::sip::us::Way;

/// A way to outside numbers, and from them.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// What the operator of this service calls it, in the log and the API.
    pub name: Arc<str>,
    /// Where its requests go, and its calls come from: the first one, and when that one does
    /// not answer the next. None until its name has been looked up.
    pub hops: Vec<Hop>,
    /// Our own addresses on the way to each of them.
    pub ways: Vec<Way>,
    /// Other addresses that its calls come from.
    pub from: Vec<IpNet>,
    /// The host in its request URIs, and in its certificate.
    pub domain: String,
    /// What its challenges are answered with.
    pub username: String,
    /// The password, or its HA1.
    pub secret: ClientSecret,
    /// The number that is presented to the called side.
    pub presented: PhoneNumber,
    /// How numbers are written to it.
    pub written: Written,
    /// Whether the presented number is asserted too (P-Asserted-Identity, RFC 3325).
    pub asserts: bool,
    /// What a number must start with to be dialled, in international (`+33`) or national (`01`) form; empty allows nothing.
    pub prefixes: Vec<String>,
    /// What the numbers that are called through it start with; empty is all.
    pub numbers: Vec<String>,
    /// How often a call is sent on at most when the operator says so (3xx).
    pub redirects: u8,
    /// How many calls go out by it at most.
    pub caps: Caps,
    /// How often it is asked whether it is there (OPTIONS), if it is.
    pub keep_alive: Option<Duration>,
    /// For how long we register with it, if we do.
    pub register: Option<Duration>,
}

/// How a number is written on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Written {
    /// `+33143124567`.
    #[default]
    International,
    /// `0143124567`, and `00442071234567` for another country.
    National,
}

impl Trunk {
    /// A trunk at one address that nobody is called through yet.
    pub fn at(transport: Transport, address: SocketAddr, domain: &str, presented: PhoneNumber) -> Self {
        Self {
            name: "trunk".into(),
            hops: vec![Hop::by(transport, address)],
            ways: Vec::new(),
            from: Vec::new(),
            domain: domain.to_owned(),
            username: String::new(),
            secret: ClientSecret::Password(String::new()),
            presented,
            written: Written::default(),
            asserts: false,
            prefixes: Vec::new(),
            numbers: Vec::new(),
            redirects: 0,
            caps: Caps::default(),
            keep_alive: None,
            register: None,
        }
    }

    /// Whether the number may be dialled: it is listed, and no premium-rate number.
    pub(crate) fn allows(&self, number: &PhoneNumber) -> bool {
        self.fits(number).is_some()
    }

    /// How well the number fits: the digits of the longest prefix that allows it.
    pub(super) fn fits(&self, number: &PhoneNumber) -> Option<usize> {
        let fitting = self.prefixes.iter().filter(|prefix| begins(number, prefix)).map(|prefix| length(prefix));
        fitting.max().filter(|_| !is_premium(&number.international()))
    }

    /// Whether calls to what was dialled come in by it.
    pub(super) fn takes(&self, dialled: &str) -> bool {
        let listed = |number: PhoneNumber| is_listed(&number, &self.numbers);
        self.numbers.is_empty() || PhoneNumber::parse(dialled).is_ok_and(listed)
    }

    /// Whether what comes from an address is its.
    pub(super) fn is_at(&self, ip: IpAddr) -> bool {
        self.hops.iter().any(|hop| hop.address.ip() == ip) || self.from.iter().any(|network| network.contains(&ip))
    }

    /// A number as this trunk wants it written.
    pub(crate) fn write(&self, number: &PhoneNumber) -> String {
        let number = number.international();
        match (self.written, number.as_str().strip_prefix('+')) {
            (Written::International, _) | (_, None) => number.as_str().to_owned(),
            (Written::National, Some(digits)) => {
                let home =
                    ["33", "262", "590", "594", "596"].into_iter().find_map(|country| digits.strip_prefix(country));
                home.filter(|rest| rest.len() == 9).map_or_else(|| format!("00{digits}"), |rest| format!("0{rest}"))
            }
        }
    }
}

/// Whether a number begins with one of these: in international (`+33`) or national (`01`) form; a short one must be there in full.
pub fn is_listed(number: &PhoneNumber, prefixes: &[String]) -> bool {
    prefixes.iter().any(|prefix| begins(number, prefix))
}

fn begins(number: &PhoneNumber, prefix: &str) -> bool {
    let number = number.international();
    match prefix.as_bytes().first() {
        Some(b'+') => number.as_str().starts_with(prefix),
        Some(b'0') => number.national().starts_with(prefix),
        // A short number is no prefix: 112 must not open 1123.
        Some(_) => number.as_str() == prefix,
        None => false,
    }
}

/// The digits of a prefix as they would be in international form, so that `+331` and `01` are as long.
fn length(prefix: &str) -> usize {
    match prefix.as_bytes().first() {
        Some(b'0') => prefix.len() + 1,
        Some(b'+') => prefix.len() - 1,
        _ => prefix.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).unwrap()
    }

    fn trunk(prefixes: &[&str]) -> Trunk {
        let at = SocketAddr::from(([192, 0, 2, 1], 5060));
        let prefixes = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
        Trunk { prefixes, ..Trunk::at(Transport::Udp, at, "provider", number("+33143124567")) }
    }

    #[test]
    fn only_listed_and_ordinary_numbers_are_called() {
        let trunk = trunk(&["+33", "+44", "112", ""]);
        let allows = |text: &str| trunk.allows(&number(text));
        assert!(allows("0143124567") && allows("+33 6 12 34 56 78") && allows("+442071234567") && allows("112"));
        assert!(!allows("0892705050"), "premium in France");
        assert!(!allows("+449098791234"), "premium abroad");
        assert!(!allows("3939") && !allows("1123") && !allows("+3225551212"), "not listed");
    }

    #[test]
    fn a_number_fits_as_well_as_its_longest_prefix_in_whatever_form() {
        let fits = |prefixes: &[&str]| trunk(prefixes).fits(&number("0143124567"));
        assert_eq!((fits(&["+33"]), fits(&["+33", "+331"]), fits(&["01"])), (Some(2), Some(3), Some(3)));
        assert_eq!(fits(&["06"]), None);
    }

    #[test]
    fn numbers_are_written_as_the_operator_wants_them() {
        let mut trunk = trunk(&[]);
        assert_eq!(trunk.write(&number("01 43 12 45 67")), "+33143124567");
        trunk.written = Written::National;
        let written = ["+33143124567", "+262262123456", "+442071234567", "3939"].map(|text| trunk.write(&number(text)));
        assert_eq!(written, ["0143124567", "0262123456", "00442071234567", "3939"]);
    }

    #[test]
    fn calls_come_in_to_its_numbers_in_whatever_form() {
        let mut trunk = trunk(&[]);
        assert!(trunk.takes("anything"));
        trunk.numbers = vec!["+3314312456".into(), "3939".into()];
        assert!(["0143124567", "+33143124561", "0033143124560", "3939"].iter().all(|dialled| trunk.takes(dialled)));
        assert!(!["0143124577", "39391", "accueil", ""].iter().any(|dialled| trunk.takes(dialled)));
    }
}
