#!/usr/bin/env python3
"""Speaks a text with Kokoro-82M: the voice of the prompts.

Once:      echo "Bonjour." | kokoro.py --language fr > bonjour.wav
Resident:  kokoro.py --serve
           a line in:   {"language": "fr", "text": "Bonjour.", "out": "/tmp/bonjour.wav"}
           a line out:  {"out": "/tmp/bonjour.wav", "seconds": 0.9, "voice": "kokoro-82m/ff_siwis", "error": null}
           One answer for each line, in order. A text that cannot be spoken is
           an answer with "error" set and no file; the process goes on.

The WAV is 16 kHz, mono, 16 bits, at the level that all prompts share, so that
clips can be put one after the other. See README.md for how to install.
"""

import argparse
import io
import json
import os
import sys
import unicodedata
import wave

HOME = os.environ.get("SVI_VOICE_HOME") or os.path.expanduser("~/.cache/svi/voice")

VOICES = {  # language: (Kokoro's voice, espeak-ng's language)
    "fr": ("ff_siwis", "fr-fr"),
    "en": ("bf_emma", "en-gb"),
}

MODEL_RATE = 24_000
RATE = 16_000
HIGH_PASS = 100.0  # Hz: nothing of a voice is below, and telephones rumble there
LEVEL = -20.0  # dBFS RMS, over the parts where someone speaks
PEAK = -3.0  # dBFS
QUIET = -42.0  # dB under the loudest frame: at the edges this is silence
LEAD, TAIL = 0.040, 0.060  # seconds of silence kept before and after
MOST_TOKENS = 400  # the model takes 510; long before that it starts to hurry
SENTENCE_GAP = 0.35  # seconds between two pieces of a text that was cut


SHORT = 3  # words: a text this short is said as a sentence, or its end is swallowed

# What is said in place of a text that the voice gets wrong: {"fr": {text: said}}.
SAY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "say.json")


class CannotSpeak(Exception):
    """The text gave no usable sound."""


def words_of(text):
    """The text as the model wants it: NFC, plain apostrophes and spaces."""
    text = unicodedata.normalize("NFC", text).replace("\u2019", "'")
    return " ".join(text.split())


class Voice:
    """The model, loaded once."""

    def __init__(self, home, threads, speed):
        import numpy as np
        import onnxruntime as ort
        from kokoro_onnx.tokenizer import Tokenizer

        self.np = np
        self.tokenizer = Tokenizer()
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.model = ort.InferenceSession(
            os.path.join(home, "kokoro-fp32.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.usual_speed = speed
        self.speed = np.full(1, speed, np.float32)
        self.home = home
        self.styles = {}
        self.phonemizers = {}
        self.say = {}
        if os.path.exists(SAY):
            with open(SAY, encoding="utf-8") as file:
                self.say = json.load(file)

    def style(self, name):
        if name not in self.styles:
            path = os.path.join(self.home, "voices", name + ".bin")
            self.styles[name] = self.np.fromfile(path, self.np.float32).reshape(-1, 256)
        return self.styles[name]

    def phonemes(self, text, language):
        # Not Tokenizer.phonemize: it leaves espeak's "(en)" marks in, and the
        # voice reads them out.
        if language not in self.phonemizers:
            from phonemizer.backend import EspeakBackend
            from phonemizer.separator import Separator

            backend = EspeakBackend(
                language,
                preserve_punctuation=True,
                with_stress=True,
                language_switch="remove-flags",
                words_mismatch="ignore",
            )
            self.phonemizers[language] = (backend, Separator(phone="", syllable="", word=" "))
        backend, separator = self.phonemizers[language]
        spoken = backend.phonemize([text], separator=separator, strip=True)[0]
        return self.tokenizer.known(spoken).strip()

    def speak(self, text, language):
        """Samples at RATE, between -1 and 1, ready to be written."""
        if language not in VOICES:
            raise CannotSpeak(f"no voice speaks {language!r} (there are: {', '.join(VOICES)})")
        text = words_of(text)
        if not any(letter.isalnum() for letter in text):
            raise CannotSpeak("nothing to say")
        said = self.say.get(language, {}).get(text, text)
        if isinstance(said, dict):  # {"say": …, "speed": 0.9}: some words are only heard when said slowly
            text, speed = said.get("say", text), said["speed"]
        else:
            text, speed = said, None
        self.speed = self.np.full(1, speed or self.usual_speed, self.np.float32)
        if len(text.split()) <= SHORT and text[-1].isalnum():
            text += "."
        voice, espeak = VOICES[language]
        pieces = [self.raw(piece, voice) for piece in self.pieces(text, espeak)]
        if not pieces:
            raise CannotSpeak("nothing in this text can be pronounced")
        gap = self.np.zeros(int(SENTENCE_GAP * RATE))
        joined = []
        for piece in pieces:
            joined += [piece, gap]
        return finish(self.np.concatenate(joined[:-1]))

    def pieces(self, text, espeak):
        """The text in parts that the model can say in one breath, as phonemes."""
        spoken = self.phonemes(text, espeak)
        while spoken:
            if len(spoken) <= MOST_TOKENS:
                yield spoken
                return
            head = spoken[:MOST_TOKENS]
            ends = [head.rfind(mark) for mark in (". ", "! ", "? ", "; ", ": ", ", ", " ")]
            cut = next((end for end in ends if end > MOST_TOKENS // 4), MOST_TOKENS - 2) + 1
            yield spoken[:cut].strip()
            spoken = spoken[cut:].strip()

    def raw(self, phonemes, voice):
        np = self.np
        tokens = self.tokenizer.tokenize(phonemes)
        if not tokens:
            raise CannotSpeak("nothing in this text can be pronounced")
        samples = self.model.run(
            None,
            {
                "input_ids": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": self.style(voice)[len(tokens)][None],
                "speed": self.speed,
            },
        )[0][0].astype(np.float64)
        if not np.isfinite(samples).all():
            raise CannotSpeak("the model gave samples that are not numbers")
        return clean(samples)


def frames(samples, seconds=0.010):
    """The RMS of each short frame."""
    import numpy as np

    size = int(seconds * RATE)
    count = max(1, len(samples) // size)
    padded = np.zeros(count * size)
    padded[: min(len(samples), len(padded))] = samples[: len(padded)]
    return np.sqrt((padded.reshape(count, size) ** 2).mean(axis=1)), size


def clean(samples):
    """From the model's rate to ours, without rumble and without silence around."""
    import numpy as np
    from scipy import signal

    samples = signal.resample_poly(samples, RATE, MODEL_RATE)
    high_pass = signal.butter(2, HIGH_PASS, "highpass", fs=RATE, output="sos")
    samples = signal.sosfiltfilt(high_pass, samples)

    levels, size = frames(samples)
    loudest = levels.max()
    if loudest < 1e-4:
        raise CannotSpeak("the model gave silence")
    heard = np.nonzero(levels > loudest * 10 ** (QUIET / 20))[0]
    start, end = heard[0] * size, (heard[-1] + 1) * size
    lead, tail = int(LEAD * RATE), int(TAIL * RATE)
    samples = np.concatenate([np.zeros(lead), samples, np.zeros(tail)])
    samples = samples[start : lead + end + tail]
    samples[:lead] *= np.linspace(0, 1, lead)
    samples[-tail:] *= np.linspace(1, 0, tail)
    return samples


def finish(samples):
    """At the level that all prompts share, and never above the peak."""
    import numpy as np
    from scipy import ndimage

    levels, _ = frames(samples, 0.020)
    active = levels[levels > levels.max() * 10 ** (-30 / 20)]
    samples = samples * (10 ** (LEVEL / 20) / np.sqrt((active**2).mean()))

    # A limiter that sees 5 ms ahead: the gain comes down before the peak and
    # back after it, so that nothing is cut off.
    ceiling = 10 ** (PEAK / 20)
    gain = np.minimum(1, ceiling / np.maximum(np.abs(samples), 1e-9))
    reach = 2 * int(0.005 * RATE) + 1
    gain = ndimage.minimum_filter1d(gain, reach, mode="nearest")
    smooth = np.hanning(reach + 2)[1:-1]
    gain = np.convolve(np.pad(gain, reach // 2, mode="edge"), smooth / smooth.sum(), "valid")
    samples = samples * gain

    if not np.isfinite(samples).all() or np.abs(samples).max() > ceiling + 1e-6:
        raise CannotSpeak("the level could not be set")
    return samples


def wav(samples):
    """The bytes of a WAV file."""
    import numpy as np

    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return held.getvalue()


def write(path, content):
    """The whole file or none of it."""
    part = f"{path}.{os.getpid()}.part"
    try:
        with open(part, "wb") as file:
            file.write(content)
        os.replace(part, path)
    except OSError:
        if os.path.exists(part):
            os.remove(part)
        raise


def serve(voice, answers):
    for line in sys.stdin:
        if not line.strip():
            continue
        answer = {"out": None, "seconds": None, "voice": None, "error": None}
        try:
            asked = json.loads(line)
            answer["out"] = asked["out"]
            language = asked.get("language", "fr")
            samples = voice.speak(asked["text"], language)
            write(asked["out"], wav(samples))
            answer["seconds"] = round(len(samples) / RATE, 3)
            answer["voice"] = "kokoro-82m/" + VOICES[language][0]
        except Exception as error:  # one bad line must not take the voice away
            answer["error"] = f"{type(error).__name__}: {error}"
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()


def main():
    parser = argparse.ArgumentParser(description="Speaks a text with Kokoro-82M.")
    parser.add_argument("--serve", action="store_true", help="stay, and answer JSON lines")
    parser.add_argument("--language", default="fr", choices=sorted(VOICES))
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--home", default=HOME, help=f"where install.sh put the voice ({HOME})")
    options = parser.parse_args()

    in_its_own_python(options.home)
    # What a library prints must not be taken for sound or for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdin.reconfigure(encoding="utf-8")

    voice = Voice(options.home, options.threads, options.speed)
    if options.serve:
        serve(voice, answers)
        return
    try:
        answers.buffer.write(wav(voice.speak(sys.stdin.read(), options.language)))
        answers.flush()
    except CannotSpeak as error:
        sys.exit(f"kokoro.py: {error}")


def in_its_own_python(home):
    """Go on under the Python that install.sh prepared, unless this is it."""
    python = os.path.join(home, "venv", "bin", "python")
    if not os.path.exists(python) or not os.path.exists(os.path.join(home, "kokoro-fp32.onnx")):
        sys.exit(f"no voice in {home}: run prompts/voice/install.sh {home}, or set SVI_VOICE_HOME")
    if os.path.realpath(sys.prefix) != os.path.realpath(os.path.join(home, "venv")):
        os.execv(python, [python, *sys.argv])


if __name__ == "__main__":
    main()
