"""The demonstration page and the readable policy pages."""
