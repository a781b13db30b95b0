"""Secrets of real processes are changed under load, as docs/operations.md says."""
