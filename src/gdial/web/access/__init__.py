"""Who may come in and do what: sessions, tokens, roles, and the pages for them."""
