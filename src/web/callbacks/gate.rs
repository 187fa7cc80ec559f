//! Who is let in: the one owner of the limits, and of the chance that codes are made of.

use std::net::IpAddr;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::limiter::Limiter;
use crate::base::{Chance, Private, limits};
use crate::server::clock;

/// Where requests knock.
#[derive(Clone, Debug)]
pub(super) struct Gate(mpsc::Sender<Knock>);

#[derive(Debug)]
enum Knock {
    /// Somebody asks for a callback.
    Asks(IpAddr, oneshot::Sender<Result<Private<String>, Duration>>),
    /// Somebody shows a code.
    ShowsCode(IpAddr, oneshot::Sender<Result<(), Duration>>),
}

impl Gate {
    /// Lets so many callbacks within an hour be asked for from one address.
    pub(super) fn open(per_address: u32, mut chance: Chance) -> Self {
        let (gate, mut inbox) = mpsc::channel(KNOCKS);
        tokio::spawn(async move {
            let mut asks = Limiter::new(per_address, limits::WEB_REQUESTS);
            let mut codes = Limiter::new(limits::CODES_PER_ADDRESS, limits::CODES_SHOWN);
            while let Some(knock) = inbox.recv().await {
                // Whoever knocked may have gone.
                match knock {
                    Knock::Asks(from, answer) => {
                        let _ = answer.send(asks.take(clock::now(), from).map(|()| new_code(&mut chance)));
                    }
                    Knock::ShowsCode(from, answer) => {
                        let _ = answer.send(codes.take(clock::now(), from));
                    }
                }
            }
        });
        Self(gate)
    }

    /// A new code for who may ask for a callback; else how long until the next may.
    pub(super) async fn asks(&self, from: IpAddr) -> Result<Private<String>, Duration> {
        let (answer, code) = oneshot::channel();
        self.0.send(Knock::Asks(from, answer)).await.map_err(|_| STOPPING)?;
        code.await.map_err(|_| STOPPING)?
    }

    /// Whether a code may be tried; else how long until the next may.
    pub(super) async fn shows_code(&self, from: IpAddr) -> Result<(), Duration> {
        let (answer, verdict) = oneshot::channel();
        self.0.send(Knock::ShowsCode(from, answer)).await.map_err(|_| STOPPING)?;
        verdict.await.map_err(|_| STOPPING)?
    }
}

/// 80 random bits in Crockford's alphabet, which has no letters that are taken for digits.
fn new_code(chance: &mut Chance) -> Private<String> {
    Private::new((0..CODE_LETTERS).map(|_| char::from(ALPHABET[chance.below(ALPHABET.len())])).collect())
}

/// The code as it was given out, however it was typed; nothing where it can't be one.
pub(super) fn read_code(text: &str) -> Option<Private<String>> {
    let typed = text.chars().filter(|c| c.is_ascii_alphanumeric()).take(CODE_LETTERS + 1);
    let code: String = typed
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect();
    let good = code.len() == CODE_LETTERS && code.bytes().all(|byte| ALPHABET.contains(&byte));
    good.then(|| Private::new(code))
}

/// The code in groups of four, to be written down.
pub(super) fn spaced(code: &Private<String>) -> String {
    let groups: Vec<&str> = code.reveal().as_bytes().chunks(4).filter_map(|four| str::from_utf8(four).ok()).collect();
    groups.join("-")
}

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LETTERS: usize = 16;
/// Requests that may wait to be counted, which takes microseconds.
const KNOCKS: usize = 64;
const STOPPING: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_eighty_bits_and_is_read_however_it_is_typed() {
        let code = new_code(&mut Chance::seeded(7));
        assert_eq!(code.reveal().len() * 5, 80);
        let shown = spaced(&code);
        assert_eq!(shown.len(), 19, "{shown}");
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), format!(" {} ", code.reveal())] {
            assert_eq!(read_code(&typed), Some(code.clone()), "{typed}");
        }
        assert_ne!(new_code(&mut Chance::seeded(8)), code);
    }

    #[test]
    fn letters_that_look_like_digits_are_digits_and_other_texts_no_code() {
        let code = read_code("oil0-1234-5678-9abc").expect("a code");
        assert_eq!(code.reveal(), "0110123456789ABC");
        for text in ["", "1234", "0123456789ABCDEFG", "UUUU-UUUU-UUUU-UUUU", "' OR 1=1 --"] {
            assert_eq!(read_code(text), None, "{text}");
        }
    }
}
