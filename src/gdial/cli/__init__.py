"""The command line: one file per command. Commands about a running system speak to its REST interface."""
