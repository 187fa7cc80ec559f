use serde::Serialize;
use serde_json::{Map, Value};

/// One service as the directory has it: the fields that a card can say something of, by their own names
/// ([the DILA's specification](https://www.data.gouv.fr/datasets/service-public-fr-annuaire-de-l-administration-base-de-donnees-locales/), version 1.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The stable identifier, a UUID.
    pub id: String,
    /// The name, such as `Mairie - Sandillon`.
    pub nom: String,
    /// The identifier of before 2022, such as `mairie-45300-01`.
    pub ancien_code_pivot: String,
    /// The commune's code, whose first digits are the department.
    pub code_insee_commune: String,
    /// Phone numbers, each with what it is for.
    pub telephone: Vec<Line>,
    /// Phone numbers and sites for who can't hear.
    pub telephone_accessible: Vec<Line>,
    /// E-mail addresses; the directory has no purpose for them.
    pub adresse_courriel: Vec<String>,
    /// Web sites, each with its label.
    pub site_internet: Vec<Link>,
    /// Forms to write to the service.
    pub formulaire_contact: Vec<String>,
    /// Addresses: where the desk is, and where letters go.
    pub adresse: Vec<Address>,
    /// When the desk is open.
    pub plage_ouverture: Vec<Opening>,
    /// What else is to be said of the hours, in free words.
    pub commentaire_plage_ouverture: String,
    /// Anything else, in free words.
    pub information_complementaire: String,
    /// The service's page on lannuaire.service-public.gouv.fr.
    pub url_service_public: String,
    /// When the record was last changed, as `09/08/2023 13:30:19`.
    pub date_modification: String,
}

/// A phone number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The number as it is written, such as `01 64 38 30 52`.
    pub valeur: String,
    /// What it is for; often nothing, sometimes hours.
    pub description: String,
}

/// A web site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What it is for; often nothing.
    pub libelle: String,
    /// Its address.
    pub valeur: String,
}

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Address {
    /// `Adresse` of a desk, `Adresse postale` for letters.
    pub type_adresse: String,
    /// The building.
    pub complement1: String,
    /// More of it.
    pub complement2: String,
    /// Number and street.
    pub numero_voie: String,
    /// A post-office box.
    pub service_distribution: String,
    /// The postal code.
    pub code_postal: String,
    /// The town.
    pub nom_commune: String,
    /// `ACC`, `NAC`, `DEM` or nothing.
    pub accessibilite: String,
    /// How it is entered, in free words.
    pub note_accessibilite: String,
}

/// Hours of one day, or of several days in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Opening {
    /// `Lundi` to `Dimanche`.
    pub nom_jour_debut: String,
    /// The last day.
    pub nom_jour_fin: String,
    /// `09:00:00`, or nothing.
    pub valeur_heure_debut_1: String,
    /// `12:00:00`, or nothing.
    pub valeur_heure_fin_1: String,
    /// As the first one, for the afternoon.
    pub valeur_heure_debut_2: String,
    /// As the first one, for the afternoon.
    pub valeur_heure_fin_2: String,
    /// An exception, in free words.
    pub commentaire: String,
}

impl Record {
    /// Reads a record of the published file (`base de données locales`), or of the API, in which
    /// lists are JSON in a string. What is not there, or not as expected, is empty.
    pub fn read(value: &Value) -> Self {
        Self {
            id: text(value, "id"),
            nom: text(value, "nom"),
            ancien_code_pivot: text(value, "ancien_code_pivot"),
            code_insee_commune: text(value, "code_insee_commune"),
            telephone: lines(value, "telephone"),
            telephone_accessible: lines(value, "telephone_accessible"),
            adresse_courriel: plain(value, "adresse_courriel"),
            site_internet: each(value, "site_internet", |site| Link {
                libelle: text(site, "libelle"),
                valeur: own(site),
            }),
            formulaire_contact: plain(value, "formulaire_contact"),
            adresse: each(value, "adresse", Address::read),
            plage_ouverture: each(value, "plage_ouverture", Opening::read),
            commentaire_plage_ouverture: text(value, "commentaire_plage_ouverture"),
            information_complementaire: text(value, "information_complementaire"),
            url_service_public: text(value, "url_service_public"),
            date_modification: text(value, "date_modification"),
        }
    }

    /// Whether this is the record of an identifier, the present one or the one of before 2022.
    pub fn is_called(&self, id: &str) -> bool {
        let id = id.trim();
        !id.is_empty() && (self.id.eq_ignore_ascii_case(id) || self.ancien_code_pivot.eq_ignore_ascii_case(id))
    }

    /// Where the desk is: the first address that is not for letters only.
    pub fn desk(&self) -> Option<&Address> {
        self.adresse.iter().find(|a| !(a.is_for_letters() || a.numero_voie.is_empty() && a.nom_commune.is_empty()))
    }
}

impl Address {
    fn read(value: &Value) -> Self {
        Self {
            type_adresse: text(value, "type_adresse"),
            complement1: text(value, "complement1"),
            complement2: text(value, "complement2"),
            numero_voie: text(value, "numero_voie"),
            service_distribution: text(value, "service_distribution"),
            code_postal: text(value, "code_postal"),
            nom_commune: text(value, "nom_commune"),
            accessibilite: text(value, "accessibilite"),
            note_accessibilite: text(value, "note_accessibilite"),
        }
    }

    fn is_for_letters(&self) -> bool {
        self.type_adresse.to_lowercase().contains("postal")
    }

    /// In one line, as it is written on a letter.
    pub fn line(&self) -> String {
        let town = [&*self.code_postal, &*self.nom_commune].join(" ");
        let parts = [&*self.complement1, &*self.complement2, &*self.numero_voie, town.trim()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

impl Opening {
    fn read(value: &Value) -> Self {
        Self {
            nom_jour_debut: text(value, "nom_jour_debut"),
            nom_jour_fin: text(value, "nom_jour_fin"),
            valeur_heure_debut_1: text(value, "valeur_heure_debut_1"),
            valeur_heure_fin_1: text(value, "valeur_heure_fin_1"),
            valeur_heure_debut_2: text(value, "valeur_heure_debut_2"),
            valeur_heure_fin_2: text(value, "valeur_heure_fin_2"),
            commentaire: text(value, "commentaire"),
        }
    }
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().trim().to_owned()
}

/// A value that is a text of its own, or an object that holds one.
fn own(value: &Value) -> String {
    value.as_str().map_or_else(|| text(value, "valeur"), |text| text.trim().to_owned())
}

fn lines(value: &Value, key: &str) -> Vec<Line> {
    each(value, key, |line| Line { valeur: own(line), description: text(line, "description") })
}

fn plain(value: &Value, key: &str) -> Vec<String> {
    each(value, key, own)
}

/// The items of a list, of a list that is JSON in a string, or of one bare text; empty ones are left out.
fn each<T: Default + PartialEq>(value: &Value, key: &str, read: impl Fn(&Value) -> T) -> Vec<T> {
    let items = match value.get(key) {
        Some(Value::Array(items)) => items.clone(),
        Some(Value::String(text)) => match serde_json::from_str(text) {
            Ok(Value::Array(items)) => items,
            Ok(item @ Value::Object(Map { .. })) => vec![item],
            _ => vec![Value::String(text.clone())],
        },
        Some(item @ Value::Object(_)) => vec![item.clone()],
        Some(Value::Null | Value::Bool(_) | Value::Number(_)) | None => Vec::new(),
    };
    items.iter().map(read).filter(|item| *item != T::default()).collect()
}
