"""The proof that state converges: whole histories, told in any order, against an oracle."""
