"""The board: pages for people, rendered here and improved in the browser by htmx."""
