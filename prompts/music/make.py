#!/usr/bin/env python3
"""Makes the music on hold and the signals. Everything here is computed, so it is ours.

    make.py [DIR]        needs numpy; writes into the folder of this file unless told

attente.wav      the music on hold: a calm loop of 64 s, end flowing into start
tone-beep.wav    the signal before a message
ringback-fr.wav  the French ringing tone, one period

Made for the telephone: nothing that matters is under 200 Hz or over 3400 Hz, the
level sits well under the voice, and the notes are slow and rich in partials so
that no pair of them is ever taken for a key that was pressed.
"""

import os
import sys
import wave

import numpy as np

RATE = 16_000
BEAT = 1.0  # seconds
BAR = 4 * BEAT
LOOP = 64.0  # seconds: two times eight bars

# Eight bars, written in D major, each chord as MIDI notes for the pad.
CHORDS = [
    (62, 66, 69, 76),  # D add9
    (59, 66, 69, 74),  # Bm7
    (67, 71, 74, 78),  # Gmaj7
    (61, 64, 69, 74),  # A sus4
    (62, 66, 69, 73),  # Dmaj7
    (66, 69, 73, 76),  # F#m7
    (67, 71, 74, 81),  # G add9
    (64, 69, 73, 76),  # A
]
# The notes plucked over each bar: places in the chord, an octave up, and their beat.
PATTERNS = [
    [(0, 0.0), (2, 1.0), (3, 2.0), (1, 3.0)],
    [(1, 0.0), (3, 1.5), (2, 2.5)],
    [(2, 0.0), (0, 1.0), (1, 2.0), (3, 3.0)],
    [(3, 0.5), (1, 1.5), (2, 3.0)],
]


# In semitones. Of all places between -4 and 4 this is the one where the music looks
# least like a pressed key (at most 16 % of the energy in any window sits on one low
# and one high key frequency; at 0 it is 53 %).
TRANSPOSE = -2.5


def pitch(note):
    return 440 * 2 ** ((note + TRANSPOSE - 69) / 12)


def pad(note, seconds):
    """A soft voice: slow to come, slow to go, a little wider than one string."""
    time = np.arange(int(seconds * RATE)) / RATE
    sound = np.zeros_like(time)
    for detune in (-0.0025, 0.0, 0.0025):
        for partial in range(1, 9):
            frequency = pitch(note) * (1 + detune) * partial
            if frequency < 3300:
                sway = 0.3 * np.sin(2 * np.pi * (0.11 + 0.03 * partial) * time + partial)
                sound += np.sin(2 * np.pi * frequency * time + 1.7 * partial + 400 * detune) * (1 + sway) / partial**1.6
    rise, fall = 1.6, 2.2
    shape = np.minimum(1, time / rise) * np.minimum(1, (seconds - time) / fall)
    return sound * np.sin(np.pi / 2 * np.clip(shape, 0, 1)) ** 2


def pluck(note, seconds=3.5):
    """A struck string: the higher a partial, the sooner it is gone."""
    time = np.arange(int(seconds * RATE)) / RATE
    sound = np.zeros_like(time)
    for partial in range(1, 8):
        frequency = pitch(note) * partial * (1 + 0.0004 * partial**2)
        if frequency < 3300:
            sound += np.sin(2 * np.pi * frequency * time) * np.exp(-time * (1.1 + 0.9 * partial)) / partial**1.1
    return sound * np.minimum(1, time / 0.012) * np.minimum(1, (seconds - time) / 0.3)


def add(loop, sound, at, gain):
    """Into the loop at a time; what runs over the end comes in at the start."""
    places = (int(at * RATE) + np.arange(len(sound))) % len(loop)
    np.add.at(loop, places, gain * sound)


def band(loop, low=200.0, high=3400.0):
    """The telephone's band, cut in the loop's own spectrum so that it stays a loop."""
    spectrum = np.fft.rfft(loop)
    frequency = np.fft.rfftfreq(len(loop), 1 / RATE)
    rise = 1 / (1 + (low / np.maximum(frequency, 1e-9)) ** 8)
    fall = 1 / (1 + (frequency / high) ** 16)
    return np.fft.irfft(spectrum * rise * fall, len(loop))


def echo(loop):
    """A room, all of it inside the loop."""
    chance = np.random.default_rng(1794)
    wet = np.zeros_like(loop)
    for _ in range(60):
        delay = chance.uniform(0.02, 1.4)
        wet += chance.choice([-1, 1]) * np.exp(-3.2 * delay) * np.roll(loop, int(delay * RATE))
    return loop + 0.16 * wet


def attente():
    loop = np.zeros(int(LOOP * RATE))
    chance = np.random.default_rng(1515)
    bars = int(LOOP / BAR)
    for bar in range(bars):
        chord = CHORDS[bar % len(CHORDS)]
        for note in chord:
            add(loop, pad(note, BAR + 2.2), bar * BAR, 0.10)
        for place, beat in PATTERNS[(bar + bar // len(CHORDS)) % len(PATTERNS)]:
            late = chance.uniform(0, 0.02)
            add(loop, pluck(chord[place] + 12), bar * BAR + beat * BEAT + late, chance.uniform(0.28, 0.4))
            add(loop, pluck(chord[place]), bar * BAR + beat * BEAT + late, 0.2)
    loop = band(echo(loop))
    return level(loop, -26.0)


def level(sound, rms):
    sound = sound * 10 ** (rms / 20) / np.sqrt((sound**2).mean())
    peak = np.abs(sound).max()
    assert peak < 10 ** (-6 / 20), f"the peak is {20 * np.log10(peak):.1f} dBFS"
    return sound


def tone(frequency, seconds, gain, edge):
    time = np.arange(int(seconds * RATE)) / RATE
    shape = np.clip(np.minimum(time, seconds - time) / edge, 0, 1)
    return 10 ** (gain / 20) * np.sin(2 * np.pi * frequency * time) * np.sin(np.pi / 2 * shape) ** 2


def write(path, sound):
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(sound * 32767).astype("<i2").tobytes())
    print(f"{path}: {len(sound) / RATE:.2f} s, {20 * np.log10(np.sqrt((sound**2).mean())):.1f} dBFS RMS", file=sys.stderr)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    write(os.path.join(folder, "attente.wav"), attente())
    write(os.path.join(folder, "tone-beep.wav"), tone(1000, 0.4, -14, 0.010))
    ringing = np.concatenate([tone(440, 1.5, -18, 0.008), np.zeros(int(3.5 * RATE))])
    write(os.path.join(folder, "ringback-fr.wav"), ringing)


if __name__ == "__main__":
    main()
