"""A scenario that rests on another: whose key counts, which file a fault names, what is stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from meishan_model.components.catalogue import kinds
from meishan_model.errors import Fault, InputError
from meishan_model.sheets.fingerprint import fingerprint
from meishan_model.sheets.scenario import read_scenario

CONFIGS = Path(__file__).parents[2] / "configs" / "scenarios"
GROUND = "title: Ground\npark: somewhere\nfirst_year: 2020\ntarget_year: 2050\n"


@pytest.fixture
def write(tmp_path: Path):
    """Write a scenario into a folder of its own and return its path."""

    def put(name: str, text: str) -> Path:
        path = tmp_path / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    put("ground", GROUND)
    return put


def faults(path: Path) -> tuple[Fault, ...]:
    """The faults of a scenario that must be refused."""
    with pytest.raises(InputError) as caught:
        read_scenario(path, kinds())
    return caught.value.faults


def test_the_file_overrides_its_base_and_its_bases_base(write) -> None:
    """The nearest file that says a key decides; what nobody says has the default."""
    write("middle", "base: ground\ntitle: Middle\ntheta: 2\noffset_share: 0.3\n")
    path = write("top", "base: middle\ntitle: Top\noffset_share: null\n")
    found = read_scenario(path, kinds())
    assert (found.name, found.title, found.base) == ("top", "Top", "middle")
    assert (found.park, found.theta, found.offset_share) == ("somewhere", 2.0, None)
    assert found.step == 5
    assert found.instruments == kinds().instruments


def test_the_fingerprint_is_that_of_what_it_resolves_to(write) -> None:
    """The same keys written out make the same fingerprint; an edited base another one.

    The title and the way the keys came about do not count, the name does.
    """
    write("middle", "base: ground\ntitle: Middle\ntheta: 2\n")
    path = write("top", "base: middle\noffset_share: 0.3\n")
    before = fingerprint(read_scenario(path, kinds()))
    written_out = GROUND.replace("Ground", "No base") + "theta: 2.0\noffset_share: 0.3\n"
    assert fingerprint(read_scenario(write("top", written_out), kinds())) == before
    write("top", "base: middle\noffset_share: 0.3\n")
    write("middle", "base: ground\ntitle: Middle\ntheta: 3\n")
    assert fingerprint(read_scenario(path, kinds())) != before
    assert fingerprint(read_scenario(write("other", written_out), kinds())) != before


@pytest.mark.parametrize(
    ("base", "own", "theta", "budget"),
    [
        ("theta: 2", "cumulative_budget: 9.0e+6", 1.0, 9e6),
        ("cumulative_budget: 9.0e+6", "theta: 2", 2.0, None),
        ("cumulative_budget: 9.0e+6", "cumulative_budget: null", 1.0, None),
        ("cumulative_budget: 9.0e+6", "step: 10", 1.0, 9e6),
        ("milestones: {2030: 0.6}", "theta: 2", 2.0, None),
        ("milestones: {2030: 0.6}", "cumulative_budget: 9.0e+6", 1.0, 9e6),
    ],
)
def test_one_way_of_giving_the_trajectory_replaces_the_other(
    write, base: str, own: str, theta: float, budget: float | None
) -> None:
    """Who gives a budget does not also have the base's theta, and the other way round."""
    write("middle", f"base: ground\n{base}\n")
    found = read_scenario(write("top", f"base: middle\n{own}\n"), kinds())
    assert (found.theta, found.cumulative_budget, found.milestones) == (theta, budget, None)


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("base: nowhere\n", "base", "there are: ground"),
        ("base: top\n", "base", "top -> top"),
        ("base: 3\n", "base", "valid string"),
        ("base: ../ground\n", "base", "there are: ground"),
        ("base: ground\nname: top\n", "name", "delete the key"),
        ("base: ground\ntheta: 2\ncumulative_budget: 9000\n", "cumulative_budget", "one of them"),
        ("base: ground\nmilestones: {2030: 0.5}\ntheta: 1\n", "milestones", "one of them"),
        ("base: ground\nmilestones: {2020: 0.5}\n", "milestones", "lie between 2020 and 2050"),
        ("base: ground\nmilestones: {2030: 0.2, 2040: 0.5}\n", "milestones", "a later one"),
        ("base: ground\nmilestones: {2030: 60}\n", "milestones.2030", "less than or equal to 1"),
        ("base: ground\nmilestones: {}\n", "milestones", "at least 1 item"),
        ("base: ground\ncumulative_budget: 0\n", "cumulative_budget", "greater than 0"),
        (
            "base: ground\nneutrality: false\ncumulative_budget: 9000\n",
            "cumulative_budget",
            "neutrality is false",
        ),
        ("base: ground\nneutrality: 0\n", "neutrality", "valid boolean"),
        ("base: ground\ninstruments: sink\n", "instruments", "valid tuple"),
        ("base: ground\ninstruments: [sink, sink]\n", "instruments", "twice"),
        ("base: ground\ninstruments: [forest]\n", "instruments.0", "out of sink, green_power"),
        ("base: ground\ndemand_side: usual\n", "demand_side", "as_usual"),
        ("base: ground\ntarget_year: 2015\n", "target_year", "lies before first_year"),
        ("base: ground\nstock_year: 2050\n", "stock_year", "from 2020 on and before 2050"),
    ],
)
def test_a_bad_scenario_on_a_base_names_file_key_and_remedy(
    write, text: str, key: str, said: str
) -> None:
    """Every fault stands at the file that made it, with its key and a remedy."""
    path = write("top", text)
    fault = next(f for f in faults(path) if f.column == key)
    assert fault.file == str(path)
    assert fault.row == 1 + [line.split(":")[0] for line in text.splitlines()].index(
        key.split(".")[0]
    )
    assert said in f"{fault.message}; {fault.remedy}"
    assert fault.remedy


def test_a_circle_of_three_is_told_in_order(write) -> None:
    """The message walks the circle; nothing is read without end."""
    write("one", "base: two\n")
    write("two", "base: three\n")
    path = write("three", "base: one\n")
    (fault,) = faults(path)
    assert "three -> one -> two -> three" in fault.message
    assert fault.file.endswith("two.yaml")


def test_a_fault_of_the_base_names_the_base(write) -> None:
    """Who reads the upper file must not look there for what the lower one says."""
    middle = write("middle", "base: ground\ntheta: 0\n")
    (fault,) = faults(write("top", "base: middle\ntheta: 2\n"))
    assert (fault.file, fault.row, fault.column) == (str(middle), 2, "theta")


def test_the_order_of_instruments_does_not_matter(write) -> None:
    """Two ways of writing the same list are the same scenario."""
    one, other = (
        read_scenario(write("top", f"base: ground\ninstruments: [{names}]\n"), kinds())
        for names in ("credit, sink", "sink, credit")
    )
    assert one == other


def test_the_shipped_pathways_are_short_and_rest_on_balanced() -> None:
    """The four alternatives say only what makes them different, in at most 60 lines."""
    names = ("business_as_usual", "carbon_trading", "supply_side", "sink_offset")
    balanced = read_scenario(CONFIGS / "balanced.yaml", kinds())
    for name in names:
        path = CONFIGS / f"{name}.yaml"
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 60
        found = read_scenario(path, kinds())
        assert found.base == "balanced"
        for key in ("park", "first_year", "target_year", "cost_sheet", "market_factor"):
            assert getattr(found, key) == getattr(balanced, key)
