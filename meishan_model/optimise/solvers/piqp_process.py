"""A program that solves one linear problem with PIQP; run by its file, in a process of its own.

Arrays come in by standard input and go out by standard output, each as one ``npz``; the log goes
to standard error. It imports nothing of this project, so that it starts in a moment.
"""

from __future__ import annotations

import ctypes
import io
import os
import sys

import numpy as np
import piqp
import scipy.sparse as sp

LINE_BUFFERED = 1
"""_IOLBF of setvbuf(3)."""


def main() -> None:
    """Read a problem, solve it, write what came of it."""
    # What PIQP prints is the log, line by line; the channel of the answer stays clean.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    library = ctypes.CDLL(None)
    library.setvbuf(ctypes.c_void_p.in_dll(library, "stdout"), None, LINE_BUFFERED, 0)
    with np.load(io.BytesIO(sys.stdin.buffer.read())) as given:
        arrays = dict(given)
    shape = (len(arrays["row_lower"]), len(arrays["cost"]))
    columns = sp.csc_array((arrays["data"], arrays["indices"], arrays["indptr"]), shape=shape)
    matrix = sp.csr_array(columns)
    lower, upper = arrays["row_lower"], arrays["row_upper"]
    equal = lower == upper
    solver = piqp.SparseSolver()
    solver.settings.kkt_solver = piqp.KKTSolver.sparse_ldlt
    solver.settings.verbose = True
    solver.settings.eps_duality_gap_rel = float(arrays["tolerance"])
    solver.settings.eps_abs = float(arrays["residual"])
    solver.settings.max_iter = int(arrays["most_iterations"])
    solver.setup(
        sp.csc_matrix((shape[1], shape[1])),
        arrays["cost"],
        sp.csc_matrix(matrix[equal]),
        upper[equal],
        sp.csc_matrix(matrix[~equal]),
        lower[~equal],
        upper[~equal],
        arrays["column_lower"],
        arrays["column_upper"],
    )
    status = solver.solve()
    found = solver.result
    duals = np.zeros(shape[0])
    duals[equal] = -np.asarray(found.y)
    duals[~equal] = np.asarray(found.z_l) - np.asarray(found.z_u)
    buffer = io.BytesIO()
    np.savez(
        buffer,
        status=str(status).removeprefix("Status.PIQP_"),
        iterations=found.info.iter,
        values=np.asarray(found.x),
        duals=duals,
    )
    answer.write(buffer.getvalue())
    answer.close()


if __name__ == "__main__":
    main()
