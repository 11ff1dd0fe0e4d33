"""What other programs import from `gdial`: each opens what it needs from the settings, and closes it again."""
