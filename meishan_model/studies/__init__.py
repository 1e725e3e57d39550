"""Many plans beside each other: fronts, abatement curves, sensitivities, comparisons."""
