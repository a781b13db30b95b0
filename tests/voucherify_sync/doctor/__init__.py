"""The doctor: what it finds, on real parts."""
