"""Loops that call one action each: take, run, acknowledge."""
