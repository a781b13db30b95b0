"""Webhooks registered: at a Voucherify of our own, and at one made of its specification."""
