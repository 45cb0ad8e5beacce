"""What an invitation is asked for with: what anybody gives, and every other documented parameter that does no harm."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mockserver.contract.exchange import Exchange, find_link

SHOP = "https://shop.example/avis"

FOUR_CODES = "1000100,1000200,1000300,1000400"
"""What the documentation says is refused (SEC-C13): it keeps calls from creating anything."""

EVERYBODYS = {"first_name": "Anna", "last_name": "Martin", "company_name": "Maison Demo", "url": SHOP}
"""What anybody gives beside the key and the e-mail."""

HARMLESS = EVERYBODYS | {
    "product": "0001", "product_ean": "3760123450017", "product_desc": "Tea",
    "thematics": "1000100", "days": "6", "recall_count": "3", "survey_only": "0",
    "customer_gender": "Mme", "customer_bio": "Paris", "customer_link": SHOP, "customer_avatar": SHOP,
    "hashtag": "#tea", "with_gift": "0", "gift_description": "none",
    "order": "17", "from_order": "1", "order_date": "2026-03-01", "order_number": "17", "order_item_type": "product",
    "order_item_code": "A1", "order_item_desc": "Tea", "order_service_start": "2026-03-01",
    "order_service_end": "2026-03-02",
}  # fmt: skip
"""What is given of those that a service turns out to require; whom a webhook or a moderator is, nobody can guess."""

MISTAKES: tuple[Mapping[str, str], ...] = (
    {"days": "soon"},
    {"recall_count": "many"},
    {"survey_only": "2"},
    {"customer_link": "nowhere"},
)
"""Parameters that hardly any service takes."""


def is_refused(seen: Exchange) -> bool:
    """Say whether Securating has refused to create anything: what a 5xx has done before it broke, nobody knows."""
    return 400 <= seen.answer.status < 500 and find_link(seen) is None


def names_in(text: str, among: Mapping[str, object]) -> list[str]:
    """Return the parameters that a text names."""
    return [name for name in among if re.search(rf"(?<!\w){name}(?!\w)", text)]


def find_lacking(seen: Exchange, asked: Mapping[str, object]) -> str | None:
    """Find the one parameter that a refusal names and the call had not, not even to leave it out."""
    if not is_refused(seen):
        return None
    named = [name for name in names_in(seen.answer.text, HARMLESS) if name not in asked]
    return named[0] if len(named) == 1 else None
