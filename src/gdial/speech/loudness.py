"""How loud a piece sounds, and making every piece equally loud.

Loudness after ITU-R BS.1770-4 (K-weighting, blocks of 400 ms, absolute and relative gate), peaks held by a
limiter that looks ahead.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

TARGET_LUFS = -19.0
CEILING = 10 ** (-1 / 20)
SILENCE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
BLOCK_SECONDS = 0.4
STEP_SECONDS = 0.1
LIMITER_SECONDS = 0.01
NOBODY_HEARS_LU = 0.25
MOST_RAISED_DB = 9.0

# The two stages of BS.1770-4's K-weighting, given there for 48 kHz: numerator and denominator.
STAGES = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)
STAGES_RATE = 48_000
LONGEST_KEPT_SAMPLES = 128 * 1024

Sound = NDArray[np.float64]


def measure_lufs(sound: Sound, rate: int) -> float:
    """Integrated loudness of samples between -1 and 1; -70 for silence. A sound shorter than a block is measured as
    a block that ends in silence."""
    powers = _block_powers(_weigh(sound, rate), rate)
    loud = powers[_to_lufs(powers) > SILENCE_LUFS]
    if not loud.size:
        return SILENCE_LUFS
    gate = _to_lufs(loud.mean()) + RELATIVE_GATE_LU
    return float(_to_lufs(loud[_to_lufs(loud) > gate].mean()))


def make_even(sound: Sound, rate: int) -> Sound:
    """`sound` at `TARGET_LUFS`, with no sample above `CEILING`.

    What the limiter takes from a peaky voice is given back as gain, up to `MOST_RAISED_DB`: beyond that the voice would
    be all limiter, and stays quieter.
    """
    gain_db = first_db = TARGET_LUFS - measure_lufs(sound, rate)
    while True:
        loud = sound * 10 ** (gain_db / 20)
        limited = limit(loud, rate)
        if limited is loud:
            return limited
        missing_db = TARGET_LUFS - measure_lufs(limited, rate)
        if missing_db < NOBODY_HEARS_LU or gain_db - first_db >= MOST_RAISED_DB:
            return limited
        gain_db = min(gain_db + missing_db, first_db + MOST_RAISED_DB)


def limit(sound: Sound, rate: int) -> Sound:
    """Turns peaks above `CEILING` down, starting before they come: the gain moves over 10 ms, no sample clips."""
    needed = np.minimum(1.0, CEILING / np.maximum(np.abs(sound), 1e-9))
    if needed.min() >= 1.0:
        return sound
    reach = max(int(LIMITER_SECONDS * rate) // 2, 1)
    window = 2 * reach + 1
    lowest = _lowest_in_windows(np.pad(needed, 2 * reach, mode="edge"), window)
    # The mean of minima over windows that all contain a sample is never above what that sample needs.
    total = np.concatenate(([0.0], np.cumsum(lowest)))
    gain: Sound = (total[window:] - total[:-window]) / window
    return sound * gain


def _lowest_in_windows(values: Sound, window: int) -> Sound:
    """The minimum of each `window` neighbours, by doubling: a handful of passes whatever the window."""
    size = 1
    while size * 2 <= window:
        values = np.minimum(values[:-size], values[size:])
        size *= 2
    rest = window - size
    return np.minimum(values[:-rest], values[rest:]) if rest else values


def _weigh(sound: Sound, rate: int) -> Sound:
    """K-weighted, in the frequency domain: the stages' response holds at every rate, only its size is applied."""
    size = len(sound) + -len(sound) % 4_096
    return np.fft.irfft(np.fft.rfft(sound, size) * _response(size, rate), size)[: len(sound)]


def _response(size: int, rate: int) -> Sound:
    """Kept for pieces of usual length, of which thousands are made: it takes as long as the rest of a measurement."""
    return _kept_response(size, rate) if size <= LONGEST_KEPT_SAMPLES else _make_response(size, rate)


@lru_cache(maxsize=32)
def _kept_response(size: int, rate: int) -> Sound:
    return _make_response(size, rate)


def _make_response(size: int, rate: int) -> Sound:
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size, 1 / rate) / STAGES_RATE)
    response = np.ones(len(turn))
    for numerator, denominator in STAGES:
        response *= np.abs(np.polyval(numerator[::-1], turn) / np.polyval(denominator[::-1], turn))
    return response


def _block_powers(sound: Sound, rate: int) -> Sound:
    block, step = int(BLOCK_SECONDS * rate), int(STEP_SECONDS * rate)
    sound = np.pad(sound, (0, max(block - len(sound), 0)))
    energy = np.concatenate(([0.0], np.cumsum(sound**2)))
    starts = np.arange(0, len(sound) - block + 1, step)
    return (energy[starts + block] - energy[starts]) / block


def _to_lufs(power: Sound | np.floating) -> Sound:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))
