"""Phone numbers, and contact lists read with errors by line. Nothing here opens a file, asks a clock or a database."""
