"""``python -m meishan_model.cli``."""

from meishan_model.cli import main

main()
