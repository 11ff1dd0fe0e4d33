"""What somebody may do here: three roles, each with all that the one before it may."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A viewer reads; an operator also runs call-outs and changes contacts and messages; an administrator also changes
    settings, users and tokens."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"

    def covers(self, needed: Role) -> bool:
        """Whether somebody in this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)
