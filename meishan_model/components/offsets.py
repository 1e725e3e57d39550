"""What is bought for the whole year: carbon sinks, unbundled certificates, credits, the gap.

Each is an even flow whose height is one decision. Certificates and credits are limited together
(:data:`~meishan_model.components.flows.OFFSET`), certificates also by the power that nobody
covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from oemof import solph
from oemof.network import Node

from meishan_model.components.coordinates import Coordinates
from meishan_model.components.flows import (
    CERTIFICATE_SURPLUS,
    OFFSET,
    Charge,
    Emission,
    Registry,
    Row,
    Series,
    row_of_contract,
)
from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.sheets.records import Contract, SliceInputs

CERTIFICATE_UNIT = "MWh/h of certificates"
"""Unit of a flow of unbundled certificates."""


def offset_nodes(registry: Registry, inputs: SliceInputs) -> Iterator[Node]:
    """Sinks, certificates and credits on offer, and what exceeds the cap.

    Parameters
    ----------
    registry, inputs
        Registry and inputs of the slice.
    """
    for contract in inputs.contracts:
        if contract.kind == "sink":
            yield from _sink(registry, contract)
        elif contract.kind in ("certificate", "credit"):
            yield from _offset(registry, inputs, contract)
    if inputs.scenario.neutrality:
        yield from _emission_excess(registry, inputs)


def _sink(registry: Registry, contract: Contract) -> Iterator[Node]:
    """Land that takes up carbon [ha], the whole year or not at all."""
    values, name = contract.parameters, contract.contract
    yield from _yearly(
        registry,
        Coordinates("sink", name, contract=name, unit="ha"),
        row_of_contract(contract),
        most=values["area"],
        charge=Charge("sink", name, values["price"] / HOURS_OF_YEAR),
        emissions=(Emission("sink", name, -values["rate"] / HOURS_OF_YEAR),),
        limits={},
    )


def _offset(registry: Registry, inputs: SliceInputs, contract: Contract) -> Iterator[Node]:
    """Unbundled certificates [MWh/h] and credits [tCO2/h], an even flow over the year."""
    name, values = contract.contract, contract.parameters
    certificate = contract.kind == "certificate"
    factor = inputs.factors.grid_market if certificate else 1.0
    scope, carrier = ("scope2_market", name) if certificate else ("credit", name)
    yield from _yearly(
        registry,
        Coordinates(
            "issue" if certificate else "credit",
            name,
            contract=name,
            unit=CERTIFICATE_UNIT if certificate else "tCO2/h",
        ),
        row_of_contract(contract),
        most=values["limit"] / HOURS_OF_YEAR,
        charge=Charge(contract.kind, name, values["price"]),
        emissions=(Emission(scope, carrier, -factor),),
        limits={OFFSET: factor} | ({CERTIFICATE_SURPLUS: 1.0} if certificate else {}),
    )


def _emission_excess(registry: Registry, inputs: SliceInputs) -> Iterator[Node]:
    """What exceeds the cap, at a penalty: a finding, not a way out."""
    price = inputs.parameters["emission_excess_penalty"]
    yield from _yearly(
        registry,
        Coordinates("excess", "emission_excess", unit="tCO2/h"),
        most=float("inf"),
        charge=Charge("gap", "emission_excess", price),
        emissions=(Emission("gap", "emission_excess", 1.0),),
        limits={},
    )


def _yearly(
    registry: Registry,
    what: Coordinates,
    *rows: Row,
    most: float,
    charge: Charge,
    emissions: tuple[Emission, ...],
    limits: Mapping[str, Series],
) -> Iterator[Node]:
    """An even flow whose height is one decision for the whole year, cancelled as it comes."""
    name = what.carrier
    account = registry.bus(f"{name}_registry", *rows)
    yield account
    yield registry.source(
        name,
        account,
        what,
        *rows,
        charges=(charge,),
        emissions=emissions,
        limits=limits,
        nominal_capacity=solph.Investment(maximum=most),
        fix=np.ones(registry.hours),
    )
    yield registry.sink(f"{name}_cancelled", account, what.but(role="cancelled"), *rows)
