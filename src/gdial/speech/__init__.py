"""Text to audio: one file per engine, one audio pipeline, one store of what was made."""
