"""What the administration of sms-vote does, as rows of the control surface: accounts and settings."""

from __future__ import annotations

from mockserver.core.world import World
from mockserver.services.fields import read_object, read_query
from mockserver.services.service import Operation, Reply, Request
from mockserver.services.smsvote import retold
from mockserver.services.smsvote.adjusting import adjust
from mockserver.services.smsvote.model import NAME, Account, SmsVote
from mockserver.services.smsvote.reading import read_number, take_account, take_prefixes
from mockserver.services.smsvote.rules import change_account, find_account, prefixes_of, sent_so_far


def list_accounts(world: World, request: Request) -> Reply:
    """List the accounts: balance, limits and what is used of them, settings, prefixes."""
    read_query(request, ())
    return Reply.json({"accounts": [_account(world, account) for account in world.state(SmsVote).accounts.values()]})


def edit_account(world: World, request: Request) -> Reply:
    """Change what the administration, or the customer's settings page, can change about an account."""
    fields, state = read_object(request.body), world.state(SmsVote)
    account = find_account(state, read_number("account", request.args["id"]))
    changed, prefixes = take_account(fields, account), take_prefixes(fields)
    fields.finish()
    change_account(world, changed, prefixes)
    return Reply.json(_account(world, changed))


def change(world: World, request: Request) -> Reply:
    """Change the first account and settings, as the mark of a test does; return the account, where there is one."""
    adjust(world, read_object(request.body).take_rest(), NAME)
    account = next(iter(world.state(SmsVote).accounts.values()), None)
    return Reply.json(_account(world, account) if account else {})


def _account(world: World, account: Account) -> dict[str, object]:
    today, month = sent_so_far(world, account.id)
    texts = {str(rating): text for rating, text in enumerate(account.final_texts, 1) if text}
    money = {"balance": str(account.balance), "price": str(account.price)}
    limits = {"daily_limit": account.daily_limit, "monthly_limit": account.monthly_limit}
    return {
        "id": account.id,
        "secure": account.secure,
        **money,
        **limits,
        "sent_today": today,
        "sent_this_month": month,
        "api_allowed": account.is_api_allowed,
        "sending_delay": account.sending_delay.total_seconds(),
        "final_texts": texts,
        "prefixes": prefixes_of(world.state(SmsVote), account.id),
    }


CONTROLS = (
    Operation("the accounts: balance, limits, prefixes", "GET", "/accounts", list_accounts),
    Operation(
        'an account is changed: {"balance": "10.00", …}',
        "POST",
        "/accounts/<id>",
        edit_account,
        said=retold.say_account_changed,
    ),
    Operation(
        'the first account, or settings, are changed: {"balance": "10.00", …}',
        "POST",
        "/change",
        change,
        said=retold.say_changed,
    ),
)
"""The control rows of the administration."""
