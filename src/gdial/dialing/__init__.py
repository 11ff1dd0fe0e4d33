"""The state machine of a call-out. Pure: no clock, no randomness, no input or output."""
