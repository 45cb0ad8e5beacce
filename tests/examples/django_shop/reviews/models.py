"""Orders, and the rating that each of them may get."""

from __future__ import annotations

from django.db import models


class Order(models.Model):
    """What somebody bought."""

    number = models.CharField(max_length=20, unique=True)
    email = models.EmailField()
    delivered_at = models.DateTimeField(null=True)


class Rating(models.Model):
    """What they thought of it."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE)
    value = models.IntegerField()
    comment = models.TextField(blank=True)
    given_at = models.DateTimeField()
