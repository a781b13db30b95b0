"""The log between receiver and handlers: the seam, the embedded log on SQLite, and Kafka."""
