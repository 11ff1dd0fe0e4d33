"""What tells how GDial is: log lines, metrics, health."""
