"""GDial phones everyone on a list, speaks a message, collects the keys they press, and loses nobody."""

__version__ = "0.1.0"
