"""TwiML: what a document can tell a call to do, and how it is read."""
