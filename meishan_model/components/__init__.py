"""The park as a graph of oemof.solph nodes, one file per part of the park."""
