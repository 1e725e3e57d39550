"""All that one slice is solved from; known without the libraries that solve it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from meishan_model.components.assets import Assets
from meishan_model.optimise import SolverName
from meishan_model.optimise.solvers.limits import NO_LIMITS, SolverLimits
from meishan_model.series.profiles import Profiles
from meishan_model.sheets.plausibility import Doubt
from meishan_model.sheets.records import SliceInputs


@dataclass(frozen=True)
class SliceTask:
    """All that one slice is solved from.

    Attributes
    ----------
    inputs, profiles, assets
        Inputs, hourly series and bounded assets of the slice.
    emission_cap
        Upper limit of net emissions [tCO2/a]; infinite where there is none.
    cost_sheet
        Name of the cost sheet.
    inputs_sha256
        Hash of everything above and of the slices it rests on.
    solver
        ``highs`` or ``cbc``.
    limits
        Time and memory of the solver.
    warnings
        What is possible and hardly meant in the inputs.
    log
        File to which the solver's log is added; ``None`` for none.
    """

    inputs: SliceInputs
    profiles: Profiles
    assets: Assets
    emission_cap: float
    cost_sheet: str
    inputs_sha256: str
    solver: SolverName
    limits: SolverLimits = NO_LIMITS
    warnings: tuple[Doubt, ...] = ()
    log: Path | None = None
