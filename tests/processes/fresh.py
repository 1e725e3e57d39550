"""Programs in processes of their own that need not load the libraries first.

A server has loaded what the package stands on, but not the package; for each program it forks.
So a program finds the package, and whatever else is installed, where its own paths say, and
begins seconds earlier than a new interpreter would.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import IO

LIBRARIES = (
    *("oemof.solph", "pyomo.environ", "pandas", "scipy.optimize", "scipy.stats", "xarray"),
    *("netCDF4", "linopy", "highspy", "piqp", "pvlib", "pydantic", "typer", "rich", "plotly"),
    *("openpyxl", "dask.array", "pint", "holidays.countries", "yaml", "jinja2"),
)
COMMAND = "from meishan_model import cli; cli.main()"
"""The command line, as its entry point calls it."""
SERVER = f"""
import importlib, json, os, sys

for name in {LIBRARIES!r}:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        pass
for line in sys.stdin:
    task = json.loads(line)
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for stream, path in ((1, "out"), (2, "err")):
            os.dup2(os.open(task[path], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
        os.chdir(task["folder"])
        os.environ.update(task["variables"])
        sys.path[:0] = task["paths"]
        sys.argv = ["meishan", *task["words"]]
        importlib.invalidate_caches()
        exec(compile(task["code"], "<program>", "exec"), {{"__name__": "__main__"}})
        sys.exit()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@cache
def server() -> tuple[IO[str], IO[str]]:
    """Requests to and answers of the server of this process, which ends with it."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    atexit.register(process.wait)
    atexit.register(process.stdin.close)
    return process.stdin, process.stdout


def ran(
    code: str,
    words: Iterable[str] = (),
    *,
    paths: Iterable[Path],
    folder: Path,
    variables: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end.

    Parameters
    ----------
    code
        The program.
    words
        Its arguments.
    paths
        Folders in which it looks for modules before all others.
    folder
        In which it runs.
    variables
        Of its environment, beside those of the tests.
    """
    places = [str(path) for path in paths]
    with tempfile.TemporaryDirectory() as streams:
        files = {name: Path(streams, name) for name in ("out", "err")}
        task = {
            "code": code,
            "words": list(words),
            "paths": places,
            "folder": str(folder),
            # Processes that the program begins look in the same places.
            "variables": {**(variables or {}), "PYTHONPATH": os.pathsep.join(places)},
            **{name: str(path) for name, path in files.items()},
        }
        requests, answers = server()
        print(json.dumps(task), file=requests, flush=True)
        code_of_exit = int(answers.readline())
        out, err = (path.read_text(encoding="utf-8") for path in files.values())
    return subprocess.CompletedProcess(code, code_of_exit, out, err)
