"""How what happens is told: for each happening the events that Voucherify sends, and their data.

Nothing is decided or changed here.
"""
