"""What beat says: each wake-up once a round, and one for every slot of courses and campaigns."""

from __future__ import annotations

from collections import Counter

from engage import tasks


def test_every_slot_of_courses_and_campaigns_is_woken_at_once_and_not_one_a_second() -> None:
    app = tasks.make_celery("redis://127.0.0.1:1/0", lambda: None, bulk_slots=3)  # type: ignore[arg-type, return-value]
    said = Counter(entry["task"] for entry in app.conf.beat_schedule.values())
    assert said == {tasks.CARE: 1, tasks.BULK: 3, tasks.RECEIPTS: 1, tasks.UPKEEP: 1, tasks.SWEEP: 1}
    assert {entry["options"]["expires"] for entry in app.conf.beat_schedule.values()} == {2}
