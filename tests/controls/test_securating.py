"""Securating as a test holds it, in process and over HTTP."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.services.finding import NotFound
from mockserver.services.securating.mailing import SendInvitation
from tests.controls.conftest import Mock, Receiver, invite

UTC = dt.timezone.utc


def test_the_key_of_the_website_is_what_an_invitation_is_created_with(mock: Mock) -> None:
    assert len(mock.securating.key) == 64
    assert mock.securating.company_id == 25
    assert mock.securating.url == mock.url
    invite(mock)
    assert mock.securating.invitations.one().fact.website_key == mock.securating.key


@pytest.mark.securating(company_name="Chez Anna", url="https://anna.example/", link_path="/lien")
def test_a_world_is_adjusted_as_it_is_opened(mock: Mock) -> None:
    assert invite(mock).startswith("https://anna.example/?securating_token=")
    assert mock.securating.invitations.one().asked.company_name == "Chez Anna"


def test_an_invitation_shows_all_that_was_asked(mock: Mock) -> None:
    link = invite(mock, order="17", thematics="1000100", product="0001", days="2", meta_x="ä=1", with_gift="1",
                  webhook="https://shop.example/hook", last_name="Карénina")  # fmt: skip
    invitation = mock.securating.invitations.one(email="anna@example.com", order="17")
    fact = invitation.fact
    assert (fact.link, fact.status, fact.created_at) == (link, "scheduled", dt.datetime(2026, 3, 1, 10, tzinfo=UTC))
    assert fact.token == invitation.token
    assert [thematic.code for thematic in fact.thematics] == ["1000100"]
    asked = invitation.asked
    assert (asked.days, asked.product, asked.with_gift, asked.last_name) == (2, "0001", True, "Карénina")
    assert asked.meta == (("meta_x", "ä=1"),)
    assert (asked.recall_count, asked.thematics) == (3, ("1000100",))


def test_a_mail_has_everything_that_a_customer_sees(mock: Mock) -> None:
    link = invite(mock, thematics="1000100")
    mock.clock.advance(days=6)
    mail = mock.securating.mails.one(recipient="anna@example.com")
    assert (mail.number, mail.at) == (1, dt.datetime(2026, 3, 7, 10, tzinfo=UTC))
    assert (mail.kind, mail.link) == ("invitation", link)
    assert mail.subject.startswith("Anna, votre avis compte pour")
    assert link in mail.text
    assert "<html" in mail.html
    assert mail.message["To"] == "Anna <anna@example.com>"
    assert str(mail.message["Subject"]) == mail.subject
    body = mail.message.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == mail.text.replace("\r\n", "\n")
    assert list(mail.message.iter_attachments()) == []
    assert mock.securating.invitations.one().mail == mail
    assert str(mail) == "invitation to anna@example.com on 2026-03-07 10:00 UTC"


def test_a_mail_to_an_address_beyond_ascii_can_be_taken_apart(mock: Mock) -> None:
    invite(mock, "änna@exämple.com", days="0", last_name="Ö")
    message = mock.securating.mails.one().message
    assert message["To"] == "Anna Ö <änna@exämple.com>"
    assert message["To"].addresses[0].username == "änna"


def test_a_mail_that_has_not_left_says_when_it_will(mock: Mock) -> None:
    invite(mock)
    invitation = mock.securating.invitations.one()
    with pytest.raises(NotFound, match=r"anna@example.com \(scheduled\) has not been mailed; it is due on 2026-03-07"):
        _ = invitation.mail
    assert invitation.recalls == []


def test_a_mail_that_never_leaves_says_so(mock: Mock) -> None:
    invite(mock)
    mock.securating.invitations.one().open_link().review(5)
    with pytest.raises(NotFound, match="and never will be"):
        _ = mock.securating.invitations.one().mail


def test_an_invitation_is_looked_at_anew_each_time(mock: Mock) -> None:
    invite(mock)
    invitation = mock.securating.invitations.one(status="scheduled")
    assert str(invitation) == "invitation to anna@example.com (scheduled)"
    mock.clock.advance(days=6)
    assert invitation.status == "sent"
    form = invitation.mail.open_link()
    assert invitation.status == "opened"
    review = form.review(4, "Bien", {})
    assert (invitation.status, invitation.review) == ("reviewed", review)
    assert mock.securating.invitations.all(status="scheduled") == []


def test_an_address_is_found_in_any_case_and_missed_in_words(mock: Mock) -> None:
    invite(mock, "Anna@x.fr", days="0")
    assert mock.securating.invitations.one(email="anna@x.fr").email == "Anna@x.fr"
    assert mock.securating.mails.one(recipient="anna@x.fr") == mock.securating.mails.one(email="ANNA@x.fr")
    with pytest.raises(AttributeError, match=r"^mail is no field to search invitations by; did you mean email\?$"):
        mock.securating.invitations.one(mail="anna@x.fr")
    with pytest.raises(NotFound, match=r"^no invitation to bob@x.fr; there is: invitation to Anna@x.fr"):
        mock.securating.customer("bob@x.fr").review(5)


def test_a_customer_opens_reviews_and_gets_no_recall(mock: Mock) -> None:
    invite(mock, order="17", thematics="1000100")
    anna = mock.securating.customer("ANNA@example.com")
    with pytest.raises(NotFound, match="has not been mailed"):
        anna.open_link()
    mock.clock.advance(days=12)
    assert [mail.kind for mail in anna.mails] == ["invitation", "recall"]
    assert [mail.kind for mail in anna.invitation.recalls] == ["recall"]
    review = anna.review(5, "Parfait\n„ö“", thematics={"1000100": 4})
    assert (review.rating, review.comment, review.answers) == (5, "Parfait\n„ö“", (("1000100", 4),))
    assert (review.author, review.at) == ("Anna", mock.clock.now)
    assert mock.securating.reviews.one(rating=5) == review
    assert mock.clock.agenda == []


def test_a_second_review_is_refused_and_the_first_stays(mock: Mock) -> None:
    invite(mock)
    form = mock.securating.invitations.one().open_link()
    first = form.review(5)
    with pytest.raises(Refusal) as refused:
        form.review(1)
    assert (refused.value.code, refused.value.field) == ("reviewed", "securating_token")
    assert "already" in refused.value.why
    assert mock.securating.reviews.all() == [first]


@pytest.mark.parametrize(("rating", "thematics", "field"), [(9, {}, "rating"), (None, {}, "rating"),
                                                            (5, {"1000200": 1}, "thematic_1000200"),
                                                            (5, {"1000100": 6}, "thematic_1000100")])  # fmt: skip
def test_what_the_form_would_refuse_is_refused(
    mock: Mock, rating: int | None, thematics: dict[str, int], field: str
) -> None:
    invite(mock, thematics="1000100")
    form = mock.securating.invitations.one().open_link()
    with pytest.raises(Refusal) as refused:
        form.review(rating, "", thematics)
    assert (refused.value.code, refused.value.field) == ("bad parameter", field)
    assert len(mock.securating.reviews) == 0


def test_a_cancelled_invitation_is_not_opened(mock: Mock) -> None:
    invite(mock, order="17")
    invitation = mock.securating.invitations.one()
    mock.securating.invitations.one(order="17").open_link()
    _cancel(mock, "17")
    with pytest.raises(Refusal, match="cancelled") as refused:
        invitation.open_link()
    assert refused.value.code == "cancelled"
    assert invitation.status == "cancelled"


def _cancel(mock: Mock, order: str) -> None:
    import requests

    data = {"keywebsite": mock.securating.key, "order": order}
    assert requests.post(f"{mock.url}/invitation/cancel", data=data, timeout=5).status_code == 200


def test_what_is_not_there_is_not_found_and_named(mock: Mock) -> None:
    invite(mock)
    with pytest.raises(NotFound, match=r"no invitation has email='bob@example.com'; there is: invitation to anna@"):
        mock.securating.invitations.one(email="bob@example.com")
    with pytest.raises(NotFound, match="no review has come; there are: none at all"):
        mock.securating.reviews.latest()
    with pytest.raises(NotFound, match="no mail has recipient"):
        mock.securating.mails.one(recipient=re.compile("bob"))
    with pytest.raises(NotFound):
        _ = mock.securating.customer("bob@example.com").invitation
    with pytest.raises(AttributeError, match="colour"):
        mock.securating.invitations.one(colour="red")


def test_a_customer_reviews_by_themselves_in_virtual_time(mock: Mock) -> None:
    mock.securating.customer("Anna@example.com").will_review(4, "Bien", {"1000100": 3}, after="2d")
    invite(mock, thematics="1000100")
    assert mock.clock.agenda[0].task == SendInvitation(mock.securating.invitations.one().token)
    mock.clock.advance(days=7, hours=23)
    assert len(mock.securating.reviews) == 0
    mock.clock.advance(hours=1)
    review = mock.securating.reviews.one()
    assert (review.comment, review.answers) == ("Bien", (("1000100", 3),))


def test_a_customer_who_ignores_everything_is_not_of_the_crowd(mock: Mock) -> None:
    mock.securating.crowd(answering=1, within="1h", ratings={5: 1})
    mock.securating.customer("anna@example.com").will_ignore_everything()
    invite(mock, days="0", recall_count="0")
    invite(mock, "bob@example.com", days="0", recall_count="0")
    mock.clock.run_until_idle()
    assert [review.rating for review in mock.securating.reviews] == [5]
    assert mock.securating.customer("anna@example.com").invitation.review is None


def test_an_intention_that_the_form_would_refuse_is_refused_at_once(mock: Mock) -> None:
    with pytest.raises(InvalidInput, match="9, a rating from 1 to 5 expected") as refused:
        mock.securating.customer("anna@example.com").will_review(9)
    assert refused.value.path == "rating"
    with pytest.raises(InvalidInput, match="a rating from 1 to 5 expected"):
        mock.securating.crowd(answering=1, within="1d", ratings={9: 1})
    with pytest.raises(InvalidInput) as refused:
        mock.securating.customer("anna@example.com").will_review(5, after="soon")
    assert refused.value.path == "after"


@pytest.mark.parametrize(("how", "path"), [({"answering": 2, "within": "3d", "ratings": {5: 1}}, "answering"),
                                           ({"answering": 1, "within": "soon", "ratings": {5: 1}}, "within"),
                                           ({"answering": 1, "within": "3d", "ratings": {}}, "ratings"),
                                           ({"answering": 1, "within": "3d", "ratings": {5: -1}}, "ratings")],
                         )  # fmt: skip
def test_an_impossible_crowd_is_refused(mock: Mock, how: dict[str, object], path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        mock.securating.crowd(**how)  # type: ignore[arg-type]
    assert refused.value.path == path


def test_the_same_seed_makes_the_same_crowd_both_ways(mock: Mock) -> None:
    mock.securating.crowd(answering=0.5, within="3d", ratings={5: 3, 4: 1})
    for number in range(6):
        invite(mock, f"c{number}@example.com", days="0", recall_count="0")
    mock.clock.advance(days=3)
    assert 0 < len(mock.securating.reviews) < 6


def test_an_invitation_knows_its_webhooks(mock: Mock, shop: Receiver) -> None:
    invite(mock, webhook="https://shop.example/hook", meta_order="17")
    invite(mock, "bob@example.com", webhook="https://shop.example/hook")
    anna = mock.securating.customer("anna@example.com")
    mock.clock.advance(days=6)
    anna.review(5, "Parfait")
    calls = anna.invitation.webhooks
    assert [call.step for call in calls] == ["invitation-created", "mail-send", "link-opened", "review-saved"]
    assert {call.status for call in calls} == {"acknowledged"}
    assert dict(calls[3].params)["rating"] == "5"
    assert calls[3].attempts[0].at == mock.clock.now
    assert calls[0].policy.retries[0] == dt.timedelta(hours=1)
    assert len(shop.calls) == 6
