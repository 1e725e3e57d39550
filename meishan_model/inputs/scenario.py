"""A scenario: one short YAML file that names its park and says how it is planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from meishan_model.errors import Fault, InputError

M = TypeVar("M", bound=BaseModel)


class Scenario(BaseModel):
    """What distinguishes one plan of a park from another."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(description="stem of the YAML file", pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    title: str = Field(description="one line for people", min_length=1)
    park: str = Field(description="folder below configs/", pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    cost_sheet: str = Field(
        default="reference", description="folder below configs/costs/", min_length=1
    )
    first_year: int = Field(description="year of the status quo", ge=2000, le=2100)
    target_year: int = Field(description="year of neutrality", ge=2000, le=2100)
    step: int = Field(default=5, description="years between slices [a]", ge=1, le=20)
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

    @model_validator(mode="after")
    def _years_in_order(self) -> Scenario:
        if self.target_year < self.first_year:
            raise ValueError("target_year lies before first_year")
        if (self.target_year - self.first_year) % self.step:
            raise ValueError("target_year - first_year is not a multiple of step")
        return self


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


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping; tags that would run code are refused.

    Raises
    ------
    InputError
        If the file is no YAML or no mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = getattr(error, "problem_mark", None)
        row = None if place is None else place.line + 1
        reason = getattr(error, "problem", None) or str(error)
        raise InputError([Fault(str(path), f"no readable YAML: {reason}", row=row)]) from error
    if not isinstance(content, dict):
        raise InputError([Fault(str(path), "is not a mapping of keys to values")])
    return content


def validate(model: type[M], content: dict[str, Any], path: Path) -> M:
    """Validate a mapping against a model; every fault names the key and what is allowed.

    Raises
    ------
    InputError
        With one fault for each violation.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(
            Fault(
                str(path),
                problem["msg"],
                column=".".join(map(str, problem["loc"])) or None,
                value=None if isinstance(problem["input"], dict) else str(problem["input"]),
                remedy=_allowed(model, problem["loc"]),
            )
            for problem in error.errors()
        ) from error


def _allowed(model: type[BaseModel], location: tuple[int | str, ...]) -> str | None:
    key = str(location[0]) if location else ""
    known = model.model_fields.get(key)
    if known is None:
        return f"allowed keys: {', '.join(model.model_fields)}" if key else None
    return known.description
