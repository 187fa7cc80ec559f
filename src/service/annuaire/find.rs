use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::Record;

/// What a file of the directory holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The record that was asked for, or the only one.
    pub record: Option<Record>,
    /// How many there are.
    pub count: usize,
    /// Identifier and name of the first ones, to choose from.
    pub first: Vec<(String, String)>,
}

/// Looks in a file of the directory (`{"service": […]}` of the published file, `{"results": […]}` or
/// `[…]` of the API, or one record) for the record of an identifier; without one, for the only record.
///
/// Records are read one by one: the whole directory has 90,000.
///
/// # Errors
///
/// What is wrong with the JSON, with its line and column.
pub fn find(json: &str, id: Option<&str>) -> Result<Found, String> {
    let mut found = Found::default();
    let mut reader = serde_json::Deserializer::from_str(json);
    Anything(&mut Looking { id, found: &mut found }).deserialize(&mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    if id.is_none() && found.count != 1 {
        found.record = None;
    }
    Ok(found)
}

struct Looking<'a> {
    id: Option<&'a str>,
    found: &'a mut Found,
}

impl Looking<'_> {
    fn see(&mut self, value: &Value) {
        let record = Record::read(value);
        self.found.count += 1;
        if self.found.first.len() < SHOWN {
            self.found.first.push((record.id.clone(), record.nom.clone()));
        }
        if self.found.record.is_none() && self.id.is_none_or(|id| record.is_called(id)) {
            self.found.record = Some(record);
        }
    }
}

/// A list of records, an object that holds one, or a record.
struct Anything<'l, 'a>(&'l mut Looking<'a>);

impl<'de> DeserializeSeed<'de> for Anything<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Anything<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records of the annuaire")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<(), A::Error> {
        while let Some(value) = records.next_element::<Value>()? {
            self.0.see(&value);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut record, mut listed) = (Map::new(), false);
        while let Some(key) = map.next_key::<String>()? {
            if LISTS.contains(&key.as_str()) {
                listed = true;
                map.next_value_seed(Anything(&mut *self.0))?;
            } else if listed {
                map.next_value::<IgnoredAny>()?;
            } else {
                record.insert(key, map.next_value()?);
            }
        }
        match listed {
            true => Ok(()),
            false if record.contains_key("nom") => {
                self.0.see(&Value::Object(record));
                Ok(())
            }
            false => Err(A::Error::custom("this is no record of the annuaire: it has no `nom`")),
        }
    }
}

/// Where files keep their records.
const LISTS: [&str; 2] = ["service", "results"];
/// Names that are shown to choose from.
const SHOWN: usize = 10;
