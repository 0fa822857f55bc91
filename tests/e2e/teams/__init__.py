"""Stories of people who use the whole product in Teams."""
