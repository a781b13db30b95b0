"""The way in: verify a webhook, tell its version, append it to the log, answer."""
