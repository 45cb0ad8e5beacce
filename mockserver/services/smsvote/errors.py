"""What sms-vote declines: a code for the rules, and the documented line for the caller (SMS-G3)."""

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

NO_SUCH_PAGE = "no such page"
"""Code of a vote page under a hash that no vote has; a browser gets a page, not one of the seven lines."""
