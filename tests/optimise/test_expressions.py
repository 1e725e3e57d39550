"""Expressions of unknowns add, subtract, multiply and are cut like the arrays of their values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from meishan_model.optimise import Expression


def values_of(expression: Expression, x: Any) -> Any:
    """Value of each row at given unknowns; the last one is that of label -1."""
    return (expression.coefficients * x[expression.labels]).sum(axis=1) + expression.constant


def test_algebra_of_expressions() -> None:
    """Random sums, differences, multiples and rows of expressions have the values of numpy."""
    rng = np.random.default_rng(7)
    for _ in range(200):
        rows, terms = rng.integers(1, 6, 2)
        x = np.append(rng.normal(size=4), 0.0)

        def drawn(rows: int, terms: int = int(terms)) -> Expression:
            return Expression(
                rng.integers(-1, 4, (rows, terms)),
                rng.integers(-2, 3, (rows, terms)).astype(float),
                rng.normal(size=rows),
            )

        one, other, single = drawn(rows), drawn(rows), drawn(1)
        a, b, c = (values_of(expression, x) for expression in (one, other, single))
        factor = rng.normal(size=rows)
        for expression, value in (
            (one + other, a + b),
            (one - other, a - b),
            (-one, -a),
            (one + single, a + c),
            (single - one, c - a),
            (one * 3.0, 3.0 * a),
            (factor * one, factor * a),
            (pd.Series(factor) * one, factor * a),
            (factor * single, factor * c),
            (one / 2.0, a / 2.0),
            (one + factor, a + factor),
            (factor - one, factor - a),
            (1.0 - one, 1.0 - a),
            (sum([one, other, single]), a + b + c),
            (one.total(), a.sum(keepdims=True)),
            (one[0], a[:1]),
            (one[-1], a[-1:]),
            (one[: rows - 1 or 1], a[: rows - 1 or 1]),
            (one[a > a.min() - 1.0], a),
        ):
            np.testing.assert_allclose(values_of(expression, x), value, atol=1e-12)
            merged = expression.merged()
            np.testing.assert_allclose(values_of(merged, x), value, atol=1e-12)
            for labels in merged.labels:
                assert len(set(labels[labels >= 0])) == (labels >= 0).sum()


def test_terms_that_cancel_are_no_terms() -> None:
    """0.1 + 0.2 - 0.3 of an unknown is none of it, though these are 5e-17 in a computer."""
    labels = np.array([[2, 2, 2, 5]])
    merged = Expression(labels, np.array([[0.1, 0.2, -0.3, 1.0]]), np.zeros(1)).merged()
    assert merged.labels[merged.labels >= 0].tolist() == [5]
    assert np.abs(merged.coefficients).sum() == 1.0
