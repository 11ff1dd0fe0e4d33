"""How large and long a recording may be, and how each kind begins. No audio library is loaded for these facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

LARGEST_BYTES = 30 * 1024 * 1024
"""Five minutes of a WAV file as studios save it are 29 million bytes (48 kHz, mono, 16 bits)."""

LONGEST_SECONDS = 300
SHORTEST_SECONDS = 0.2

# RIFF with WAVE in it; an ID3 tag, or an MPEG frame whose layer is not 0 (as it is in AAC); an ISO media file; Ogg.
KINDS: Mapping[str, Callable[[bytes], bool]] = {
    "WAV": lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE",
    "MP3": lambda head: (
        head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] > 0xE0 and bool(head[1] & 6))
    ),
    "M4A": lambda head: head[4:8] == b"ftyp",
    "OGG": lambda head: head[:4] == b"OggS",
}
