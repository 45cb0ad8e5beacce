"""What sms-vote declines: a code for the rules, and the documented line for the caller (SMS-G3)."""

from mockserver.core.errors import Refusal
from mockserver.services.service import NO_SUCH_CALL, TOO_LARGE, WRONG_METHOD

WRONG_USER = "wrong user"
API_NOT_ALLOWED = "api not allowed"
NOT_ENOUGH_BALANCE = "not enough balance"
TOO_MANY_PER_DAY = "too many per day"
TOO_MANY_PER_MONTH = "too many per month"
WRONG_JSON = "wrong json"
WRONG_VOTE = "wrong vote"

ERRORS = {
    WRONG_USER: "Error: wrong user id or token",
    API_NOT_ALLOWED: "Error: API not allowed",
    NOT_ENOUGH_BALANCE: "Error: not enough balance",
    TOO_MANY_PER_DAY: "Error: too many messages per day",
    TOO_MANY_PER_MONTH: "Error: too many messages per month",
    WRONG_JSON: "Error: json has wrong format, and cannot be decoded",
    WRONG_VOTE: "Error: wrong vote id or vote is inactive",
}

REFUSALS = {
    code: Refusal(code, why, field)
    for code, why, field in (
        (WRONG_USER, "no account has this id and this secret", "id"),
        (API_NOT_ALLOWED, "the account may not use the API", "id"),
        (NOT_ENOUGH_BALANCE, "the balance does not pay for the messages", "message"),
        (TOO_MANY_PER_DAY, "more messages than the account may send in a day", "message"),
        (TOO_MANY_PER_MONTH, "more messages than the account may send in a month", "message"),
        (WRONG_JSON, "the object cannot be read", "json"),
        (WRONG_VOTE, "no such vote, or one that is not reported", "vote_nr"),
    )
}
"""Each of the seven, in the order of the documentation, as it is told when nothing is wrong in fact."""

NO_SUCH_PAGE = "no such page"
"""Code of a vote page under a hash that no vote has; a browser gets a page, not one of the seven lines."""

_LINE = ("SMS-G3", "SMS-G4", "SMS-G5")

GROUNDS = {
    WRONG_USER: ("SMS-G2", *_LINE),
    API_NOT_ALLOWED: _LINE,
    NOT_ENOUGH_BALANCE: ("SMS-M7", *_LINE),
    TOO_MANY_PER_DAY: ("SMS-M7", "SMS-G7", *_LINE),
    TOO_MANY_PER_MONTH: ("SMS-M7", "SMS-G7", *_LINE),
    WRONG_JSON: _LINE,
    WRONG_VOTE: ("SMS-V8", *_LINE),
    TOO_LARGE: _LINE,
    NO_SUCH_CALL: ("SMS-G1",),
    WRONG_METHOD: ("SMS-G1",),
    NO_SUCH_PAGE: ("SMS-V6",),
}
"""The claims behind each code of a refusal."""
