//! What a hostile scanner sends: messages of the corpus with changes, and INVITEs with
//! something exceptional in the place of each of their elements, in the manner of the
//! PROTOS suite c07-sip. The same dice make the same messages.

/// Makes messages.
pub(crate) struct Hostile<D> {
    /// A number below another.
    dice: D,
    /// Messages that are changed.
    seeds: Vec<Vec<u8>>,
    made: usize,
}

impl<D: FnMut(usize) -> usize> Hostile<D> {
    /// Changes these messages, besides what it makes itself.
    pub(crate) fn new(dice: D, seeds: Vec<Vec<u8>>) -> Self {
        Self { dice, seeds, made: 0 }
    }

    /// The next message: by turns a changed one and a malformed INVITE.
    pub(crate) fn message(&mut self) -> Vec<u8> {
        self.made += 1;
        let mut bytes =
            if self.made.is_multiple_of(2) && !self.seeds.is_empty() { self.changed() } else { self.invite() };
        bytes.truncate(LARGEST);
        bytes
    }

    fn below(&mut self, n: usize) -> usize {
        (self.dice)(n)
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn changed(&mut self) -> Vec<u8> {
        let seed = self.below(self.seeds.len());
        let mut bytes = self.seeds[seed].clone();
        for _ in 0..=self.below(6) {
            self.change(&mut bytes);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let to = (at + self.below(40)).min(bytes.len());
        match self.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.one_of(b"\r\n \t,;:<>\"\\%[]@=?*/\0\xff\xc3"),
            2 => drop(bytes.drain(at..to)),
            3 => {
                let again = bytes[at..to].repeat(1 + self.below(20));
                bytes.splice(at..at, again);
            }
            4 => {
                let odd = self.odd();
                bytes.splice(at..to, odd);
            }
            5 => bytes.truncate(at),
            6 => {
                let other = self.below(self.seeds.len());
                let tail = self.seeds[other].clone();
                bytes.truncate(at);
                bytes.extend_from_slice(&tail[self.below(tail.len() + 1)..]);
            }
            _ => self.change_a_line(bytes),
        }
    }

    /// Drops, repeats, empties or moves a header.
    fn change_a_line(&mut self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        if lines.len() < 2 {
            return;
        }
        let (which, other) = (1 + self.below(lines.len() - 1), 1 + self.below(lines.len() - 1));
        match self.below(4) {
            0 => drop(lines.remove(which)),
            1 => {
                let line = lines[which].clone();
                let times = self.one_of(&[1, 2, 40, 200]);
                lines.splice(which..which, std::iter::repeat_n(line, times));
            }
            2 => {
                let name = lines[which].iter().position(|&byte| byte == b':').map_or(0, |colon| colon + 1);
                lines[which].truncate(name);
                lines[which].extend_from_slice(b"\r\n");
            }
            _ => lines.swap(which, other),
        }
        *bytes = lines.concat();
    }

    fn invite(&mut self) -> Vec<u8> {
        let mut elements: Vec<Vec<u8>> = TEMPLATE.split('|').map(|element| element.as_bytes().to_vec()).collect();
        for _ in 0..=self.below(2) {
            let which = self.below(elements.len());
            elements[which] = match self.below(6) {
                0 => Vec::new(),
                1 => elements[which].repeat(2 + self.below(200)),
                _ => self.odd(),
            };
        }
        let mut bytes = elements.concat();
        // Calls of their own: else the first would be the call of all.
        let name = format!("hostile-{}", self.made);
        replace(&mut bytes, b"hostile", name.as_bytes());
        if self.below(4) == 0 {
            self.change_a_line(&mut bytes);
        }
        bytes
    }

    /// Something exceptional: too long, a format, a number at a limit, an address, a delimiter.
    fn odd(&mut self) -> Vec<u8> {
        match self.below(4) {
            0 => {
                let unit = self.one_of(&["a", "A%", "%s", "1", " ", "\0", "é", "<", ";a", ",", "\r\n ", "../"]);
                let length = self.one_of(LENGTHS) + self.below(3);
                unit.repeat(length.div_ceil(unit.len())).into_bytes()
            }
            1 => self.one_of(NUMBERS).as_bytes().to_vec(),
            2 => self.one_of(TEXTS).as_bytes().to_vec(),
            _ => self.one_of(RAW).to_vec(),
        }
    }
}

fn replace(bytes: &mut Vec<u8>, what: &[u8], by: &[u8]) {
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(what.len()).position(|window| window == what) {
        bytes.splice(at + found..at + found + what.len(), by.iter().copied());
        at += found + by.len();
    }
}

/// What a UDP datagram holds over IPv4.
const LARGEST: usize = 65_507;

/// An INVITE, with a bar between the elements that are replaced.
const TEMPLATE: &str = "INVITE| |sip|:|stranger|@|192.0.2.1|:|5060|;|transport|=|udp| |SIP|/|2.0|\r\n\
    Via|: |SIP|/|2.0|/|UDP| |192.0.2.2|:|5060|;|branch|=|z9hG4bKhostile|;|rport|\r\n\
    Max-Forwards|: |70|\r\n\
    From|: |\"|Scanner|\"| |<|sip|:|scanner|@|192.0.2.2|>|;|tag|=|hostile|\r\n\
    To|: |Stranger| |<|sip|:|stranger|@|192.0.2.1|>|\r\n\
    Call-ID|: |hostile|@|192.0.2.2|\r\n\
    CSeq|: |1| |INVITE|\r\n\
    Contact|: |<|sip|:|scanner|@|192.0.2.2|:|5060|;|ob|=|1|>|;|expires|=|60|\r\n\
    Record-Route|: |<|sip|:|192.0.2.2|;|lr|>|\r\n\
    Supported|: |100rel|,| timer|\r\n\
    Expires|: |120|\r\n\
    Date|: |Tue, 24 Nov 2026 10:00:00 GMT|\r\n\
    User-Agent|: |friendly-scanner|\r\n\
    Content-Type|: |application|/|sdp|\r\n\
    |\r\n\
    v|=|0|\r\n\
    o|=|- |1| |1| |IN| |IP4| |192.0.2.2|\r\n\
    s|=|-|\r\n\
    c|=|IN| |IP4| |192.0.2.2|\r\n\
    t|=|0| |0|\r\n\
    m|=|audio| |4000| |RTP/AVP| |8| |101|\r\n\
    a|=|rtpmap|:|8| |PCMA|/|8000|\r\n\
    a|=|fmtp|:|101| |0-15|\r\n";

const LENGTHS: &[usize] = &[16, 127, 255, 256, 1_023, 4_095, 8_191, 16_383, 40_000];

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "00000000070",
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "99999999999999999999999999",
    "0x41",
    "1e9",
    "1.5",
    "+1",
    "٣",
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "%s%s%s%s%n%n",
    "%.9999d",
    "%x%x%x",
    "%00",
    "%zz",
    "*",
    "@",
    "@@@@",
    "::::",
    "<<<<",
    ">>>>",
    ";;;;",
    "\"\"\"\"",
    "\"",
    "\\",
    ",,,,",
    "====",
    "????",
    "sip:",
    "tel:",
    "tel:+33",
    "sips",
    "http://x",
    "urn:service:sos",
    "0.0.0.0",
    "255.255.255.255",
    "127.0.0.1",
    "256.256.256.256",
    "1.1.1",
    "[::1]",
    "[::",
    "[:::1]",
    "[2001:db8::1%eth0]",
    "localhost",
    "SIP/7.0",
    "TCP",
    "ACK",
    "CANCEL",
    "BYE",
    "REGISTER",
    "NONSENSE",
    "\r\n",
    "\r\n\r\n",
    "\n\n",
    "\r\n ",
    "\t",
    "../../etc/passwd",
    "'; DROP TABLE calls; --",
    "<script>",
    "\u{feff}",
    "\u{202e}",
    "z9hG4bK",
    "application/sdp",
    "multipart/mixed;boundary=a",
    "é",
];

const RAW: &[&[u8]] = &[
    b"\0",
    b"\xff\xfe",
    b"\xc0\xaf",
    b"\x80",
    b"\x7f",
    b"\x1b[2J",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\r",
    b"\n",
];
