"""What the warehouse tells us, and what Securating's robots tell us."""

from __future__ import annotations

from base64 import b64decode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from reviews.models import Order, Rating
from reviews.securating import ask_for_review


@transaction.atomic
def delivered(request: HttpRequest, number: str) -> HttpResponse:
    """Take an order as delivered, and have its customer asked once that is certain."""
    order = get_object_or_404(Order, number=number)
    order.delivered_at = timezone.now()
    order.save()
    transaction.on_commit(lambda: ask_for_review(order))
    return HttpResponse("delivered")


def securating_hook(request: HttpRequest, number: str) -> HttpResponse:
    """Keep the rating of an order."""
    order = get_object_or_404(Order, number=number)
    if request.GET["step"] == "review-saved":
        comment = b64decode(request.GET["comment"]).decode()
        rating = {"value": int(request.GET["rating"]), "comment": comment, "given_at": timezone.now()}
        Rating.objects.update_or_create(order=order, defaults=rating)
    return HttpResponse("ok")
