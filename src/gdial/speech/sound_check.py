"""Whether what an engine gave can be a voice saying the text. It cannot tell whether the words are right."""

from __future__ import annotations

import numpy as np

from gdial.errors import SpeechUnavailable
from gdial.speech.base import Pcm

LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
# A character takes about 0.07 s. Figures and Chinese take more; a voice at twice the speed takes half.
SHORTEST_SECONDS_A_CHARACTER = 0.01
LONGEST_SECONDS_A_CHARACTER = 2.0
# One letter may be a word, and voices put silence around it.
SHORTEST_SECONDS, LEEWAY_SECONDS = 0.05, 10.0
QUIETEST_PEAK = 300
"""Of 32,768: -40 dB. Silence with the noise of a converter lies far below, the softest voice far above."""


def check_sound(pcm: Pcm, spoken: str) -> None:
    """Raises `SpeechUnavailable` for no sound, an odd rate, a length that does not go with the text, or silence."""
    if not LOWEST_RATE <= pcm.rate <= HIGHEST_RATE:
        raise SpeechUnavailable(f"a sound at {pcm.rate} Hz is no speech")
    if len(pcm.samples) % 2:
        raise SpeechUnavailable("the sound breaks off in the middle of a sample")
    seconds = len(pcm.samples) / 2 / pcm.rate
    shortest = max(SHORTEST_SECONDS, SHORTEST_SECONDS_A_CHARACTER * len(spoken))
    longest = LEEWAY_SECONDS + LONGEST_SECONDS_A_CHARACTER * len(spoken)
    if not shortest <= seconds <= longest:
        raise SpeechUnavailable(f"{seconds:.2f} s of sound cannot be a text of {len(spoken)} characters")
    samples = np.frombuffer(pcm.samples, "<i2")
    # A level that stands still is silence, wherever it stands.
    if (int(samples.max()) - int(samples.min())) / 2 < QUIETEST_PEAK:
        raise SpeechUnavailable("the voice gave silence")
