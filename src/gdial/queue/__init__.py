"""Doorbells: a job says "look", the database says what is true. `base` is the port."""
