"""Telling programs of others what happens: one request, signed, to an address that was looked at twice."""
