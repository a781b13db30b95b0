"""Remembering: facts become rows, by one merge rule for each kind of fact."""
