"""Answering: Voucherify's own GET paths over the local state."""
