"""sms-vote as a test holds it, in process and over HTTP."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.services.finding import NotFound
from mockserver.services.smsvote.phones import SendReply
from tests.controls.conftest import PHONE, Mock, ask, command

UTC = dt.timezone.utc


def test_the_account_is_what_commands_are_given_with(mock: Mock) -> None:
    account = mock.smsvote.account
    assert (mock.smsvote.id, mock.smsvote.secure) == (account.id, account.secure)
    assert mock.smsvote.balance == account.balance == Decimal("1000.00")
    assert command(mock, "balance") == "1000.00"


def test_a_phone_answers_and_gets_its_final_text(mock: Mock) -> None:
    ask(mock)
    phone = mock.smsvote.phone(PHONE)
    became = phone.reply("5 отлично")
    assert (became.rating, became.became, became.phone, became.transport) == (5, "rating", PHONE, "sms")
    assert became.at == mock.clock.now
    assert phone.texts == ["Оцените нас", "Спасибо!"]
    assert [sms.kind for sms in phone.inbox] == ["request", "final"]
    assert mock.smsvote.messages.one(kind="final").recipient == PHONE
    assert mock.smsvote.balance == Decimal("998.00")


def test_a_rating_tells_what_it_was_for(mock: Mock) -> None:
    ask(mock, employee="Иван")
    mock.smsvote.phone(PHONE).reply("4")
    rating = mock.smsvote.ratings.one(phone=PHONE)
    assert (rating.value, rating.text, rating.order, rating.employee) == (4, "4", "17", "Иван")
    assert rating.at == dt.datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_what_phones_have_sent_is_listed_with_what_it_became(mock: Mock) -> None:
    sent = mock.smsvote.phone(PHONE).send("кто вы?")
    assert sent.became == "nothing"
    assert mock.smsvote.incoming.one(phone=PHONE) == sent
    with pytest.raises(NotFound, match="no incoming message has text='5'; there is: 'кто вы\\?' from 71234567890"):
        mock.smsvote.incoming.one(text="5")


@pytest.mark.parametrize(
    "number", ["+71234567890", 71234567890, "+7 (123) 456-78-90", "7\u00a0123.456\u201178\u201390", PHONE]
)
def test_a_number_may_be_written_as_people_do(mock: Mock, number: str | int) -> None:
    assert mock.smsvote.phone(number).number == PHONE


@pytest.mark.parametrize("number", ["12", "seven", "", "7123456789/0", "+7 123 456-78-9x"])
def test_what_is_no_number_is_refused(mock: Mock, number: str) -> None:
    with pytest.raises(Refusal, match="digits expected") as refused:
        mock.smsvote.phone(number)
    assert refused.value.field == "phone"


def test_an_answer_to_nothing_is_refused(mock: Mock) -> None:
    with pytest.raises(Refusal, match=r"send\(\) sends unasked"):
        mock.smsvote.phone(PHONE).reply("5")
    with pytest.raises(NotFound, match="none at all"):
        mock.smsvote.messages.latest(recipient=PHONE)
    assert len(mock.smsvote.incoming) == 0


def test_a_message_by_a_way_that_does_not_exist_is_refused(mock: Mock) -> None:
    with pytest.raises(Refusal) as refused:
        mock.smsvote.phone(PHONE).send("5", transport="pigeon")
    assert refused.value.field == "transport"
    assert len(mock.smsvote.incoming) == 0


def test_a_phone_answers_by_itself_in_virtual_time(mock: Mock) -> None:
    mock.smsvote.phone(PHONE).will_reply("4, но долго", after="2h")
    ask(mock)
    assert mock.clock.agenda[0].task == SendReply(PHONE, "4, но долго", "sms")
    mock.clock.advance(minutes=119)
    assert len(mock.smsvote.ratings) == 0
    mock.clock.advance(minutes=1)
    assert mock.smsvote.ratings.one().text == "4, но долго"


def test_an_unasked_message_with_a_prefix_is_a_rating(mock: Mock) -> None:
    mock.smsvote.change(prefixes=["БАР"])
    assert mock.smsvote.phone(PHONE).send("бар5 вкусно").rating == 5


def test_a_crowd_answers_in_its_time(mock: Mock) -> None:
    mock.smsvote.crowd(answering=0.5, within="1d", ratings={5: 1, 1: 1})
    ask(mock, *(f"7900000{number:04}" for number in range(40)))
    mock.clock.advance(days=1)
    values = [rating.value for rating in mock.smsvote.ratings]
    assert 10 < len(values) < 30
    assert set(values) == {5, 1}


def test_an_impossible_crowd_of_phones_is_refused(mock: Mock) -> None:
    with pytest.raises(InvalidInput, match="a share from 0 to 1 expected"):
        mock.smsvote.crowd(answering=1.5, within="1d", ratings={5: 1})


def test_a_vote_counts_ballots_cast_by_hand_and_by_sms(mock: Mock) -> None:
    vote = mock.smsvote.create_vote("Спектакль", "Какой лучший?", ["Чайка", "Ревизор"])
    assert mock.smsvote.phone(PHONE).ballot(vote, 1)
    assert not vote.cast(PHONE, 2)
    assert mock.smsvote.phone("79990000000").send("2").became == "ballot"
    assert vote.counts == {"1": 1, "2": 1}
    report = json.loads(command(mock, "vote_report", vote_nr="most_recent_active"))
    assert report["name"] == vote.name == "Спектакль"


def test_a_vote_shows_what_it_is(mock: Mock) -> None:
    vote = mock.smsvote.create_vote("Опрос", "Да?", ["Да", "Нет"], multiple=True)
    fact = vote.fact
    assert (fact.nr, fact.question, fact.status, fact.is_multiple) == (vote.nr, "Да?", "active", True)
    assert [(option.code, option.text) for option in fact.options] == [("1", "Да"), ("2", "Нет")]
    assert (fact.started_at, fact.ended_at) == (mock.clock.now, None)
    assert vote.hash == fact.hash
    assert mock.smsvote.votes.one(name="Опрос").fact == fact
    assert str(mock.smsvote.votes.one(hash=vote.hash)) == f"vote {vote.nr} 'Опрос' (active)"


def test_a_vote_is_looked_at_anew_each_time(mock: Mock) -> None:
    mock.smsvote.create_vote("Опрос", "Да?", ["Да", "Нет"])
    vote = mock.smsvote.votes.one(status="active")
    vote.finish()
    assert (vote.status, vote.fact.ended_at) == ("finished", mock.clock.now)
    with pytest.raises(NotFound, match="no vote has status='active'; there is: vote 1 'Опрос'"):
        mock.smsvote.votes.one(status="active")


def test_an_option_that_does_not_exist_is_refused(mock: Mock) -> None:
    vote = mock.smsvote.create_vote("Опрос", "Да?", ["Да", "Нет"])
    with pytest.raises(Refusal, match="one of 1, 2 expected") as refused:
        vote.cast(PHONE, 3)
    assert refused.value.field == "option"
    with pytest.raises(Refusal) as refused:
        vote.cast("nobody", 1)
    assert refused.value.field == "participant"
    assert vote.counts == {"1": 0, "2": 0}


def test_a_vote_that_is_over_takes_no_ballot_and_does_not_end_again(mock: Mock) -> None:
    vote = mock.smsvote.create_vote("Опрос", "Да?", ["Да", "Нет"])
    vote.finish()
    with pytest.raises(Refusal, match="a ballot needs an active one"):
        vote.cast(PHONE, 1)
    with pytest.raises(Refusal, match="is finished; to be finished it must be active") as refused:
        vote.finish()
    assert (refused.value.code, refused.value.field) == ("bad request", "nr")


def test_a_vote_without_options_is_refused(mock: Mock) -> None:
    with pytest.raises(Refusal) as refused:
        mock.smsvote.create_vote("Опрос", "Да?", [])
    assert refused.value.field == "options"
    with pytest.raises(Refusal) as refused:
        mock.smsvote.create_vote(" ", "Да?", ["Да"])
    assert refused.value.field == "name"
    assert len(mock.smsvote.votes) == 0


def test_the_account_can_be_changed_on_the_way(mock: Mock) -> None:
    mock.smsvote.change(balance=Decimal("1.50"), sending_delay=dt.timedelta(minutes=30), final_texts={"5": "Ура!"})
    assert mock.smsvote.account.sending_delay == dt.timedelta(minutes=30)
    assert mock.smsvote.account.final_texts == ("", "", "", "", "Ура!")
    ask(mock)
    assert mock.smsvote.phone(PHONE).inbox == []
    mock.clock.advance(minutes=30)
    assert len(mock.smsvote.phone(PHONE).inbox) == 1
    assert mock.smsvote.balance == Decimal("0.50")
    mock.smsvote.change(final_texts={1: "Жаль"})
    assert mock.smsvote.account.final_texts == ("Жаль", "", "", "", "")


@pytest.mark.smsvote(balance="0.50", daily_limit=10)
def test_a_world_is_adjusted_as_it_is_opened(mock: Mock) -> None:
    account = mock.smsvote.account
    assert (account.balance, account.daily_limit, account.monthly_limit) == (Decimal("0.50"), 10, None)


def test_settings_can_be_changed_on_the_way(mock: Mock) -> None:
    mock.smsvote.change(reply_matches="oldest")
    ask(mock)
    ask(mock, order="18")
    mock.smsvote.phone(PHONE).reply("5")
    assert mock.smsvote.ratings.one().order == "17"


def test_a_wrong_change_names_its_field_and_changes_nothing(mock: Mock) -> None:
    before = mock.smsvote.account
    with pytest.raises(Refusal) as refused:
        mock.smsvote.change(balance="a lot", daily_limit=7)
    assert refused.value.field == "smsvote.balance"
    with pytest.raises(Refusal, match="no such field") as refused:
        mock.smsvote.change(colour="red")
    assert refused.value.field == "smsvote.colour"
    with pytest.raises(InvalidInput) as wrong:
        mock.smsvote.change(reply_matches="newest or so", daily_limit=7)
    assert wrong.value.path == "smsvote.reply_matches"
    assert mock.smsvote.account == before
