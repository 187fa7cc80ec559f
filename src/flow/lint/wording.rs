use super::texts::{Text, texts};
use crate::base::Language;
use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;

/// How a text is worded: short sentences, the purpose before the key, ordinary words.
/// What is heard once can't be read again.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    for text in texts(file) {
        let found = [long_sentence(&text), key_before_purpose(&text), jargon(file, &text)];
        out.extend(found.into_iter().flatten().map(|told| Diagnostic { span: Some(text.place(file)), ..told }));
    }
}

fn long_sentence(text: &Text<'_>) -> Option<Diagnostic> {
    let count = |sentence: &str| sentence.split_whitespace().filter(|w| w.contains(char::is_alphanumeric)).count();
    let longest = text.sentences().map(count).max().filter(|words| *words > MOST_WORDS)?;
    let message = format!("a sentence has {longest} words, {MOST_WORDS} are allowed");
    Some(
        Diagnostic::warning("long-sentence", message, None)
            .label("who hears it has forgotten its beginning")
            .help("make two sentences of it"),
    )
}

fn key_before_purpose(text: &Text<'_>) -> Option<Diagnostic> {
    let (press, purpose): (&[&str], &[&str]) = match text.language {
        Language::Fr => (&["tapez", "appuyez", "composez", "faites le"], &["pour", "afin"]),
        Language::En => (&["press", "dial", "push"], &["for", "to"]),
    };
    let first = |sentence: &str, wanted: &[&str]| {
        let words = |from: usize| sentence[from..].chars().next().is_none_or(|c| !c.is_alphanumeric());
        let starts = |at: usize| sentence[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let places =
            wanted.iter().flat_map(|word| sentence.match_indices(word).map(|(at, word)| (at, at + word.len())));
        places.filter(|(at, end)| starts(*at) && words(*end)).map(|(at, _)| at).min()
    };
    let wrong = text.sentences().map(str::to_lowercase).any(|sentence| {
        let key = first(&sentence, press).filter(|at| names_key(&sentence[*at..]));
        let purpose = first(&sentence, purpose);
        key.zip(purpose).is_some_and(|(key, purpose)| key < purpose)
    });
    wrong.then(|| {
        let (label, help) = match text.language {
            Language::Fr => ("the key comes first", "write « Pour …, tapez sur la touche numéro un »"),
            Language::En => ("the key comes first", "write “For …, press one”"),
        };
        Diagnostic::warning("key-before-purpose", "the key is said before what it is for", None).label(label).help(help)
    })
}

/// Whether a key is named soon after the word for pressing it.
fn names_key(words: &str) -> bool {
    let names = ["touche", "key", "dièse", "étoile", "hash", "star"];
    let numbers = ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "zéro"];
    let english = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "zero"];
    let near = words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).skip(1).take(4);
    let is_key = |word: &str| {
        names.contains(&word)
            || numbers.contains(&word)
            || english.contains(&word)
            || (word.len() == 1 && word.starts_with(|c: char| c.is_ascii_digit()))
    };
    near.into_iter().any(is_key)
}

fn jargon(file: &FlowFile, text: &Text<'_>) -> Option<Diagnostic> {
    let list = match text.language {
        Language::Fr => JARGON_FR,
        Language::En => JARGON_EN,
    };
    let padded: String = std::iter::once(' ')
        .chain(text.words.to_lowercase().chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' }))
        .chain([' '])
        .collect();
    let spoken = |word: &str| {
        let word: String =
            word.to_lowercase().chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' }).collect();
        padded.contains(&format!(" {word} ")) || padded.contains(&format!(" {word}s "))
    };
    let own = file.program.card.jargon.iter().map(|jargon| (&*jargon.word, &*jargon.instead));
    let (word, instead) = own.chain(list.iter().copied()).find(|(word, _)| spoken(word))?;
    Some(
        Diagnostic::warning("jargon", format!("« {word} » is a word of offices, not of callers"), None)
            .label("an ordinary word is understood by more people")
            .help(format!("say « {instead} »")),
    )
}

/// A sentence of more words is hard to read (GOV.UK, Content design, "Writing for GOV.UK": no
/// sentence above 25 words), and harder to hear.
const MOST_WORDS: usize = 25;

/// Words of French offices, each with what people say.
const JARGON_FR: &[(&str, &str)] = &[
    ("afférent", "qui concerne"),
    ("afférente", "qui concerne"),
    ("à cet effet", "pour cela"),
    ("attributaire", "qui reçoit l'aide"),
    ("au titre de", "pour"),
    ("ayant droit", "proche qui a des droits"),
    ("ayants droit", "proches qui ont des droits"),
    ("ci-après", "plus loin"),
    ("conformément à", "selon"),
    ("dans les meilleurs délais", "vite, ou une date"),
    ("dématérialisé", "en ligne"),
    ("dématérialisée", "en ligne"),
    ("diligenter", "faire"),
    ("en application de", "selon"),
    ("en sus", "en plus"),
    ("in fine", "à la fin"),
    ("instruction de votre dossier", "examen de votre dossier"),
    ("interlocuteur", "agent"),
    ("nonobstant", "malgré"),
    ("pièces afférentes", "papiers demandés"),
    ("préalablement", "avant"),
    ("primo-demandeur", "personne qui fait une première demande"),
    ("serveur vocal interactif", "menu"),
    ("subséquent", "suivant"),
    ("surseoir", "attendre"),
    ("susmentionné", "dont on vient de parler"),
    ("susvisé", "dont on vient de parler"),
    ("svi", "menu"),
    ("télédéclaration", "déclaration en ligne"),
    ("téléprocédure", "démarche en ligne"),
    ("téléservice", "site"),
    ("usager", "vous, ou la personne"),
];

/// The same in English.
const JARGON_EN: &[(&str, &str)] = &[
    ("aforementioned", "this"),
    ("commence", "start"),
    ("dematerialised", "online"),
    ("hereafter", "later"),
    ("in accordance with", "under"),
    ("ivr", "menu"),
    ("notwithstanding", "despite"),
    ("prior to", "before"),
    ("pursuant to", "under"),
    ("utilise", "use"),
];
