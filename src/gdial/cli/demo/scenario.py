"""What the demo does: who is rung, what is said, and how fast everything goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gdial.settings import Settings

SAMPLE = Path(__file__).parents[1] / "sample"
CONTACTS = SAMPLE / "contacts.csv"
PHONES = SAMPLE / "phones.json"

SEED = 20
"""Chosen so that everything happens that can: both answers, a second number, a second round, and each way in which
somebody is not reached."""

SPEED = 20.0

MESSAGE: dict[str, Any] = {
    "name": "Extra folk i natt",
    "language": "sv",
    "text": (
        "Hej {first_name}! Det här är en övning från Bergby kommun. Vi behöver fler på plats i natt, "
        "från klockan 22. Tryck 1 om du kommer. Tryck 2 om du inte kan."
    ),
    "responses": {
        "1": {"label": "Kommer", "reply": "Tack! Vi ses klockan 22."},
        "2": {"label": "Kan inte", "reply": "Tack för beskedet."},
    },
}


def run_wish(message_id: str, group_ids: list[str]) -> dict[str, Any]:
    """The waits are real seconds, while the phones ring at the demo's speed."""
    return {
        "name": MESSAGE["name"],
        "mode": "drill",
        "message_id": message_id,
        "group_ids": group_ids,
        "policy": {
            "rounds": 2,
            "wait_between_numbers_seconds": 1,
            "wait_between_rounds_seconds": 3,
            "deadline_minutes": 5,
        },
    }


def demo_settings(folder: Path) -> Settings:
    """Nothing of the environment counts: a demo must not find a real carrier."""
    from gdial.settings import explicit_settings

    return explicit_settings(
        data_dir=folder, api_port=0, calls_per_second=10, max_concurrent_calls=20, shutdown_grace_sec=5
    )


def simulator_options(speed: float) -> list[str]:
    return ["--speed", str(speed), "--seed", str(SEED), "--profile", str(PHONES)]
