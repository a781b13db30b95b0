"""Understanding: events become facts, and facts are handed to the state."""
