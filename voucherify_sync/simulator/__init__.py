"""A pretend Voucherify: a seeded loyalty programme, its webhooks, and the truth they stand for.

It is the oracle against which the system is proved, so it understands events in no way: it makes
them. It imports nothing of the handlers, the state or the query API.
"""
