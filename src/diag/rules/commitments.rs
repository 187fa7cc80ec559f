use crate::base::Language;

/// What a public service has promised its callers, in our words.
#[derive(Debug)]
pub struct Commitment {
    /// Its short name, for pages and scripts.
    pub id: &'static str,
    /// In French.
    pub fr: &'static str,
    /// In English.
    pub en: &'static str,
    /// Where it is written.
    pub origin: &'static Origin,
    /// What shows that it is kept.
    pub shown: Shown,
}

/// A text that commits public services.
#[derive(Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its name in French.
    pub fr: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Its address.
    pub url: &'static str,
}

/// What shows that a commitment is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The rules that rest on it.
    ByRules,
    /// What was measured on real calls: `svi report`.
    ByMeasure,
    /// The card beside its record in the directory of the administration: `svi card check`.
    ByComparison,
}

impl Commitment {
    /// Its words in a language.
    pub fn words(&self, language: Language) -> &'static str {
        match language {
            Language::Fr => self.fr,
            Language::En => self.en,
        }
    }
}

impl Origin {
    /// Its name in a language.
    pub fn name(&self, language: Language) -> &'static str {
        match language {
            Language::Fr => self.fr,
            Language::En => self.en,
        }
    }
}

/// Services Publics+, the programme of the DITP; its second commitment is about being reachable.
static REACHABLE: Origin = Origin {
    fr: "Services Publics+, engagement 2 : être joignable",
    en: "Services Publics+, commitment 2: being reachable",
    url: "https://www.plus.transformation.gouv.fr/engagement/2",
};

static PLAN: Origin = Origin {
    fr: "Plan téléphone de la DITP, 2023",
    en: "The DITP's plan for the telephone, 2023",
    url: "https://www.modernisation.gouv.fr/plan-telephone",
};

static DIGITAL_REPUBLIC: Origin = Origin {
    fr: "Loi 2016-1321 pour une République numérique, article 105, et décret 2017-875",
    en: "Law 2016-1321 for a Digital Republic, article 105, and decree 2017-875",
    url: "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000033202746",
};

/// What the telephone of a public service promises, the caller's way through a call.
pub static COMMITMENTS: [Commitment; 12] = [
    Commitment {
        id: "agent-direct",
        fr: "Au moins un moyen de contact met l'usager directement en relation avec un agent.",
        en: "At least one way of contact puts the citizen through to an agent directly.",
        origin: &REACHABLE,
        shown: Shown::ByRules,
    },
    Commitment {
        id: "no-obstacle",
        fr: "Le serveur vocal n'empêche pas d'être mis en relation avec un agent.",
        en: "The voice server does not hinder being put through to an agent.",
        origin: &REACHABLE,
        shown: Shown::ByRules,
    },
    Commitment {
        id: "few-choices",
        fr: "Le serveur vocal propose peu de choix, des textes courts et un langage courant.",
        en: "The voice server has few choices, short texts and everyday language.",
        origin: &REACHABLE,
        shown: Shown::ByRules,
    },
    Commitment {
        id: "information",
        fr: "L'usager apprend les moyens de contact et à quoi ils servent, les horaires, l'adresse et son accès, comment prendre rendez-vous, et l'essentiel des démarches.",
        en: "The citizen learns the ways of contact and what each is for, the hours, the address and its access, how to get an appointment, and the essentials of the procedures.",
        origin: &REACHABLE,
        shown: Shown::ByRules,
    },
    Commitment {
        id: "load",
        fr: "Les heures d'affluence et les heures creuses sont dites avec les horaires.",
        en: "The busy and the quiet hours are told with the opening hours.",
        origin: &REACHABLE,
        shown: Shown::ByRules,
    },
    Commitment {
        id: "busy",
        fr: "En cas d'affluence pendant les heures d'ouverture, au moins deux de ces solutions : le rang ou l'attente estimée, le renvoi à des heures plus calmes, un rappel.",
        en: "When it is busy in opening hours, at least two of: the rank or the expected wait, pointing to quieter hours, a callback.",
        origin: &REACHABLE,
        shown: Shown::ByRules,
    },
    Commitment {
        id: "closed",
        fr: "Quand c'est fermé, l'appelant apprend au moins les horaires et un autre moyen de contact.",
        en: "When it is closed, the caller learns at least the hours and another way of contact.",
        origin: &REACHABLE,
        shown: Shown::ByRules,
    },
    Commitment {
        id: "no-surcharge",
        fr: "Les appels ne sont pas surtaxés ; sauf pour les collectivités territoriales, c'est aussi la loi (2018-727, article 28).",
        en: "Calls cost nothing extra; but for local authorities this is also the law (2018-727, article 28).",
        origin: &REACHABLE,
        shown: Shown::ByRules,
    },
    Commitment {
        id: "relay",
        fr: "Les personnes sourdes, malentendantes, sourdaveugles ou aphasiques joignent le service par un relais, aux mêmes heures que les autres.",
        en: "People who are deaf, hard of hearing, deaf-blind or aphasic reach the service through a relay, at the same hours as everybody.",
        origin: &DIGITAL_REPUBLIC,
        shown: Shown::ByRules,
    },
    Commitment {
        id: "answered",
        fr: "Le taux de décroché par un agent est mesuré et amélioré ; l'objectif national est de 85 %.",
        en: "The share of calls that an agent answers is measured and improved; the national aim is 85 %.",
        origin: &PLAN,
        shown: Shown::ByMeasure,
    },
    Commitment {
        id: "satisfaction",
        fr: "La satisfaction des appelants est mesurée.",
        en: "The callers' satisfaction is measured.",
        origin: &PLAN,
        shown: Shown::ByMeasure,
    },
    Commitment {
        id: "up-to-date",
        fr: "Tout changement est repris sur l'ensemble des canaux, y compris l'annuaire de l'administration.",
        en: "Every change is made on all channels, the directory of the administration included.",
        origin: &REACHABLE,
        shown: Shown::ByComparison,
    },
];
