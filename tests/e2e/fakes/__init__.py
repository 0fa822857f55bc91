"""Platforms as they answer and ask, for tests: small real servers that know nothing of the product."""
