#!/usr/bin/env python3
"""Listens to the prompts as a caller would and says which ones are not understood.

    verify.py prompts/fr/manifest.json [prompts/en/manifest.json] [--again] [--only TEXT]

Each WAV goes through the telephone (8 kHz, A-law) to a speech recogniser: Vosk
for French, then Whisper small for what Vosk did not get and for English. What
was heard, and the share of words that were wrong, are written beside each clip.
Exit status 1 and a list on stdout when a clip is not understood. README.md says
how short clips are heard and what counts as the same word.
"""

import argparse
import json
import os
import re
import sys
import unicodedata
import wave

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kokoro

MOST_WRONG = 0.20
SHORT = 3  # a text of this many words or fewer is heard among the other short ones

FRENCH = {
    "small": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize".split(),
    "tens": {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"},
}
ENGLISH = {
    "small": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen".split(),
    "tens": dict(zip(range(20, 100, 10), "twenty thirty forty fifty sixty seventy eighty ninety".split())),
}
KEYS = {
    "fr": set(
        FRENCH["small"] + list(FRENCH["tens"].values())
        + "vingts cent cents mille demi demie quart midi minuit étoile dièse premier première "
        "lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin "
        "juillet août septembre octobre novembre décembre".split()
    ),
    "en": set(
        ENGLISH["small"] + list(ENGLISH["tens"].values())
        + "hundred thousand half quarter noon midday midnight star hash pound first second third "
        "monday tuesday wednesday thursday friday saturday sunday january february march april may "
        "june july august september october november december".split()
    ),
}
ORDINALS_EN = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}


def number(value, language):
    """A number below a million in words."""
    if language == "fr":
        small, tens = FRENCH["small"], FRENCH["tens"]
        if value < 17:
            return small[value]
        if value < 20:
            return "dix " + small[value - 10]
        if value < 70:
            ten, unit = value // 10 * 10, value % 10
            return tens[ten] + (" et un" if unit == 1 else f" {small[unit]}" if unit else "")
        if value < 80:
            return "soixante et onze" if value == 71 else "soixante " + number(value - 60, "fr")
        if value < 100:
            return "quatre vingts" if value == 80 else "quatre vingt " + number(value - 80, "fr")
        if value < 1000:
            hundreds, rest = divmod(value, 100)
            head = "cent" if hundreds == 1 else small[hundreds] + (" cents" if not rest else " cent")
        else:
            hundreds, rest = divmod(value, 1000)
            head = "mille" if hundreds == 1 else number(hundreds, "fr") + " mille"
        return head + (" " + number(rest, "fr") if rest else "")
    small, tens = ENGLISH["small"], ENGLISH["tens"]
    if value < 20:
        return small[value]
    if value < 100:
        return tens[value // 10 * 10] + (" " + small[value % 10] if value % 10 else "")
    big, name = (100, "hundred") if value < 1000 else (1000, "thousand")
    head, rest = divmod(value, big)
    return number(head, "en") + " " + name + (" " + number(rest, "en") if rest else "")


def digits(match, language):
    """Digits as they are said: phone numbers by pairs, a leading zero aloud."""
    text = match.group(0)
    if len(text) in (8, 10):
        return " " + " ".join(digits(re.match(r"\d+", text[at : at + 2]), language) for at in range(0, len(text), 2)) + " "
    zeros = len(text) - len(text.lstrip("0"))
    said = [number(0, language)] * (zeros if int(text) else len(text))
    if int(text):
        said.append(number(int(text), language) if int(text) < 1_000_000 else " ".join(number(int(d), language) for d in text))
    return " " + " ".join(said) + " "


def words(text, language):
    """The words of a text, numbers spelled out, without case, marks or hyphens."""
    text = unicodedata.normalize("NFC", text).replace("\u2019", "'").lower()
    text = text.replace("œ", "oe").replace("æ", "ae")
    if language == "fr":
        text = re.sub(r"\b1(er|ers)\b", "premier", text)
        text = re.sub(r"\b1(re|ère)s?\b", "première", text)
        text = re.sub(r"\b(\d+)\s*(e|è|ème|eme|ième)s?\b", lambda m: ordinal(int(m[1])), text)
        text = re.sub(r"(\d)\s*h(eures?)?\s*(?=\d|\b)", r"\1 heures ", text)
        text = re.sub(r"\b(\d{1,2}):(\d\d)\b", r"\1 heures \2", text)
        text = re.sub(r"\bheures\s+00?\b", "heures", text)
        text = text.replace("%", " pour cent ").replace("€", " euros ").replace("@", " arobase ").replace("&", " et ")
        text = re.sub(r"(?<=\w)\.(?=\w)", " point ", text)
        text = re.sub(r"\bn°", "numéro ", text)
        for short, long in (("mme", "madame"), ("mr", "monsieur"), ("km", "kilomètres"), ("min", "minutes")):
            text = re.sub(rf"\b{short}\b", long, text)
    else:
        text = re.sub(r"\b(\d+)(st|nd|rd|th)\b", lambda m: ordinal_en(int(m[1])), text)
        text = re.sub(r"\b(\d{1,2})[:.](\d\d)(?!\d)", r"\1 \2", text)
        text = re.sub(r"\b(\d{1,2}) 00(?!\d)", r"\1", text)
        text = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", text).replace("o'clock", "oclock")
        text = re.sub(r"\bcannot\b", "can not", text)
        text = text.replace("%", " percent ").replace("@", " at ").replace("&", " and ").replace("#", " hash ")
        text = re.sub(r"(?<=\w)\.(?=\w)", " dot ", text)
    text = re.sub(r"(?<=\d)[\s.](?=\d{3}\b)", "", text)
    text = re.sub(r"\d+", lambda match: digits(match, language), text)
    said = re.findall(r"[a-zà-öø-ÿ]+", text)
    if language == "fr":  # "1 minute" comes back as "un minute"
        said = ["un" if word == "une" else word for word in said]
        said = ["vingt" if word == "vingts" else "cent" if word == "cents" else word for word in said]
    return said


def ordinal(value):
    if value == 1:
        return "premier"
    said = number(value, "fr")
    last = {"neuf": "neuvième", "cinq": "cinquième"}
    head, _, tail = said.rpartition(" ")
    tail = tail.removesuffix("s") if tail in ("vingts", "cents") else tail
    return f"{head} {last.get(tail, tail.removesuffix('e') + 'ième')}".strip()


def ordinal_en(value):
    said = number(value, "en")
    head, _, tail = said.rpartition(" ")
    named = {ENGLISH["small"][v]: name for name, v in ORDINALS_EN.items()}
    return f"{head} {named.get(tail, tail[:-1] + 'ieth' if tail.endswith('y') else tail + 'th')}".strip()


def distance(ours, theirs):
    row = list(range(len(theirs) + 1))
    for at, mine in enumerate(ours, 1):
        before, row[0] = row[0], at
        for to, other in enumerate(theirs, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (mine != other))
    return row[-1]


class Ear:
    """Two recognisers, and the judgement on what they heard."""

    def __init__(self, home, threads):
        self.home, self.threads = home, threads
        self.vosk_model = self.whisper = self.tokens = None
        self.sounds = {}
        self.backends = {}

    # -- what was said against what was heard

    def sound(self, word, language):
        """How a word is pronounced, so that homophones are one word."""
        if (word, language) not in self.sounds:
            if language not in self.backends:
                import espeakng_loader
                from phonemizer.backend import EspeakBackend
                from phonemizer.backend.espeak.wrapper import EspeakWrapper

                EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
                EspeakWrapper.set_library(espeakng_loader.get_library_path())
                self.backends[language] = EspeakBackend(
                    kokoro.VOICES[language][1], language_switch="remove-flags", words_mismatch="ignore"
                )
            said = self.backends[language].phonemize([word])[0]
            self.sounds[word, language] = re.sub(r"[\sː‿ˈˌ-]", "", said)
        return self.sounds[word, language]

    def judge(self, text, heard, language):
        """(share of words wrong, are the numbers and keys right)"""
        ours, theirs = words(text, language), words(heard, language)
        ours_sound = [self.sound(word, language) for word in ours]
        theirs_sound = [self.sound(word, language) for word in theirs]
        if self.sound(" ".join(ours), language) == self.sound(" ".join(theirs), language):
            return 0.0, True
        if "".join(ours_sound) == "".join(theirs_sound):
            return 0.0, True
        wrong = distance(ours_sound, theirs_sound) / max(1, len(ours))
        key_sounds = {self.sound(key, language) for key in KEYS[language]}
        keys = [
            [sound for sound in said if sound in key_sounds or sound.endswith(self.sound("ième", "fr"))]
            for said in (ours_sound, theirs_sound)
        ]
        return wrong, keys[0] == keys[1]

    # -- the two recognisers

    def vosk(self, samples, grammar=None):
        import vosk

        if self.vosk_model is None:
            vosk.SetLogLevel(-1)
            self.vosk_model = vosk.Model(os.path.join(self.home, "vosk-fr"))
        if grammar:
            recogniser = vosk.KaldiRecognizer(self.vosk_model, 16_000, json.dumps(grammar, ensure_ascii=False))
        else:
            recogniser = vosk.KaldiRecognizer(self.vosk_model, 16_000)
        heard = []
        pcm = (samples * 32767).astype("<i2").tobytes()
        for at in range(0, len(pcm), 8000):
            if recogniser.AcceptWaveform(pcm[at : at + 8000]):
                heard.append(json.loads(recogniser.Result())["text"])
        heard.append(json.loads(recogniser.FinalResult())["text"])
        return " ".join(filter(None, heard))

    def whisper_small(self, samples, language):
        import numpy as np
        import onnxruntime as ort
        from tokenizers import Tokenizer

        if self.whisper is None:
            options = ort.SessionOptions()
            options.intra_op_num_threads = self.threads
            options.log_severity_level = 3
            folder = os.path.join(self.home, "whisper")
            self.whisper = [
                ort.InferenceSession(os.path.join(folder, "onnx", name), options, providers=["CPUExecutionProvider"])
                for name in ("encoder_model_quantized.onnx", "decoder_model_merged_quantized.onnx")
            ]
            self.tokens = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        encoder, decoder = self.whisper
        hidden = encoder.run(None, {"input_features": mel(samples)})[0]
        token = self.tokens.token_to_id
        said = [
            token("<|startoftranscript|>"),
            token(f"<|{language}|>"),
            token("<|transcribe|>"),
            token("<|notimestamps|>"),
        ]
        start, end = len(said), token("<|endoftext|>")
        past_names = [i.name for i in decoder.get_inputs() if i.name.startswith("past_key_values")]
        shapes = {i.name: i.shape for i in decoder.get_inputs()}
        past = {name: np.zeros((1, shapes[name][1], 0, shapes[name][3]), np.float32) for name in past_names}
        names = [o.name for o in decoder.get_outputs()]
        feed = said
        while len(said) < start + 120:
            used = bool(len(said) > start)
            answer = decoder.run(
                None,
                {
                    "input_ids": np.array([feed], np.int64),
                    "encoder_hidden_states": hidden,
                    "use_cache_branch": np.array([used]),
                    **past,
                },
            )
            answer = dict(zip(names, answer))
            for name in past_names:
                new = answer[name.replace("past_key_values", "present")]
                if not used or ".encoder." not in name:
                    past[name] = new
            scores = answer["logits"][0, -1]
            scores[end + 1 :] = -np.inf  # no time stamps, no language
            if len(said) == start:
                scores[end] = -np.inf
            next_token = int(scores.argmax())
            if next_token == end:
                break
            said.append(next_token)
            feed = [next_token]
        return self.tokens.decode(said[start:]).strip()


def mel(samples):
    """Whisper's log-mel picture of 30 seconds."""
    import numpy as np

    samples = np.pad(samples, (0, max(0, 480_000 - len(samples))))[:480_000]
    padded = np.pad(samples, 200, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160][:3000]
    power = np.abs(np.fft.rfft(windows * np.hanning(401)[:-1], axis=1)) ** 2

    def to_mel(hertz):
        return np.where(hertz < 1000, hertz * 3 / 200, 15 + np.log(np.maximum(hertz, 1) / 1000) * 27 / np.log(6.4))

    def to_hertz(mels):
        return np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(np.log(6.4) / 27 * (mels - 15)))

    edges = to_hertz(np.linspace(to_mel(np.array(0.0)), to_mel(np.array(8000.0)), 82))
    bins = np.linspace(0, 8000, 201)
    up = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    filters = np.maximum(0, np.minimum(up, down)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    picture = np.log10(np.maximum(power @ filters.T, 1e-10)).T
    picture = np.maximum(picture, picture.max() - 8)
    return ((picture + 4) / 4)[None].astype(np.float32)


def telephone(path):
    """The clip as a caller hears it, back at the recognisers' 16 kHz."""
    import numpy as np
    from scipy import signal

    with wave.open(path) as file:
        if (file.getnchannels(), file.getsampwidth()) != (1, 2):
            raise ValueError(f"{path} is not mono, 16 bits")
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    narrow = signal.resample_poly(samples, 8000, rate)
    # A-law by its formula: to 8 bits and back.
    a, top = 87.6, 1 + np.log(87.6)
    size = np.abs(np.clip(narrow, -1, 1))
    coded = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(a * size, 1))) / top
    coded = np.round(coded * 127) / 127
    size = np.where(coded < 1 / top, coded * top / a, np.exp(coded * top - 1) / a)
    wide = signal.resample_poly(np.sign(narrow) * size, 2, 1)
    return np.clip(wide, -1, 1)


def quiet(seconds):
    import numpy as np

    return np.random.default_rng(1).normal(0, 1e-4, int(seconds * 16_000))


def listen(ear, clip, folder, language, short_texts, carrier):
    """The best of what was heard: (share wrong, heard, understood)."""
    import numpy as np

    text = clip["text"]
    samples = telephone(os.path.join(folder, clip["file"]))
    padded = np.concatenate([quiet(0.4), samples, quiet(0.6)])
    tries = []

    def trial(heard):
        wrong, keys = ear.judge(text, heard, language)
        tries.append((wrong, heard, keys and wrong <= MOST_WRONG))
        return tries[-1][2]

    if language == "fr":
        if trial(ear.vosk(padded)):
            return tries[-1]
        if len(words(text, language)) <= SHORT:
            grammar = sorted({" ".join(said(t)) for t in short_texts}) + ["[unk]"]
            if trial(ear.vosk(padded, grammar)):
                return tries[-1]
    if trial(ear.whisper_small(padded, language)):
        return tries[-1]
    if len(words(text, language)) <= SHORT and carrier is not None:
        heard = ear.whisper_small(np.concatenate([quiet(0.4), carrier, quiet(0.15), samples, quiet(0.6)]), language)
        start = CARRIERS[language]
        found = re.search(re.escape(start.split()[-1].strip(" :,.")) + r"\W*(.*)", heard, re.I | re.S)
        if trial(found[1] if found else heard):
            return tries[-1]
    return min(tries, key=lambda found: (not found[2], found[0]))


CARRIERS = {"fr": "Écoutez bien, la réponse à la question est", "en": "Listen carefully, the answer to the question is"}


def said(text):
    """A text as Vosk's grammar wants it: its words, lower case."""
    return re.findall(r"[\wà-öø-ÿ']+", text.replace("\u2019", "'").lower().replace("-", " "))


def save(path, clips):
    kokoro.write(path, (json.dumps(clips, ensure_ascii=False, indent=2) + "\n").encode())


def main():
    parser = argparse.ArgumentParser(description="Says which prompts a caller would not understand.")
    parser.add_argument("manifests", nargs="+")
    parser.add_argument("--again", action="store_true", help="also those that have been verified before")
    parser.add_argument("--only", help="only the texts that contain this")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--home", default=kokoro.HOME)
    options = parser.parse_args()
    kokoro.in_its_own_python(options.home)
    if not os.path.exists(os.path.join(options.home, "vosk-fr")):
        sys.exit(f"verify.py: no recogniser in {options.home}; run install.sh {options.home} --verify")
    import numpy as np
    from scipy import signal

    ear = Ear(options.home, options.threads)
    failed = []
    for manifest in options.manifests:
        folder = os.path.dirname(os.path.abspath(manifest))
        language = os.path.basename(folder)
        with open(manifest, encoding="utf-8") as file:
            clips = json.load(file)
        short_texts = [c["text"] for c in clips if len(words(c["text"], language)) <= SHORT]
        carrier = None
        todo = [
            c for c in clips
            if (options.again or c.get("wer") is None) and (not options.only or options.only in c["text"])
        ]
        if any(len(words(c["text"], language)) <= SHORT for c in todo):
            voice = kokoro.Voice(options.home, options.threads, 1.0)
            carrier = signal.resample_poly(voice.speak(CARRIERS[language] + " :", language), 1, 2)
            carrier = signal.resample_poly(carrier, 2, 1)
            del voice
        for count, clip in enumerate(todo, 1):
            wrong, heard, understood = listen(ear, clip, folder, language, short_texts, carrier)
            clip["wer"], clip["heard"] = round(wrong, 3), heard
            if not understood:
                failed.append((manifest, clip))
            print(f"{count}/{len(todo)} {'ok ' if understood else 'NO '} {wrong:4.0%} {clip['text']!r} -> {heard!r}", file=sys.stderr, flush=True)
            if count % 5 == 0:
                save(manifest, clips)
        save(manifest, clips)
    for manifest, clip in failed:
        print(f"{manifest}: {clip['file']}: {clip['text']!r} was heard as {clip['heard']!r} ({clip['wer']:.0%})")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
