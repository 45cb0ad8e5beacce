"""The whole project: one application, one database, one address that the robots call."""

from __future__ import annotations

import os

SECRET_KEY = "only for this example"
ALLOWED_HOSTS = ["shop.example"]
USE_TZ = True
ROOT_URLCONF = "reviews.urls"
INSTALLED_APPS = ["reviews"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SECURATING_URL = os.environ.get("SECURATING_URL", "https://api.securating.io")
SECURATING_KEY = os.environ.get("SECURATING_KEY", "")
