"""The commands of the studies: one for each, made of the options that the study declares.

A list of all commands needs only the first line of each study's file. The command itself is made
when it is called, since the study is imported for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin, get_type_hints

import typer

from meishan_model.cli.app import app, print_line, print_wide, project_command
from meishan_model.errors import CheckError, Fault, InputError
from meishan_model.progress import shown
from meishan_model.studies.catalogue import studies, study_named

if TYPE_CHECKING:
    from meishan_model.planning.project import Project
    from meishan_model.studies.study import Study

JobsOption = Annotated[int, typer.Option("--jobs", min=1, help="Processes beside each other.")]
KIND = inspect.Parameter.POSITIONAL_OR_KEYWORD


def _announce(name: str, help_: str) -> None:
    """Name a study's command, which is made of the words that it is called with."""
    words = {"allow_extra_args": True, "ignore_unknown_options": True}

    @app.command(name, help=help_, add_help_option=False, context_settings=words)
    def command(ctx: typer.Context) -> None:
        own = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        project_command(study_named(name).default_hours, own)(_function(name, help_))
        own(ctx.args, prog_name=ctx.command_path)


def _function(name: str, help_: str) -> Callable[..., None]:
    """The function of a study's command."""
    study = study_named(name)
    hints = get_type_hints(study, include_extras=True)
    options = [f for f in fields(study) if get_origin(hints[f.name]) is Annotated]
    kinds = {f.name: get_args(hints[f.name])[0] for f in options}

    def run(project: Project, jobs: int, **given: Any) -> None:
        values = {option: _value(given[option], option, kind) for option, kind in kinds.items()}
        _make(study(project=project, **values), jobs)

    own = [_parameter(f, *get_args(hints[f.name])) for f in options]
    jobs = inspect.Parameter("jobs", KIND, default=1, annotation=JobsOption)
    run.__name__, run.__doc__ = name, help_
    vars(run)["__signature__"] = inspect.Signature(
        [inspect.Parameter("project", KIND), *own, jobs]
    )
    return run


def _parameter(option: Field[Any], kind: Any, help_: str) -> inspect.Parameter:
    """An option of a study as one of a command: an argument if it has no default."""
    if option.default is MISSING:
        argument = Annotated[kind, typer.Argument(help=help_)]
        return inspect.Parameter(option.name, KIND, annotation=argument)
    default = option.default
    if get_origin(kind) is Sequence:
        kind, default = str, ",".join(map(str, option.default))
    typed = Annotated[kind, typer.Option(help=help_)]
    return inspect.Parameter(option.name, KIND, default=default, annotation=typed)


def _value(given: Any, option: str, kind: Any) -> Any:
    """An option as the study takes it; parts of a sequence stand in a text, with commas."""
    if get_origin(kind) is not Sequence:
        return given
    (part,) = get_args(kind)
    words = [word for word in map(str.strip, given.split(",")) if word]
    try:
        return tuple(dict.fromkeys(map(part, words)))
    except ValueError as error:
        remedy = "numbers with a decimal point, separated by commas"
        raise InputError([Fault(f"--{option}", str(error), remedy=remedy)]) from error


def _make(study: Study[Any], jobs: int) -> None:
    """Solve what is missing of a study, print it and say where it lies."""
    from meishan_model.report.studies import save_study_figure, study_report
    from meishan_model.studies.study import solve

    with shown(True) as told:
        rows = solve(study, told.variant, jobs)
    print_wide(study_report(study, rows))
    for part in study.parts:
        print_line(f"Result: {study.path(part)}")
    if study.figure is not None:
        save_study_figure(study, rows)
        print_line(f"Figure: {study.path(suffix='.png')}")
    if without := study.failed(rows):
        raise CheckError(without)


for _name, _help in studies().items():
    _announce(_name, _help)
