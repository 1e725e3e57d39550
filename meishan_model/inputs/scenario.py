"""A scenario: one short YAML file that names its park and says how it is planned."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from meishan_model.errors import Fault, InputError
from meishan_model.inputs.yaml_file import read_yaml, validate


class Scenario(BaseModel):
    """What distinguishes one plan of a park from another."""

    # Strict: a theta of "yes" is no number, and an offset_share of "no" is not zero.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)

    name: str = Field(description="stem of the YAML file", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    title: str = Field(description="one line for people", min_length=1)
    park: str = Field(description="folder below configs/", pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    cost_sheet: str = Field(
        default="reference",
        description="folder below configs/costs/",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$",
    )
    first_year: int = Field(description="year of the status quo", ge=2000, le=2100)
    target_year: int = Field(description="year of neutrality", ge=2000, le=2100)
    step: int = Field(
        default=5, description="years between slices [a]", ge=1, le=20, validate_default=True
    )
    theta: float = Field(
        default=1.0, description="exponent of the emission trajectory [-]", gt=0, le=20
    )
    offset_share: float | None = Field(
        default=0.1,
        description="unbundled certificates and credits at most, share of E_0 [-]; null: no limit",
        ge=0,
    )
    ships_at_berth: Literal["inside", "memo"] = Field(
        default="inside",
        description="fuel of ships at berth: counted in scope 1, or reported only",
    )
    market_factor: Literal["provincial_average", "residual_mix"] = Field(
        default="provincial_average", description="factor of what no contract covers (scope 2)"
    )
    backend: Literal["linopy", "pyomo"] = Field(
        default="linopy", description="how the problem is stated; pyomo is the reference"
    )
    shadow_carbon: bool = Field(
        default=True, description="whether the shadow carbon value steers the optimum"
    )

    @field_validator("target_year")
    @classmethod
    def _target_after_first(cls, target_year: int, info: ValidationInfo) -> int:
        first_year = info.data.get("first_year", target_year)
        if target_year < first_year:
            raise ValueError(f"lies before first_year {first_year}")
        return target_year

    @field_validator("step")
    @classmethod
    def _whole_steps(cls, step: int, info: ValidationInfo) -> int:
        years = info.data.get("target_year", 0) - info.data.get("first_year", 0)
        if {"first_year", "target_year"} <= info.data.keys() and years % step:
            raise ValueError(f"{years} years from first_year to target_year are no whole steps")
        return step


def read_scenario(path: Path) -> Scenario:
    """Read and validate a scenario.

    Parameters
    ----------
    path
        The YAML file; its stem is the scenario's name.

    Raises
    ------
    InputError
        If the file is missing, is no YAML mapping or says something that is not allowed; every
        fault is listed.
    """
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in path.parent.glob("*.yaml"))) or "none"
        fault = Fault(str(path), "there is no such scenario", remedy=f"there are: {there}")
        raise InputError([fault])
    content = read_yaml(path)
    if "name" in content:
        fault = Fault(
            str(path), "the stem of the file is the name", column="name", remedy="delete the key"
        )
        raise InputError([fault])
    return validate(Scenario, {"name": path.stem, **content}, path)
