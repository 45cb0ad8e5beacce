"""A shop: once an order is delivered, its customer is asked for a review, which comes back through a webhook."""

from __future__ import annotations

import os
from base64 import b64decode
from dataclasses import dataclass

import requests
from flask import Flask, abort, request

HTTP = requests.Session()


@dataclass
class Order:
    """What somebody bought."""

    number: str
    email: str
    first_name: str
    status: str = "shipped"


class Shop(Flask):
    """The shop: its orders, the reviews it has received, and the pages it serves."""

    def __init__(self) -> None:
        super().__init__("shop")
        self.securating = os.environ["SECURATING_URL"]
        self.key = os.environ["SECURATING_KEY"]
        self.orders = {
            "17": Order("17", "anna@example.com", "Anna"),
            "18": Order("18", "boris@example.com", "Boris"),
        }
        self.reviews: dict[str, int] = {}
        self.comments: dict[str, str] = {}
        self.steps: list[str] = []
        self.add_url_rule("/hooks/review", view_func=self.hook)

    def order_delivered(self, number: str) -> None:
        """Ask the customer for a review, six days from now."""
        order = self.orders[number]
        order.status = "delivered"
        self._call(
            "/invitation/create",
            email=order.email,
            first_name=order.first_name,
            order=number,
            meta_order=number,
            webhook="https://shop.example/hooks/review",
        )

    def order_returned(self, number: str) -> None:
        """Do not bother somebody who has sent the goods back."""
        self.orders[number].status = "returned"
        self._call("/invitation/cancel", order=number)

    def _call(self, path: str, **fields: str) -> None:
        answer = HTTP.post(self.securating + path, data={"keywebsite": self.key, **fields}, timeout=5)
        answer.raise_for_status()

    def hook(self) -> str:
        """Take note of what has become of an invitation."""
        number = request.args["meta_order"]
        if number not in self.orders:
            abort(410, "this order was deleted")
        self.steps.append(request.args["step"])
        if request.args["step"] == "review-saved":
            self.reviews[number] = int(request.args["rating"])
            self.comments[number] = b64decode(request.args["comment"]).decode()
        return "ok"
