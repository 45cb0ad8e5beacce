"""What Securating declines: a code for the rules, the kinds that a program is told of, and the claims (SEC-C24)."""

from mockserver.core.errors import Refusal
from mockserver.services.service import FORM, NO_SUCH_CALL, TOO_LARGE, WRONG_METHOD

BAD_PARAMETER = "bad parameter"
UNKNOWN_KEY = "unknown key"
TOO_SOON = "too soon"
WRONG_MEDIA = "wrong media"

UNKNOWN_LINK = "unknown link"
CANCELLED_LINK = "cancelled"
ALREADY_REVIEWED = "reviewed"
"""Codes of what a customer, rather than a program, is refused: a page says it, not a line."""

REFUSALS = {
    BAD_PARAMETER: Refusal(BAD_PARAMETER, "this value is not accepted", "email"),
    UNKNOWN_KEY: Refusal(UNKNOWN_KEY, "no website has this key", "keywebsite"),
    "within 24 hours": Refusal(TOO_SOON, "this address was invited within the last 24 hours", "email"),
    "wrong method": Refusal(WRONG_METHOD, "this method is not answered here"),
    WRONG_MEDIA: Refusal(WRONG_MEDIA, f"{FORM} expected", "content-type"),
    "too large": Refusal(TOO_LARGE, "the body is too large"),
    "no such call": Refusal(NO_SUCH_CALL, "there is nothing at this address"),
}
"""Every refusal that a program may be told (SEC-C24, SEC-C25), as it is told when nothing is wrong in fact."""

GROUNDS = {
    BAD_PARAMETER: ("SEC-C24",),
    UNKNOWN_KEY: ("SEC-C5", "SEC-C24"),
    TOO_SOON: ("SEC-C10", "SEC-C12", "SEC-C24"),
    WRONG_MEDIA: ("SEC-C25",),
    WRONG_METHOD: ("SEC-C25",),
    TOO_LARGE: ("SEC-C24",),
    NO_SUCH_CALL: ("SEC-C24",),
    UNKNOWN_LINK: ("SEC-R2",),
    CANCELLED_LINK: ("SEC-O1", "SEC-R2"),
    ALREADY_REVIEWED: ("SEC-R3",),
}
"""The claims behind each code of a refusal; a parameter's own come with the refusal itself."""
