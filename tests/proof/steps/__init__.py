"""What can happen in the small world; each step tells of it as the vendor does."""
