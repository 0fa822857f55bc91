"""Escalations on the database and the durable engine. Our own tables are the truth; engine rows carry ids only."""
