"""Whoever makes phones ring. `base` is the port; one folder per vendor."""
