"""One call: its record, its life from queued to its end, the script it follows and the person who hears it."""
