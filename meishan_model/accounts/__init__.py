"""Costs, emissions and energy of a solved slice as tables, and the checks on them."""
