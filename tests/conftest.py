"""All random draws are the same in every run, unless HYPOTHESIS_RANDOM asks for others."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile("other", derandomize=False, deadline=None)
settings.load_profile("other" if os.environ.get("HYPOTHESIS_RANDOM") else "same")
