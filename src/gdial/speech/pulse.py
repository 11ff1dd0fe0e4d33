"""In the speech process: the shortest answer there is, by which its parent knows that it lives."""

from __future__ import annotations

from gdial.speech.frames import Frame


def answer(_request: Frame) -> Frame:
    return Frame({})
