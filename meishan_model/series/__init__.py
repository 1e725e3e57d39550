"""Hourly series as pure functions of weather, calendar and sheets."""
