"""The language that the stages speak: JSON, moments, the envelope, the event registry.

Imports nothing else of the project. See `docs/architecture.md`.
"""
