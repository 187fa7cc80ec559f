//! `svi prompts check` and `render`, with a voice that only hums.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::run::{Ran, edited, svi};

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
        svi(&[&["prompts", what, flows, "--prompts", prompts], more].concat())
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
    let (changed, changed_name) = voiced.recording("Bonjour");
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
