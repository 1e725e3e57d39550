"""From a linear problem to its optimum: solvers, their order, and what is believed of them."""
