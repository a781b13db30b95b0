"""One trace from a webhook through the log to the transaction that merged it, where asked for.

The parts are wrapped at their seams, by the wiring alone: where tracing is off, nothing is.
"""
