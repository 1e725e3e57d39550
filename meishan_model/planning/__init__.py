"""The backcast: which years are solved, and what a year inherits from the year after it."""
