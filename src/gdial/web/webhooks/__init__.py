"""The doors for carriers: signed, and each address bears an attempt's id and a token."""
