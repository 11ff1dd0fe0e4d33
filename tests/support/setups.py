"""Where the acceptance tests can run."""

SETUPS = ("sqlite", "postgresql", "classic", "quorum")
"""The databases with everything in one process, and RabbitMQ's two kinds of queue between several on PostgreSQL."""
