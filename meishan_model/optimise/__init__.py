"""From a graph to an optimum; knows no ports."""
