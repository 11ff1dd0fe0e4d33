"""The only SQL. One file per noun; every function takes the transaction it works in."""
