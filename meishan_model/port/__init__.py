"""A container port: ships at berth, shore power, and the work of a terminal by the TEU."""
