"""The addresses of the shop."""

from __future__ import annotations

from django.urls import path
from reviews import views

urlpatterns = [
    path("orders/<number>/delivered", views.delivered),
    path("hooks/securating/<number>", views.securating_hook),
]
