"""Messages: what is said on the phone, what each key means, and what is said back. Pure data and rules."""
