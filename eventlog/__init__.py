"""The log between receiver and handlers: the seam, and the embedded log on SQLite."""
