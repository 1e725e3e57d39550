"""What is bought for the whole year: carbon sinks, unbundled certificates, credits, the gap.

Each is an even flow whose height is one decision. Certificates and credits are limited together
(:data:`~meishan_model.components.book.OFFSET`), certificates also by the power that nobody covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from oemof import solph
from oemof.network import Node

from meishan_model.components.book import (
    CERTIFICATE_SURPLUS,
    OFFSET,
    Book,
    Charge,
    Emission,
    Kind,
    Series,
)
from meishan_model.sheets.model_year import HOURS_OF_YEAR
from meishan_model.sheets.records import Contract, SliceInputs

CERTIFICATE_UNIT = "MWh/h of certificates"
"""Unit of a flow of unbundled certificates."""


def offset_nodes(book: Book, inputs: SliceInputs) -> Iterator[Node]:
    """Sinks, certificates and credits on offer, and what exceeds the cap.

    Parameters
    ----------
    book, inputs
        Book and inputs of the slice.
    """
    for contract in inputs.contracts:
        if contract.kind == "sink":
            yield from _sink(book, contract)
        elif contract.kind in ("certificate", "credit"):
            yield from _offset(book, inputs, contract)
    if inputs.scenario.neutrality:
        yield from _emission_excess(book, inputs)


def _sink(book: Book, contract: Contract) -> Iterator[Node]:
    """Land that takes up carbon [ha], the whole year or not at all."""
    values = contract.parameters
    yield from _yearly(
        book,
        contract.contract,
        unit="ha",
        most=values["area"],
        charge=Charge("sink", contract.contract, values["price"] / HOURS_OF_YEAR),
        emissions=(Emission("sink", contract.contract, -values["rate"] / HOURS_OF_YEAR),),
        limits={},
    )


def _offset(book: Book, inputs: SliceInputs, contract: Contract) -> Iterator[Node]:
    """Unbundled certificates [MWh/h] and credits [tCO2/h], an even flow over the year."""
    name, values = contract.contract, contract.parameters
    certificate = contract.kind == "certificate"
    factor = inputs.factors.grid_market if certificate else 1.0
    scope, carrier = ("scope2_market", name) if certificate else ("credit", name)
    yield from _yearly(
        book,
        name,
        unit=CERTIFICATE_UNIT if certificate else "tCO2/h",
        most=values["limit"] / HOURS_OF_YEAR,
        charge=Charge(contract.kind, name, values["price"]),
        emissions=(Emission(scope, carrier, -factor),),
        limits={OFFSET: factor} | ({CERTIFICATE_SURPLUS: 1.0} if certificate else {}),
    )


def _emission_excess(book: Book, inputs: SliceInputs) -> Iterator[Node]:
    """What exceeds the cap, at a penalty: a finding, not a way out."""
    price = inputs.parameters["emission_excess_penalty"]
    yield from _yearly(
        book,
        "emission_excess",
        unit="tCO2/h",
        most=float("inf"),
        charge=Charge("gap", "emission_excess", price),
        emissions=(Emission("gap", "emission_excess", 1.0),),
        limits={},
    )


def _yearly(
    book: Book,
    name: str,
    *,
    unit: str,
    most: float,
    charge: Charge,
    emissions: tuple[Emission, ...],
    limits: Mapping[str, Series],
) -> Iterator[Node]:
    """An even flow whose height is one decision for the whole year."""
    registry, cancelled = solph.Bus(label=f"{name}_registry"), f"{name}_cancelled"
    yield registry
    yield solph.components.Source(
        label=name,
        outputs={
            registry: book.flow(
                name,
                registry.label,
                Kind(name, unit=unit),
                charges=(charge,),
                emissions=emissions,
                limits=limits,
                nominal_capacity=solph.Investment(maximum=most),
                fix=np.ones(book.hours),
            )
        },
    )
    flow = book.flow(
        registry.label,
        cancelled,
        Kind(name, unit=unit),
    )
    yield solph.components.Sink(label=cancelled, inputs={registry: flow})
