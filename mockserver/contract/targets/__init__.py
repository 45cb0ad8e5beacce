"""Whom the contract can be held against."""
