"""Slack: what staff and the people who are told see there, and what they press."""
