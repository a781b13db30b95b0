"""Ledger webhooks that never come: which cards are found to have gaps, and which really have."""
