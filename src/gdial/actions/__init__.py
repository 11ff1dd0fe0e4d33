"""What the system does, a verb a file: load, decide, save in one transaction, then let out."""
