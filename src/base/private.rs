use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that belongs to a citizen (a number, digits, a message): masked
/// whenever it is printed, in the clear only where the code says [`Private::reveal`].
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value in the clear, for the purpose that it was given for.
    pub fn reveal(&self) -> &T {
        &self.0
    }

    /// The same, to be changed in its place.
    pub fn reveal_mut(&mut self) -> &mut T {
        &mut self.0
    }

    /// Unwraps the value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: AsRef<str>> Private<T> {
    /// The first three and the last two characters (`+33••••••67`); everything
    /// masked when there are fewer than eight.
    pub fn masked(&self) -> String {
        let chars: Vec<char> = self.0.as_ref().chars().collect();
        if chars.len() < 8 {
            return "•".repeat(chars.len());
        }
        let head: String = chars[..3].iter().collect();
        let tail: String = chars[chars.len() - 2..].iter().collect();
        format!("{head}{}{tail}", "•".repeat(chars.len() - 5))
    }
}

impl<T: AsRef<str>> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(…)")
    }
}

/// Writes a private value in the clear and reads it back, for what the store keeps:
/// `#[serde(with = "in_the_clear")]`. A [`Private`] that goes anywhere else can't be written.
pub mod in_the_clear {
    use super::{Deserialize, Deserializer, Private, Serialize, Serializer};

    /// Writes the value.
    pub fn serialize<T: Serialize, S: Serializer>(value: &Private<T>, serializer: S) -> Result<S::Ok, S::Error> {
        value.reveal().serialize(serializer)
    }

    /// Reads the value.
    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Private<T>, D::Error> {
        T::deserialize(deserializer).map(Private::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_masked_in_every_print() {
        let number = Private::new("+33612345678".to_owned());
        assert_eq!(number.to_string(), "+33•••••••78");
        assert_eq!(format!("{number:?}"), "Private(…)");
        assert_eq!(Private::new("1234").to_string(), "••••");
    }
}
