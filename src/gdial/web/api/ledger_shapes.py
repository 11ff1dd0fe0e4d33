"""The ledger of a run as JSON."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from gdial.actions.run_ledger import LedgerView
from gdial.dialing.ledger import AttemptFigures, Ledger, PeopleFigures
from gdial.dialing.states import RunState

MOST_AMENDMENTS = 500


class FiguresShape(BaseModel):
    """Counted by people, and by attempts."""

    people: PeopleFigures
    attempts: AttemptFigures

    @classmethod
    def of(cls, ledger: Ledger) -> FiguresShape:
        return cls(people=ledger.people, attempts=ledger.attempts)


class AmendmentShape(BaseModel):
    """What a word after the end made of one person's outcome; `call_id` is the attempt that it was about."""

    recipient_id: UUID
    name: str
    call_id: UUID | None
    amended_at: AwareDatetime
    outcome_before: str
    reason_before: str
    outcome_after: str
    reason_after: str


class LedgerShape(BaseModel):
    """`at_end` is as it was written in the moment the run ended, and never changes; null while the run goes on."""

    run_id: UUID
    state: RunState
    balances: bool
    faults: list[str] = Field(description="Everything that does not add up, in sentences.")
    written_at: AwareDatetime | None
    at_end: FiguresShape | None
    now: FiguresShape
    amended: int = Field(description="How many outcomes changed after the end.")
    amendments: list[AmendmentShape] = Field(description=f"The first {MOST_AMENDMENTS} of them, oldest first.")

    @classmethod
    def of(cls, view: LedgerView) -> LedgerShape:
        return cls(
            run_id=view.run.id,
            state=view.run.state,
            balances=view.balances,
            faults=list(view.faults),
            written_at=view.at_end.written_at if view.at_end else None,
            at_end=FiguresShape.of(view.at_end.ledger) if view.at_end else None,
            now=FiguresShape.of(view.now),
            amended=len(view.amendments),
            amendments=[
                AmendmentShape(
                    recipient_id=it.recipient_id,
                    name=it.name,
                    call_id=it.attempt_id,
                    amended_at=it.amended_at,
                    outcome_before=it.change.outcome_before,
                    reason_before=it.change.reason_before,
                    outcome_after=it.change.outcome_after,
                    reason_after=it.change.reason_after,
                )
                for it in view.amendments[:MOST_AMENDMENTS]
            ],
        )
