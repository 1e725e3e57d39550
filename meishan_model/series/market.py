r"""What power is worth on the market in every hour, and what is sold under contract.

**Market price.** It is low where the sun and the wind of the province are: new wind and PV have
sold on the market since June 2025, and what they earn there falls with their own share. The price
is the flattest course about its mean :math:`\bar p` in which PV and wind earn their capture ratios
:math:`\kappa`, revenue per MWh over the mean price (L. Hirth, The market value of variable
renewables, Energy Economics 38, 2013):

.. math::  p_t &= \bar p \, (1 + a \, (x_t - 1) + b \, (y_t - 1)) \\
           \overline{p x} &= \kappa_{PV} \, \bar p, \quad \overline{p y} = \kappa_{wind} \, \bar p

with the outputs of PV and wind relative to their means, :math:`x` and :math:`y`. That gives two
linear equations in :math:`a` and :math:`b`, with the covariances of :math:`x` and :math:`y`. The
park's own weather stands for that of the province.

**Contract.** With the contracted capacity :math:`K`, the output of its kind of plant :math:`f_t`
and the share :math:`1 - r` that is expected to be delivered, the contract delivers

.. math::  e_t = (1 - r) \, f_t \, v_{m(t)} \, K, \qquad
           v_m = \min \Bigl( 1, \frac{V_m}{K_{max} \sum_{t \in m} f_t} \Bigr)

in the hour of generation, whatever power costs in that hour: only :math:`K` is a choice. Monthly
volumes :math:`V_m` hold the whole contract of :math:`K_{max}` down month by month; part of the
contract is that part of each volume. For what it fails to deliver the park owes the share
``undelivered_paid`` :math:`u` of the price :math:`p`, so that a delivered MWh earns

.. math::  p \, \Bigl( 1 - u \frac{r}{1 - r} \Bigr)

A contract that earned as much as the same power costs when it is bought in the same hours would
make the park sell all that it generates and buy it back: it is refused. So is a market of
``markets.csv`` that pays as much for a MWh as one costs at its bus, wherever it is bought: with
the least price :math:`p` at a bus :math:`b` and the losses :math:`l` on the way to it,

.. math::  p_{b,t} = \min \Bigl( \min_{m \in b} p^{im}_{m,t}, \;
                     \min_{a \to b} \frac{p_{a,t}}{1 - l_{ab}} \Bigr)
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from meishan_model.errors import Fault, InputError, rows_text
from meishan_model.series import FloatArray, IntArray
from meishan_model.series.demand import ShapeContext
from meishan_model.series.tariff import GridPrice, flat_parts, grid_price, price_ratio
from meishan_model.sheets.contracts import green_price
from meishan_model.sheets.park import Lines, Park
from meishan_model.sheets.records import Contract, Market, SliceInputs
from meishan_model.sheets.rows import is_measured
from meishan_model.sheets.units import weight_of_step

ORDINARY_YEAR = 2023
"""A year without 29 February, as all model years are."""


def market_price(
    mean_price: float, outputs: tuple[FloatArray, ...], capture_ratios: tuple[float, ...]
) -> FloatArray:
    """Price of every hour of a year.

    Parameters
    ----------
    mean_price
        Mean over all hours [CNY/MWh].
    outputs
        Output of each kind of plant in every hour, in any unit; each shape (hours,).
    capture_ratios
        Revenue per MWh of each kind over the mean price [-].

    Returns
    -------
    numpy.ndarray
        Price [CNY/MWh], shape (hours,); not below zero. Where zero is reached the mean and what
        the plants earn lie above what is asked for.

    Examples
    --------
    Power of two hours sells at 50 and 150; a plant that runs in the first one earns a half.

    >>> market_price(100.0, (np.array([1.0, 0.0]),), (0.5,))
    array([ 50., 150.])
    """
    relative = np.array([output / output.mean() - 1.0 for output in outputs])
    missing = np.array(capture_ratios) - 1.0
    # Least squares: a kind that runs evenly has no variance and earns the mean price.
    weights = np.linalg.lstsq(relative @ relative.T / relative.shape[1], missing, rcond=None)[0]
    return np.asarray(np.maximum(mean_price * (1.0 + weights @ relative), 0.0))


def prices_in_steps(
    inputs: SliceInputs,
    context: ShapeContext,
    factors: Mapping[str, FloatArray],
    park: Park,
) -> tuple[GridPrice, FloatArray, FloatArray]:
    """Price of purchase, of the market and of export [CNY/MWh], each of shape (steps,).

    The market price is a measured series, or it follows the park's own plants. An export earns
    it, but never more than what a purchase costs without network charge and levies: otherwise
    buying and selling in the same hour would make money.

    Parameters
    ----------
    inputs, context
        The slice, with its calendar and its measured series.
    factors
        Output of the park's plants per capacity [-], by technology.
    park
        The park, for the paths in messages.

    Raises
    ------
    InputError
        If a period of the tariff is missing, the mean of a series is not above zero, or an export
        would earn as much as a purchase costs.
    """
    calendar, prices, file = context.calendar, inputs.prices, park.path("prices")
    by_hour = {
        item: prices[item] * relative_prices(name, context, file)
        for item, name in inputs.price_series.items()
    }
    parts, demand = flat_parts(prices, inputs.surcharges, inputs.power_prices, calendar)
    parts["energy"] = by_hour.get("purchase_energy", parts["energy"])
    periods = park.path("tariff_periods")
    purchase = grid_price(parts, demand, inputs.tariff, calendar, periods)
    energy_part = purchase.total - purchase.network_charge - purchase.levies
    market = by_hour.get("market_price")
    if market is None:
        market = _market(inputs, factors, len(calendar))
    export = np.minimum(market, energy_part)
    if not (export < purchase.total).all():
        message = "an exported MWh would earn as much as a purchased one costs"
        remedy = "it and the surcharges of surcharges.csv must be above 0 together"
        raise InputError([Fault(file, message, None, "item", "network_charge", remedy)])
    return purchase, market, export


def _market(inputs: SliceInputs, factors: Mapping[str, FloatArray], steps: int) -> FloatArray:
    """Market price by the mean output of the park's own plants of each capture ratio."""
    outputs: dict[str, list[FloatArray]] = {}
    for plant in inputs.renewables:
        if plant.kind.capture_ratio:
            outputs.setdefault(plant.kind.capture_ratio, []).append(factors[plant.technology])
    level = inputs.prices["market_price"]
    if not outputs:
        return np.full(steps, level)
    means = tuple(np.asarray(np.mean(own, axis=0)) for own in outputs.values())
    return market_price(level, means, tuple(inputs.prices[ratio] for ratio in outputs))


def months_seen(months: IntArray, month: int) -> float:
    """How often the hours of a slice stand for the whole of a month [-]; 1 in a whole year.

    Parameters
    ----------
    months
        Month of every hour of the slice.
    month
        The month, 1 to 12.
    """
    hours = float((months == month).sum()) * weight_of_step(len(months))
    return hours / (24.0 * monthrange(ORDINARY_YEAR, month)[1])


def export_course(contract: Contract, output: FloatArray, months: IntArray) -> FloatArray:
    """Power that a contract delivers in every hour per MW that is contracted [-].

    Parameters
    ----------
    contract
        Contract of kind ``export``.
    output
        Output of its profile per capacity in every hour [-], shape (hours,).
    months
        Month of every hour, of the same shape.
    """
    course = output * contract.delivered_share
    if not contract.volumes:
        return course
    weight = weight_of_step(len(months))
    factor = np.zeros(13)
    for month in np.unique(months):
        whole = contract.parameters["capacity"] * float(output[months == month].sum()) * weight
        volume = contract.volumes.get(int(month), 0.0) * months_seen(months, int(month))
        factor[month] = min(1.0, volume / whole) if whole > 0.0 else 0.0
    return np.asarray(course * factor[months])


def export_income(contract: Contract) -> float:
    """What a delivered MWh earns, less what is owed for those that are not [CNY/MWh]."""
    values = contract.parameters
    missing = values["delivery_risk"] / contract.delivered_share
    return values["price"] * (1.0 - values["undelivered_paid"] * missing)


def cheapest_purchase(
    contracts: Iterable[Contract],
    purchase_price: FloatArray,
    network_charge: FloatArray,
    levies: FloatArray,
) -> FloatArray:
    """The least that a MWh costs in each hour, from the grid or by a contract of green power.

    Parameters
    ----------
    contracts
        Everything on offer.
    purchase_price, network_charge, levies
        Price of the grid with all its parts, and two of these [CNY/MWh], hour by hour.
    """
    cheapest = purchase_price
    for contract in contracts:
        if contract.kind.follows_plant and not contract.kind.is_sold:
            price = green_price(contract, network_charge, levies).delivered
            cheapest = np.minimum(cheapest, price)
    return cheapest


def money_pumps(
    contracts: Iterable[Contract],
    outputs: Mapping[str, FloatArray],
    months: IntArray,
    cheapest: FloatArray,
    path: str,
    lines: Lines,
) -> Iterator[Fault]:
    """Contracts of export that pay as much as power costs in the hours in which they deliver.

    Parameters
    ----------
    contracts
        Contracts of kind ``export``.
    outputs
        Output per capacity by profile [-], hour by hour.
    months
        Month of every hour.
    cheapest
        The least that a MWh costs at the fence [CNY/MWh], hour by hour.
    path, lines
        Path of ``contracts.csv`` and the lines of its contracts, for messages.
    """
    for contract in contracts:
        course = export_course(contract, outputs[contract.profile], months)
        if not course.any():
            continue
        cost = float(cheapest @ course / course.sum())
        if export_income(contract) >= cost:
            rows = rows_text(lines.get(("contracts", contract.contract), ()))
            message = (
                f"{contract.contract} ({rows or 'no row'}) pays as much as power costs that is "
                "bought in its hours: the park would sell what it generates and buy it back"
            )
            value, remedy = f"{contract.parameters['price']:g}", f"give less than {cost:.1f}"
            yield Fault(path, message, None, "price", value, remedy)


def market_pumps(
    inputs: SliceInputs, courses: Mapping[str, FloatArray], cheapest: FloatArray, path: str
) -> Iterator[Fault]:
    """Markets that pay as much as what they buy costs at their bus in the same hour.

    Parameters
    ----------
    inputs
        The slice, with its network and markets.
    courses
        Relative prices by the profile of a market [-], hour by hour.
    cheapest
        The least that a MWh costs before the connection [CNY/MWh], hour by hour.
    path
        Path of ``markets.csv``, for messages.
    """
    sellers = [m for m in inputs.markets if "export_price" in m.numbers]
    costs = _supply_prices(inputs, courses, cheapest) if sellers else {}
    step = weight_of_step(len(cheapest))
    for market in sellers:
        price, cost = market.price("export", courses) + 0.0 * cheapest, costs[market.bus]
        pumping = price >= cost
        if pumping.any():
            first = int(np.argmax(pumping))
            rows = rows_text(inputs.lines.get(("markets", market.market), ()))
            message = (
                f"{market.market} ({rows or 'no row'}) pays as much as what it buys costs at "
                f"{market.bus} in {pumping.sum() * step:g} hours, first in hour {first * step:g} "
                "of the year: the park would buy in order to sell"
            )
            remedy = f"give less than {cost[first]:.1f} in that hour, or sell at another bus"
            yield Fault(path, message, None, "export_price", f"{price[first]:g}", remedy)


def _supply_prices(
    inputs: SliceInputs, courses: Mapping[str, FloatArray], cheapest: FloatArray
) -> dict[str, FloatArray]:
    """The least that a unit costs at each bus in every hour, bought anywhere outside, by bus."""
    prices = {bus.bus: np.full(len(cheapest), np.inf) for bus in inputs.buses}
    prices[inputs.connection.from_bus] = cheapest
    for market in inputs.markets:
        if "import_price" in market.numbers:
            prices[market.bus] = np.minimum(prices[market.bus], market.price("import", courses))
    # A line before a transformer is no way of its own.
    elements = [e for e in inputs.network if e.kind.function != "line"]
    ways = [(e.from_bus, e.to_bus, 1.0 - e.loss) for e in elements]
    ways += [(e.to_bus, e.from_bus, 1.0 - e.loss) for e in elements if e.kind.ways == "both"]
    for _ in elements:  # no way is longer
        for start, end, kept in ways:
            prices[end] = np.minimum(prices[end], prices[start] / kept)
    return prices


def price_course(
    market: Market,
    context: ShapeContext,
    path: Callable[[str], str],
    shapes: Mapping[str, FloatArray],
) -> FloatArray:
    """Prices of a market relative to their mean [-]; measured ones may be negative in an hour.

    Parameters
    ----------
    market
        The market, with a profile.
    context
        Calendar and measured series of the slice.
    path
        Path of a sheet, for messages.
    shapes
        Load shapes by name.

    Raises
    ------
    InputError
        If the mean of measured prices is not above zero.
    """
    if market.tariff:
        return price_ratio(market.tariff, context.calendar, path("tariff_periods"))
    if not is_measured(market.profile):
        return shapes[market.profile]
    return relative_prices(market.profile, context, path("markets"))


def relative_prices(name: str, context: ShapeContext, file: str) -> FloatArray:
    """Measured prices relative to their mean [-], (steps,); they may be below zero in an hour.

    Parameters
    ----------
    name
        The series, ``file:column``.
    context
        Measured series of the slice.
    file
        Path of the sheet that names it, for messages.

    Raises
    ------
    InputError
        If the mean is not above zero.
    """
    prices = context.measured[name]
    mean = float(prices.mean())
    if mean <= 0.0:
        message, remedy = f"has a mean price of {mean:g}", "prices must be above 0 in the mean"
        raise InputError([Fault(file, message, value=name, remedy=remedy)])
    return np.asarray(prices / mean)
