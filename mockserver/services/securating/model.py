"""What Securating remembers: companies, their websites, and the invitations and reviews of their customers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mockserver.core.tables import Tables
from mockserver.services.crowd import Crowd
from mockserver.services.securating.settings import SecuratingSettings

SCHEDULED, SENT, ISSUED, OPENED, REVIEWED, CANCELLED = (
    "scheduled",
    "sent",
    "issued",
    "opened",
    "reviewed",
    "cancelled",
)

STATUSES = (SCHEDULED, SENT, ISSUED, OPENED, REVIEWED, CANCELLED)

OVER = frozenset({REVIEWED, CANCELLED})
"""Statuses after which nothing more is mailed (SEC-R1, SEC-O1)."""

NAME = "securating"

DEFAULT_DAYS = 6
"""Days before the mail leaves when `days` is not given (SEC-C14)."""

DEFAULT_RECALLS = 3
"""Recalls when `recall_count` is not given (SEC-C15)."""

MOST_THEMATICS = 3
"""Thematic codes one invitation may carry (SEC-C13)."""


@dataclass(frozen=True, slots=True)
class Company:
    """A customer of Securating."""

    id: int
    name: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Website:
    """A company's site; `key` is its `keywebsite`, the token of its widgets and its verification (SEC-C5, SEC-O8)."""

    key: str
    company_id: int
    url: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A moderator, created beforehand in the manager (SEC-C17)."""

    id: str
    company_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Thematic:
    """A survey question under its code `[V][LL][R][TTT]` (SEC-T1)."""

    code: str
    language: str
    question: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Product:
    """A product or service; created by the first invitation that names it (SEC-C7)."""

    company_id: int
    sku: str
    ean: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Solicitation:
    """What the shop asked for: every parameter of `/invitation/create`, typed, with its default (SPEC §1.2)."""

    email: str
    first_name: str = ""
    last_name: str = ""
    company_name: str = ""
    product: str = ""
    product_ean: str = ""
    product_desc: str = ""
    survey_only: bool = False
    force_invitation: bool = False
    thematics: tuple[str, ...] = ()
    url: str = ""
    days: int = DEFAULT_DAYS
    recall_count: int = DEFAULT_RECALLS
    profile_id: str = ""
    webhook: str = ""
    customer_gender: str = ""
    customer_bio: str = ""
    customer_link: str = ""
    customer_avatar: str = ""
    hashtag: str = ""
    with_gift: bool = False
    gift_description: str = ""
    from_order: bool = False
    order: str = ""
    order_date: str = ""
    order_number: str = ""
    order_item_type: str = ""
    order_item_code: str = ""
    order_item_desc: str = ""
    order_service_start: str = ""
    order_service_end: str = ""
    meta: tuple[tuple[str, str], ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Invitation:
    """One invitation: scheduled → sent → opened → reviewed, or cancelled; `issued` when its link was not mailed."""

    token: str
    website_key: str
    asked: Solicitation
    thematics: tuple[Thematic, ...]
    link: str
    created_at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Review:
    """What a customer gave: a rating and a comment (neither for `survey_only`), and a rating per thematic code."""

    token: str
    at: datetime
    email: str
    author: str
    rating: int | None
    comment: str
    answers: tuple[tuple[str, int], ...] = ()
    hashtag: str = ""
    gift: str = ""


@dataclass(frozen=True, slots=True)
class Intention:
    """What a customer will do with an invitation, so long after its mail."""

    after: timedelta
    rating: int | None
    comment: str = ""
    answers: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class Shelf(Tables):
    """The tokens of a product's reviews, oldest first."""

    tokens: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Securating(Tables):
    """Everything one tenant's Securating holds."""

    settings: SecuratingSettings = field(default_factory=SecuratingSettings)
    pinned: set[str] = field(default_factory=set)  # settings that somebody has set, be it to the default
    companies: dict[int, Company] = field(default_factory=dict)
    websites: dict[str, Website] = field(default_factory=dict)
    profiles: dict[tuple[int, str], Profile] = field(default_factory=dict)
    custom_thematics: dict[tuple[int, str], Thematic] = field(default_factory=dict)
    products: dict[tuple[int, str], Product] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    latest_by_email: dict[tuple[str, str], datetime] = field(default_factory=dict)
    token_by_order: dict[tuple[str, str], str] = field(default_factory=dict)
    cancelled_orders: set[tuple[str, str]] = field(default_factory=set)
    reviews: dict[str, Review] = field(default_factory=dict)
    intentions: dict[str, Intention | None] = field(default_factory=dict)
    crowd: Crowd | None = None
    past_until: datetime | None = None  # who was invited until then belongs to the past that the world began with
    shelves: dict[tuple[int, str], Shelf] = field(default_factory=dict)


def product_key(website: Website, reference: str) -> tuple[int, str]:
    """Return company and SKU of `25:0001` or of the bare `0001` (SEC-C7)."""
    return (website.company_id, reference.removeprefix(f"{website.company_id}:"))
