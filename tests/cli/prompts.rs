//! `svi prompts check` and `render`, with a voice that only hums.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use sha2::{Digest, Sha256};

use super::run::{Ran, edited, svi, svi_with};

/// What a speech engine wants to be told before it speaks.
const KEY: &str = "clef-du-moteur";

/// A short hum.
fn hum(path: &Path) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..1_000 {
        writer.write_sample(((f64::from(n) * 0.2).sin() * 6_000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
}

/// A folder in which every sentence of a service has its audio.
struct Voiced {
    dir: tempfile::TempDir,
    flows: PathBuf,
    prompts: PathBuf,
}

impl Voiced {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let voiced = Self { flows: edited(dir.path(), &[]), prompts: dir.path().join("prompts"), dir };
        let listed = voiced.run("render", &["--list"]);
        assert_eq!(listed.code, 1, "nothing has audio yet: {}", listed.err);
        for language in ["fr", "en"] {
            let folder = voiced.prompts.join(language);
            fs::create_dir_all(&folder).unwrap();
            let own = listed.out.lines().filter_map(|line| line.strip_prefix(language)?.strip_prefix('\t'));
            let entries: Vec<serde_json::Value> = own.enumerate().map(|(n, text)| entry(&folder, n, text)).collect();
            fs::write(folder.join("manifest.json"), serde_json::to_string(&entries).unwrap()).unwrap();
        }
        voiced
    }

    /// Renders what is missing with a speech engine that only hums.
    fn render(&self) -> Ran {
        let hum_file = self.dir.path().join("hum.wav");
        hum(&hum_file);
        let script = self.dir.path().join("voice.sh");
        let text = format!(
            "while read -r line; do\n  out=${{line##*\\\"out\\\":\\\"}}\n  cp {} \"${{out%%\\\"*}}\"\n  echo '{{\"voice\":\"hum\"}}'\ndone\n",
            hum_file.display()
        );
        fs::write(&script, text).unwrap();
        self.run("render", &["--voice", &format!("sh {}", script.display())])
    }

    fn run(&self, what: &str, more: &[&str]) -> Ran {
        let (flows, prompts) = (self.flows.to_str().unwrap(), self.prompts.to_str().unwrap());
        svi_with(&[("SVI_VOICE_KEY", KEY)], &[&["prompts", what, flows, "--prompts", prompts], more].concat())
    }

    /// Leaves one sentence of each language without a voice: a new one, and one that was lost.
    fn reword(&self) {
        let flow = self.flows.join("accueil.yaml");
        let text = fs::read_to_string(&flow).unwrap();
        assert!(text.contains("Merci de votre appel."));
        fs::write(&flow, text.replace("Merci de votre appel.", "Merci infiniment.")).unwrap();
        let manifest = self.prompts.join("en/manifest.json");
        let mut entries: Vec<serde_json::Value> =
            serde_json::from_str(&fs::read_to_string(&manifest).unwrap()).unwrap();
        entries.pop().unwrap();
        fs::write(manifest, serde_json::to_string(&entries).unwrap()).unwrap();
    }

    /// The path and the name of a text's recording.
    fn recording(&self, text: &str) -> (PathBuf, String) {
        let manifest = fs::read_to_string(self.prompts.join("fr/manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        let entry =
            manifest.as_array().unwrap().iter().find(|e| e["text"].as_str().unwrap().starts_with(text)).unwrap();
        let file = entry["file"].as_str().unwrap();
        (self.prompts.join("fr").join(file), file.to_owned())
    }
}

/// Makes the nth recording of a folder; its line in the manifest.
fn entry(folder: &Path, n: usize, text: &str) -> serde_json::Value {
    let file = format!("{n}.wav");
    hum(&folder.join(&file));
    let digest = Sha256::digest(fs::read(folder.join(&file)).unwrap());
    let sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    serde_json::json!({ "text": text, "file": file, "seconds": 0.063, "sha256": sha256, "voice": "hum" })
}

#[test]
fn a_missing_and_a_changed_file_are_found() {
    let voiced = Voiced::new();
    let ran = voiced.run("check", &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let (missing, missing_name) = voiced.recording("Merci de votre appel");
    let (changed, changed_name) = voiced.recording("Bonjour. France");
    fs::remove_file(missing).unwrap();
    let mut bytes = fs::read(&changed).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&changed, bytes).unwrap();
    let ran = voiced.run("check", &[]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
    let told = |name: &str| ran.out.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{}", ran.out));
    assert_ne!(told(&missing_name), told(&changed_name));
    assert!(told(&changed_name).contains("not the one that the manifest describes"), "{}", ran.out);
}

#[test]
fn a_new_sentence_is_found_and_gets_its_voice_with_one_command() {
    let voiced = Voiced::new();
    let flow = voiced.flows.join("accueil.yaml");
    let text = fs::read_to_string(&flow).unwrap().replace("Merci de votre appel.", "Merci beaucoup de votre appel.");
    fs::write(&flow, text).unwrap();
    let ran = voiced.run("check", &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("Merci beaucoup"), "{}", ran.out);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    let listed = voiced.run("render", &["--list"]);
    assert_eq!((listed.code, listed.out.lines().count()), (1, 1), "{}", listed.out);
    let rendered = voiced.render();
    assert_eq!(rendered.code, 0, "{}", rendered.err);
    let ran = voiced.run("check", &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn a_voice_that_is_not_there_could_not_run() {
    let dir = tempfile::tempdir().unwrap();
    let flows = edited(dir.path(), &[]);
    let prompts = dir.path().join("prompts");
    let ran = svi(&[
        "prompts",
        "render",
        flows.to_str().unwrap(),
        "--prompts",
        prompts.to_str().unwrap(),
        "--voice",
        "no-such-voice",
    ]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("no-such-voice"), "{}", ran.err);
}

#[test]
fn the_list_says_whose_voice_every_sentence_has() {
    let voiced = Voiced::new();
    let ran = voiced.run("list", &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.lines().all(|line| line.split('\t').nth(1) == Some("synthetic")), "{}", ran.out);
    let (gone, _) = voiced.recording("Bonjour. France");
    let manifest = voiced.prompts.join("fr/manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let mut entries: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    entries.retain(|e| !gone.ends_with(e["file"].as_str().unwrap()));
    fs::write(&manifest, serde_json::to_string(&entries).unwrap()).unwrap();
    let ran = voiced.run("list", &["--format", "json"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let listed: Vec<serde_json::Value> = serde_json::from_str(&ran.out).unwrap();
    let missing: Vec<_> = listed.iter().filter(|l| l["state"] == "missing").collect();
    assert_eq!(missing.len(), 1, "{}", ran.out);
    assert!(missing[0]["text"].as_str().unwrap().starts_with("Bonjour. France"));
    assert!(missing[0]["place"].as_str().unwrap().contains("bonjour"), "{missing:?}");
}

/// A studio gives 48 kHz and 24 bits, louder or fainter than what is kept.
fn studio(path: &Path, seconds: f64, loudness: f64) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 48_000,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..(seconds * 48_000.0) as usize {
        let sample = (loudness * (n as f64 * 0.05).sin()).clamp(-1.0, 1.0);
        for _ in 0..2 {
            writer.write_sample((sample * 8_388_607.0) as i32).unwrap();
        }
    }
    writer.finalize().unwrap();
}

/// The rows of a studio's list: file, language, text, place.
fn rows(list: &Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(list).unwrap().records().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_studio_s_recordings_come_back_checked_and_win_over_the_engine_s() {
    let voiced = Voiced::new();
    let list = voiced.dir.path().join("studio.csv");
    let ran = voiced.run("studio", &["--out", list.to_str().unwrap(), "--language", "fr"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let all = rows(&list);
    let row = |begin: &str| all.iter().find(|row| row[2].starts_with(begin)).unwrap_or_else(|| panic!("{begin}"));
    let (greeting, goodbye, third) = (row("Bonjour. France"), row("Merci de votre appel"), row("Gardez près"));
    let recordings = voiced.dir.path().join("recordings");
    fs::create_dir(&recordings).unwrap();
    studio(&recordings.join(&greeting[0]), 4.0, 0.02);
    studio(&recordings.join(&goodbye[0]), 2.5, 3.0);
    studio(&recordings.join(&third[0]), 0.2, 0.3);
    studio(&recordings.join("fr-mistyped.wav"), 2.0, 0.3);
    let import = |voiced: &Voiced| {
        let (dir, list) = (recordings.to_str().unwrap(), list.to_str().unwrap());
        svi(&[
            "prompts",
            "import",
            dir,
            "--list",
            list,
            "--voice",
            "Claire",
            "--prompts",
            voiced.prompts.to_str().unwrap(),
        ])
    };
    let ran = import(&voiced);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let told = |file: &str, what: &str| {
        assert!(ran.out.lines().any(|l| l.contains(file) && l.contains(what)), "{file} {what}: {}", ran.out);
    };
    told(&goodbye[0], "clipped");
    told(&third[0], "too short");
    told("fr-mistyped.wav", "no line of the list has this name");
    assert_eq!(ran.out.lines().count(), 3, "{}", ran.out);
    assert!(ran.err.contains("1 recordings taken"), "{}", ran.err);

    let ran = voiced.run("list", &[]);
    let human: Vec<&str> = ran.out.lines().filter(|l| l.contains("\thuman\t")).collect();
    assert_eq!(human.len(), 1, "{}", ran.out);
    assert!(human[0].contains("Bonjour"), "{}", ran.out);
    let ran = voiced.run("check", &[]);
    assert_eq!(ran.code, 0, "what was taken is in order: {}", ran.out);
    // An engine never takes a person's place, and the studio is not asked twice.
    let (before, _) = voiced.recording("Bonjour. France");
    let before = fs::read(before).unwrap();
    assert_eq!(voiced.render().code, 0);
    assert_eq!(fs::read(voiced.recording("Bonjour. France").0).unwrap(), before);
    assert_eq!(voiced.run("studio", &["--out", list.to_str().unwrap(), "--language", "fr"]).code, 0);
    assert!(rows(&list).iter().all(|row| !row[2].starts_with("Bonjour. France")), "the greeting is spoken already");
}

#[test]
fn an_engine_of_one_text_is_brought_to_the_format_and_level_of_all_prompts() {
    let voiced = Voiced::new();
    voiced.reword();
    let dir = voiced.dir.path();
    let loud = dir.join("loud.wav");
    studio(&loud, 1.0, 0.7);
    let script = dir.join("voice.sh");
    let text = format!("cat > /dev/null\necho \"$1\" >> {0}/asked\ncat {1}\n", dir.display(), loud.display());
    fs::write(&script, text).unwrap();
    let command = format!("sh {} {{language}}", script.display());
    let ran = voiced.run("render", &["--voice-command", &command]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let asked = || fs::read_to_string(dir.join("asked")).unwrap();
    let mut languages: Vec<String> = asked().lines().map(str::to_owned).collect();
    languages.sort();
    assert_eq!(languages, ["en", "fr"]);
    let ran = voiced.run("check", &[]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let again = voiced.run("render", &["--voice-command", &command]);
    assert!(again.err.contains("every one has its audio"), "{}", again.err);
    assert_eq!(asked().lines().count(), 2, "nothing is rendered twice");
}

#[test]
fn an_engine_that_fails_says_at_which_text_and_what_was_done_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let flows = edited(dir.path(), &[]);
    let prompts = dir.path().join("prompts");
    let good = dir.path().join("good.wav");
    studio(&good, 1.0, 0.3);
    let script = dir.path().join("voice.sh");
    fs::write(
        &script,
        format!(
            "cat > /dev/null\n[ -e {0}/once ] && exit 7\ntouch {0}/once\ncat {1}\n",
            dir.path().display(),
            good.display()
        ),
    )
    .unwrap();
    let (flows, prompts) = (flows.to_str().unwrap(), prompts.to_str().unwrap());
    let command = format!("sh {}", script.display());
    let ran = svi(&["prompts", "render", flows, "--prompts", prompts, "--voice-command", &command]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("exit status: 7 at “"), "{}", ran.err);
    let listed = svi(&["prompts", "list", flows, "--prompts", prompts]);
    assert_eq!(listed.out.lines().filter(|l| l.contains("\tsynthetic\t")).count(), 1);
}

/// A speech engine of the shape of `POST /v1/audio/speech`, and the requests that it has got: it
/// says the same of everything, but the first time, when it is still busy.
fn engine_over_http(wav: Vec<u8>) -> (SocketAddr, Receiver<serde_json::Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (tell, asked) = mpsc::channel();
    thread::spawn(move || {
        for (nth, mut stream) in listener.incoming().flatten().enumerate() {
            let mut reader = BufReader::new(&mut stream);
            let (mut head, mut line) = (String::new(), String::new());
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                head.push_str(&line.to_ascii_lowercase());
                line.clear();
            }
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            let mut order: serde_json::Value = serde_json::from_slice(&body).unwrap();
            order["head"] = head.into();
            tell.send(order).unwrap();
            let (status, body) =
                if nth == 0 { ("503 Busy", &b"the model is loading"[..]) } else { ("200 OK", &wav[..]) };
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).unwrap();
            stream.write_all(body).unwrap();
        }
    });
    (at, asked)
}

#[test]
fn an_engine_behind_http_is_asked_in_its_own_words_for_each_language_s_voice() {
    let voiced = Voiced::new();
    voiced.reword();
    let said = voiced.dir.path().join("said.wav");
    studio(&said, 1.0, 0.5);
    let (at, asked) = engine_over_http(fs::read(&said).unwrap());
    let settings = voiced.dir.path().join("svi.yaml");
    let url = format!("http://{at}/v1/audio/speech");
    let text = format!("voice:\n  http: {{ url: \"{url}\", model: kokoro, fr: ff_siwis, en: bf_emma }}\n");
    fs::write(&settings, text).unwrap();
    let config = ["--config", settings.to_str().unwrap()];
    let busy = voiced.run("render", &config);
    assert_eq!(busy.code, 2, "{}", busy.err);
    assert!(busy.err.contains("503") && busy.err.contains("the model is loading"), "{}", busy.err);
    let done = voiced.run("render", &config);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(!format!("{}{}", busy.err, done.err).contains(KEY));
    let orders: Vec<_> = asked.try_iter().collect();
    let voices: BTreeSet<_> = orders[1..].iter().map(|order| order["voice"].as_str().unwrap()).collect();
    assert_eq!((orders.len(), voices), (3, BTreeSet::from(["bf_emma", "ff_siwis"])));
    assert!(orders.iter().any(|order| order["input"].as_str().unwrap().starts_with("Merci infiniment.")), "{orders:?}");
    for order in &orders {
        assert_eq!((&order["model"], &order["response_format"]), (&"kokoro".into(), &"wav".into()));
        let head = order["head"].as_str().unwrap();
        assert!(head.starts_with("post /v1/audio/speech http/1.1"), "{head}");
        assert!(head.contains(&format!("authorization: bearer {KEY}")), "{head}");
    }
    assert_eq!(voiced.run("check", &[]).code, 0);
    assert!(voiced.run("render", &config).err.contains("every one has its audio"));
    assert_eq!(asked.try_iter().count(), 0, "nothing is rendered twice");
}
