"""Who owns the simulated phones, and what they do when called."""
