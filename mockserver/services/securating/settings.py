"""What Securating's documentation leaves open, as data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from mockserver.services.securating.errors import BAD_PARAMETER, TOO_SOON, UNKNOWN_KEY
from mockserver.services.service import NO_SUCH_CALL, TEXT, TOO_LARGE
from mockserver.services.settings import Demand, Settings, assumed

_HOURS = "a call that was not acknowledged is repeated only hours later"


@dataclass(frozen=True, slots=True)
class SecuratingSettings(Settings):
    """One field per assumption of SPEC §1; override it once you have seen the real answer."""

    # Thematic codes
    languages: tuple[str, ...] = assumed(
        ("00:fr", "01:en"),
        "SEC-T3",
        "the languages a code may name, each as LL:language; any other LL is refused",
        hidden="a code in another language and one that nobody has are refused alike",
    )
    reserved_digits: str = assumed(
        "0123456789",
        "SEC-T4",
        "the values of R that are accepted; none is interpreted",
        learned_by="the reserved digit may be another",
    )
    generic_variants: bool = assumed(
        True,
        "SEC-T9",
        "whether the generic codes exist in English and for internet users too",
        learned_by="the generic codes exist for internet users too",
    )

    # Creating an invitation
    link_path: str = assumed(
        "/invitation/link",
        "SEC-C4",
        "the address of the call that returns the link unmailed",
        hidden="its address is written nowhere; ask the vendor",
    )
    link_parameter: str = assumed(
        "securating_token",
        "SEC-C3",
        "the query parameter that carries the token in a link",
        learned_by="a created invitation is answered with its link",
    )
    link_status: int = assumed(
        200,
        "SEC-C2",
        "the status of a successful creation",
        learned_by="a created invitation is answered with its link",
    )
    link_content_type: str = assumed(
        TEXT,
        "SEC-C2",
        "the content type of a successful creation",
        learned_by="a created invitation is answered with its link",
    )
    link_body: str = assumed(
        "{link}",
        "SEC-C2",
        "the body of a successful creation",
        learned_by="a created invitation is answered with its link",
    )
    required_parameters: tuple[str, ...] = assumed(
        ("keywebsite", "email"),
        "SEC-C6",
        "the parameters that must not be missing or empty",
        learned_by="some parameters are required",
    )
    default_url: str = assumed(
        "{website}",
        "SEC-C26",
        "the page of an invitation whose url is empty",
        learned_by="an empty url is the address of the website",
    )
    default_company_name: str = assumed(
        "{company}",
        "SEC-C26",
        "the company_name of an invitation that gives none",
        hidden="it stands only in the mail that a customer receives",
    )
    survey_needs_thematic: bool = assumed(
        True, "SEC-C9", "whether survey_only=1 without thematics is refused", learned_by="a survey needs a thematic"
    )
    same_email_window: timedelta = assumed(
        timedelta(hours=24), "SEC-C12", "how long the same e-mail is refused", hidden="a day has to pass"
    )
    same_email_window_is_closed: bool = assumed(
        False, "SEC-C12", "whether it is still refused at its exact end", hidden="a day has to pass, to the second"
    )
    same_email_per_website: bool = assumed(
        True, "SEC-C12", "whether each website key counts on its own", hidden="it takes two websites of one company"
    )
    same_email_ignores_case: bool = assumed(
        True,
        "SEC-C12",
        "whether ANNA@example.com is anna@example.com",
        learned_by="the same address is refused within a day",
    )
    recall_interval: timedelta = assumed(
        timedelta(days=6), "SEC-C16", "the time between the mail and each recall", hidden="days have to pass"
    )
    longest_line: int = assumed(
        255,
        "SEC-C24",
        "the most characters of a parameter that is one line",
        learned_by="a line of text has a longest length",
    )
    longest_text: int = assumed(
        10_000,
        "SEC-C24",
        "the most characters of a description or a comment",
        learned_by="a description has a longest length",
    )
    longest_url: int = assumed(
        2_000, "SEC-C24", "the most characters of an address", learned_by="an address has a longest length"
    )
    most_days: int = assumed(
        3650,
        "SEC-C24",
        "the longest wait before the mail, in days",
        learned_by="the wait before the mail has a longest length",
    )
    most_recalls: int = assumed(
        100, "SEC-C24", "the most recalls one invitation may ask for", learned_by="recalls have a highest number"
    )
    refusal_statuses: dict[str, int] = assumed(
        {BAD_PARAMETER: 400, UNKNOWN_KEY: 403, TOO_SOON: 429, TOO_LARGE: 413, NO_SUCH_CALL: 404},
        "SEC-C24",
        "the status of each kind of refusal",
        learned_by="a fourth thematic is refused",
    )
    refusal_content_type: str = assumed(
        TEXT, "SEC-C24", "the content type of a refusal", learned_by="a fourth thematic is refused"
    )
    refusal_body: str = assumed(
        "error: {parameter}: {problem}", "SEC-C24", "the body of a refusal", learned_by="a fourth thematic is refused"
    )
    unknown_parameters_are_accepted: bool = assumed(
        True, "SEC-C24", "whether parameters nobody knows are accepted", learned_by="an unknown parameter is accepted"
    )
    wrong_method_status: int = assumed(
        405, "SEC-C25", "the status of a GET where a POST is expected", learned_by="a GET creates nothing"
    )
    wrong_media_status: int = assumed(
        400, "SEC-C25", "the status of a body that is not a form", learned_by="a JSON body creates nothing"
    )
    repeated_order_gets_its_link: bool = assumed(
        True,
        "SEC-O7",
        "whether a second invitation for an order answers the first one's link, or is refused",
        learned_by="an order has one invitation",
    )
    cancelled_order_is_invited_again: bool = assumed(
        False,
        "SEC-O7",
        "whether an order whose invitation was cancelled may be invited again",
        learned_by="a cancelled order is not invited again",
    )

    # Webhooks
    webhook_method: str = assumed(
        "GET",
        "SEC-W1",
        "how the robots call: GET, or POST with the parameters as a form",
        learned_by="the robots tell the first steps at once",
    )
    webhook_meta_steps: tuple[str, ...] = assumed(
        ("invitation-created", "mail-send", "mail-recall", "link-opened", "review-saved"),
        "SEC-W7",
        "the steps that hand the meta_ parameters back",
        learned_by="the robots tell the first steps at once",
    )
    webhook_words: tuple[str, ...] = assumed(
        ("ok", "success"), "SEC-W8", "an answer with one of these acknowledges", hidden=_HOURS
    )
    webhook_words_ignore_case: bool = assumed(True, "SEC-W8", "whether OK is ok", hidden=_HOURS)
    webhook_statuses: tuple[int, int] = assumed(
        (200, 299), "SEC-W8", "the lowest and highest status that acknowledge", hidden=_HOURS
    )
    webhook_retries: tuple[timedelta, ...] = assumed(
        (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24)),
        "SEC-W9",
        "when an unacknowledged call is tried again, each counted from the first try; empty = never",
        hidden=_HOURS,
    )
    webhook_steps_wait_for_each_other: bool = assumed(
        True,
        "SEC-W10",
        "whether a step waits until the one before it is acknowledged or given up",
        hidden="a step that has not come may come yet",
    )

    # The form
    form_path: str = assumed(
        "/review",
        "SEC-R2",
        "the address of the hosted form",
        hidden="where the form is, only the vendor's script knows",
    )
    highest_rating: int = assumed(
        5, "SEC-R2", "the best rating of the form; the worst is 1", hidden="only the customer's form shows it"
    )
    second_review_is_refused: bool = assumed(
        True, "SEC-R3", "whether a link takes one review only", hidden="a review given for a try would be published"
    )
    link_opened_once: bool = assumed(
        True,
        "SEC-R3",
        "whether link-opened is told the first time only",
        hidden="only a customer's browser opens the form",
    )

    # The published client
    websites_are_verified: bool = assumed(
        True, "SEC-O3", "what live-verification says of a known website and token", learned_by="a website is verified"
    )

    @property
    def language_by_code(self) -> dict[str, str]:
        """The language that each LL names."""
        return dict(pair.split(":", 1) for pair in self.languages)

    def demands(self) -> Sequence[Demand]:
        """Return what keeps a setting from making no sense."""
        return _DEMANDS


def _is_path(text: str) -> bool:
    return text.startswith("/") and not set(text) & set("<>?# ")


def _is_status(number: int) -> bool:
    return 200 <= number <= 599


_DEMANDS = (
    Demand(
        "languages",
        lambda s: all(re.fullmatch(r"\d\d:[a-z]{2}", pair, re.ASCII) for pair in s.languages),
        "pairs such as 00:fr",
    ),
    Demand("link_path", lambda s: _is_path(s.link_path), "a path such as /invitation/link"),
    Demand("form_path", lambda s: _is_path(s.form_path) and s.form_path != "/", "a path such as /review"),
    Demand("link_parameter", lambda s: s.link_parameter.isidentifier(), "a name such as securating_token"),
    Demand("link_body", lambda s: "{link}" in s.link_body, "a text with {link} in it"),
    Demand("link_status", lambda s: _is_status(s.link_status), "an HTTP status from 200 to 599"),
    Demand("wrong_method_status", lambda s: _is_status(s.wrong_method_status), "an HTTP status from 200 to 599"),
    Demand("wrong_media_status", lambda s: _is_status(s.wrong_media_status), "an HTTP status from 200 to 599"),
    Demand(
        "refusal_statuses",
        lambda s: all(_is_status(status) for status in s.refusal_statuses.values()),
        "HTTP statuses from 200 to 599",
    ),
    Demand("webhook_method", lambda s: s.webhook_method in {"GET", "POST"}, "GET or POST"),
    Demand("webhook_statuses", lambda s: len(s.webhook_statuses) == 2, "the lowest and the highest status"),
    Demand("highest_rating", lambda s: 2 <= s.highest_rating <= 20, "a rating from 2 to 20"),
)
