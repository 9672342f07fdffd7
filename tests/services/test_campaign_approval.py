"""Who has to say yes to a campaign, what is asked before it starts, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engage.domain.forms import ChangedMeanwhile, InvalidInput
from engage.services import (
    campaigns,
)
from engage.services.campaigns import NotNow, Written
from tests.campaigns import APPROVER, AUTHOR, Steps, draft, readers, sent, wait
from tests.world import World


class TestApproval:
    def test_ten_people_need_no_second_pair_of_eyes(self, world: World) -> None:
        readers(world, 10)
        assert draft(world).submit().state == "approved"

    def test_eleven_do(self, world: World) -> None:
        readers(world, 11)
        campaign = draft(world).submit()
        assert campaign.state == "checking"
        with pytest.raises(NotNow):
            campaign.start()

    def test_who_wrote_it_can_not_approve_it(self, world: World) -> None:
        readers(world, 11)
        campaign = draft(world).submit()
        with pytest.raises(InvalidInput, match="approve"):
            campaigns.approve(world.rt, AUTHOR, campaign.id, campaign.row.version)
        campaigns.approve(world.rt, APPROVER, campaign.id, campaign.row.version)
        assert campaign.state == "approved"

    def test_an_audience_that_grew_is_asked_about(self, world: World) -> None:
        readers(world, 11)
        campaign = draft(world).ready()
        readers(world, 3, name="Grace")
        with pytest.raises(InvalidInput) as refused:
            campaign.start()
        assert refused.value.errors["grown"].startswith("3 more people match by now than were approved (11).")
        campaigns.start(world.rt, AUTHOR, campaign.id, campaign.row.version, grown_is_fine=True)
        wait(world, timedelta(hours=1))
        assert len(sent(world)) == 11, "only those who were approved"

    def test_the_same_to_the_same_people_wants_their_number_typed(self, world: World) -> None:
        readers(world, 12)
        draft(world).begun()
        wait(world, timedelta(hours=1))
        again = draft(world).ready()
        with pytest.raises(InvalidInput) as refused:
            again.start("yes")
        assert "type how many people that is: 12" in refused.value.errors["typed"]
        again.start("12")

    def test_another_text_to_the_same_people_does_not(self, world: World) -> None:
        readers(world, 12)
        draft(world).begun()
        draft(world, subject="Spring hours").ready().start()

    def test_sent_back_it_is_a_draft_and_is_approved_anew(self, world: World) -> None:
        readers(world, 11)
        campaign = draft(world).ready()
        campaigns.send_back(world.rt, APPROVER, campaign.id, campaign.row.version)
        assert campaign.state == "draft"
        assert campaign.submit().state == "checking"


class TestBadInput:
    def test_an_audience_of_nobody_is_refused(self, world: World) -> None:
        campaign = draft(world)
        with pytest.raises(InvalidInput, match="audience"):
            campaign.submit()
        assert campaign.state == "draft"

    def test_of_two_editors_the_second_is_told(self, world: World) -> None:
        campaign = draft(world)
        seen = campaign.row.version
        campaigns.edit(world.rt, AUTHOR, campaign.id, seen, Written("Mine", {}, "A", "", "B"))
        with pytest.raises(ChangedMeanwhile):
            campaigns.edit(world.rt, APPROVER, campaign.id, seen, Written("Yours", {}, "C", "", "D"))
        assert campaign.row.name == "Mine"

    @pytest.mark.parametrize(
        ("body", "says"),
        [
            ("Hello {{ nmae }},", "nmae"),
            ("<script>alert(1)</script>", "script"),
            ("[Look](https://elsewhere.example/)", "elsewhere.example"),
            ("Our offer for your migraine.", "migraine"),
        ],
    )
    def test_what_must_be_mended_is_named(self, world: World, body: str, says: str) -> None:
        readers(world, 1)
        campaign = draft(world, body=body)
        with pytest.raises(InvalidInput) as refused:
            campaign.submit()
        assert says in refused.value.errors["body"]

    def test_a_body_of_a_megabyte_is_not_even_kept(self, world: World) -> None:
        with pytest.raises(InvalidInput, match="body"):
            draft(world, body="x" * 1_000_000)

    def test_a_word_that_was_let_pass_is_asked_about_again_in_another_text(self, world: World) -> None:
        readers(world, 1)
        campaign = draft(world, body="Our evening for people with migraine.\n")
        campaigns.waive(world.rt, AUTHOR, campaign.id, campaign.row.version, "migraine")
        row = campaign.row
        written = Written(
            row.name, row.rules, row.subject, row.preheader, row.body + "\nAnd more about migraine.\n"
        )
        campaigns.edit(world.rt, AUTHOR, campaign.id, row.version, written)
        with pytest.raises(InvalidInput, match="body"):
            campaign.submit()


def test_of_two_copies_that_start_at_once_the_second_is_asked(world: World) -> None:
    readers(world, 5)
    copies = [draft(world).ready() for _ in range(2)]

    def begin(campaign: Steps) -> str:
        try:
            campaign.start()
        except InvalidInput as error:
            return ", ".join(error.errors)
        return "started"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(begin, copies)) == ["started", "typed"]


def test_who_changed_a_colleagues_draft_can_not_approve_it(world: World) -> None:
    readers(world, 12)
    campaign = draft(world)
    row = campaign.row
    written = Written(row.name, row.rules, "Summer hours", row.preheader, row.body)
    campaigns.edit(world.rt, APPROVER, campaign.id, row.version, written)
    campaign.submit()
    with pytest.raises(InvalidInput, match="approve"):
        campaigns.approve(world.rt, APPROVER, campaign.id, campaign.row.version)
