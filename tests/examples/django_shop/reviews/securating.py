"""The client of Securating."""

from __future__ import annotations

from urllib.parse import urlencode
from urllib.request import urlopen

from django.conf import settings
from reviews.models import Order


def ask_for_review(order: Order) -> None:
    """Have the customer of an order invited, six days from now."""
    asked = {
        "keywebsite": settings.SECURATING_KEY,
        "email": order.email,
        "order": order.number,
        "webhook": f"https://shop.example/hooks/securating/{order.number}",
    }
    urlopen(settings.SECURATING_URL + "/invitation/create", urlencode(asked).encode(), timeout=5).close()
