"""The whole database as one file, taken while GDial works, and put back."""
