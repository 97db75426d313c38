"""Regulars: a self-hosted hub for customer data and on-site personalisation."""

__version__ = "0.2.0"
