"""The notebooks of the suite, one or all: checked parameters in, published directories out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from forecasting.engines.versions import hash_file
from forecasting.errors import InputError
from forecasting.languages import Language
from forecasting.locations import data_dir, notebooks_dir, store_dir, suite_root
from forecasting.runs.allowed import allowed_notebook
from forecasting.runs.execute import ExecutionOptions
from forecasting.runs.manifest import DataFile, run_key
from forecasting.runs.parameters import (
    Parameter,
    Value,
    check_parameters,
    parse_parameters,
    read_parameters,
    unknown_name,
)
from forecasting.runs.run import NotebookJob
from forecasting.sources.reference import Dataset, load_manifest
from forecasting.sources.yaml_files import read_yaml

_LONGEST_STEM = 60  # characters of a run id

ALL = "all"
ENDING = ".ipynb"
FILE_ENDINGS = (".yaml", ".yml", ".csv", ".xlsx", ".json")
"""A value that ends in one of these is a file of one's own."""

SET_BY_RUN = ("run_id", "results")
"""Parameters that a run sets itself: its name, and the folder for result tables."""


def find_notebooks(name: str) -> list[Path]:
    """Return the notebooks that a name stands for.

    Parameters
    ----------
    name : str
        ``all``; the stem of a notebook of the suite, ``20_detention_occupancy``; its number,
        ``20``; or the path of a file that ends in ``.ipynb`` in a folder from which notebooks run;
        see `forecasting.runs.allowed`.

    Raises
    ------
    InputError
        If there is no such notebook, or it may not run.
    """
    if name.endswith(ENDING):
        if not _exists(name):
            raise InputError("no such file", where=name, expected="a notebook")
        return [allowed_notebook(Path(name))]
    held = sorted(notebooks_dir().glob(f"*{ENDING}"))
    found = [path for path in held if name in (ALL, path.stem, path.stem.split("_")[0])]
    for path in found:
        allowed_notebook(path)
    if found:
        return found
    stems = [path.stem for path in held]
    nearest = get_close_matches(name, stems, n=1)
    raise InputError(
        f"notebook '{name}'",
        expected=f"{', '.join(stems)}, the number of one, all, or a file that ends in {ENDING}",
        action=f"did you mean {nearest[0]}?" if nearest else None,
    )


def plan_jobs(
    notebooks: Sequence[Path], given: Sequence[tuple[str, str]], output_dir: Path
) -> list[NotebookJob]:
    """Check what was given, and return one job a notebook; nothing has run yet.

    Parameters
    ----------
    notebooks : sequence of Path
    given : sequence of (str, str)
        Names and texts of parameters; each goes to the notebooks that declare it.
    output_dir : Path
        In which ``<stem>-<language>-<run_key>`` will appear.

    Raises
    ------
    InputError
        If a name is declared by no notebook, a text cannot be read as the type of the parameter, a
        value is not accepted, or a file is not there.
    """
    declared = {path: read_parameters(path) for path in notebooks}
    known = [name for own in declared.values() for name in own if name not in SET_BY_RUN]
    for name, _ in given:
        if name in SET_BY_RUN:
            raise InputError(f"parameter {name!r}", expected="no value: the run sets it itself")
        if name not in known:
            raise unknown_name(name, list(dict.fromkeys(known)))
    held = held_files()
    progress = len(notebooks) == 1
    return [_plan(path, given, held, output_dir, progress=progress) for path in notebooks]


def _plan(
    notebook: Path,
    given: Sequence[tuple[str, str]],
    held: Sequence[DataFile],
    output_dir: Path,
    *,
    progress: bool,
) -> NotebookJob:
    declared = read_parameters(notebook)
    read = parse_parameters(declared, [each for each in given if each[0] in declared])
    texts = {name: text for name, text in read.items() if isinstance(text, str)}
    files = [file for name, text in texts.items() for file in _own_files(name, text)]
    parameters = check_parameters(declared, read)
    language = str(parameters.get("language", ""))
    if language:
        Language(language)
    # a file of one's own counts by its name and content, wherever it lies
    named = {name: _with_files(text, lambda path: path.name) for name, text in texts.items()}
    found = {name: _with_files(text, lambda p: str(p.resolve())) for name, text in texts.items()}
    key = run_key(parameters | named, [*held, *files], notebook)
    run_id = "-".join(filter(None, [_plain(notebook.stem), language, key]))
    set_by_run = {"run_id": run_id, "results": "."}
    own = {name: value for name, value in set_by_run.items() if name in declared}
    return NotebookJob(
        notebook=notebook,
        parameters=parameters | found | own,
        run_id=run_id,
        output_dir=output_dir,
        verb="run",
        data_files=[*held, *files],
        finish=keep_results,
        options=ExecutionOptions(progress=progress),
    )


def _parts(text: str) -> list[str]:
    """Split a value that lists names and files, joined by commas."""
    return [text] if _exists(text) else [part.strip() for part in text.split(",")]


def _exists(path: str | Path) -> bool:
    """Whether there is such a file; a text that cannot be a name at all is none."""
    return os.path.isfile(path)  # noqa: PTH113 - pathlib raises for a name that is too long


def _is_file(part: str) -> bool:
    return part.lower().endswith(FILE_ENDINGS)


def _with_files(text: str, write: Callable[[Path], str]) -> str:
    """Return a value with the files in it written in another way."""
    parts = _parts(text)
    if not any(map(_is_file, parts)):
        return text
    return ",".join(write(Path(part)) if _is_file(part) else part for part in parts)


def _plain(stem: str) -> str:
    """Make a plain name of a file's stem."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", stem)[:_LONGEST_STEM].strip("_-") or "notebook"


def held_files() -> list[DataFile]:
    """Return every file under ``data/``, and the vintages of the store that continue one.

    That is what a notebook may read.
    """
    shipped = load_manifest(data_dir() / "reference").values()
    datasets = {dataset.path.resolve(): dataset for dataset in shipped}
    paths = [path for path in sorted(data_dir().rglob("*")) if path.is_file()]
    files = []
    for path in paths:
        dataset = datasets.get(path.resolve())
        vintage = dataset.as_of.isoformat() if dataset else ""
        shown = path.relative_to(suite_root()).as_posix()
        files.append(DataFile(shown, hash_file(path), vintage, bool(dataset and dataset.synthetic)))
    return files + [_vintage_file(each) for each in load_manifest().values() if each.held]


def _vintage_file(dataset: Dataset) -> DataFile:
    """Describe the newest vintage of a data set; the hash of its file stands for all before it."""
    shown = Path("store", dataset.path.relative_to(store_dir())).as_posix()
    return DataFile(shown, dataset.sha256, dataset.as_of.isoformat(), dataset.synthetic)


def _own_files(name: str, text: str) -> list[DataFile]:
    """Return the files that a value names, those that they name, and so on."""
    found: dict[Path, None] = {}
    for path in [Path(part) for part in _parts(text) if _is_file(part)]:
        if not path.is_file():
            raise InputError(f"no such file: {path}", where=f"parameter {name}", expected="a file")
        _follow(path.resolve(), found)
    return [DataFile(each.name, hash_file(each)) for each in found]


def _follow(path: Path, found: dict[Path, None]) -> None:
    if path in found:
        return
    found[path] = None
    if path.suffix not in (".yaml", ".yml"):
        return
    for text in _texts(read_yaml(path)):
        for name in (text, f"{text}.yaml"):
            beside = (path.parent / name).resolve()
            if _exists(beside) and not beside.is_relative_to(data_dir().resolve()):
                _follow(beside, found)


def _texts(content: Any) -> Iterator[str]:
    """Every text of a YAML file that may be the name of a file."""
    if isinstance(content, Mapping):
        content = list(content.values())
    if isinstance(content, list):
        for entry in content:
            yield from _texts(entry)
    elif isinstance(content, str) and content and "\0" not in content:
        yield content


def keep_results(executed: Path, workdir: Path) -> list[Path]:
    """Write the PDF of a notebook that displays a document's head; return it and every table.

    Parameters
    ----------
    executed : Path
        The executed notebook.
    workdir : Path
        Directory of the run.
    """
    tables = [*sorted(workdir.glob("*.csv")), *workdir.glob("content.json")]
    if not _has_head(executed):
        return tables
    from forecasting.briefing.exporter import BriefingExporter

    pdf, _ = BriefingExporter().from_filename(str(executed))  # type: ignore[no-untyped-call]
    target = executed.with_suffix(".pdf")
    target.write_bytes(pdf)
    return [target, *tables]


def _has_head(executed: Path) -> bool:
    import nbformat

    from forecasting.briefing.blocks import MIME_TYPE

    notebook = nbformat.read(executed, as_version=4)  # type: ignore[no-untyped-call]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    blocks = [output.get("data", {}).get(MIME_TYPE, {}) for output in outputs]
    return any(block.get("block") == "document" for block in blocks)


def result_of(published: Path, notebook: Path) -> Path:
    """Return what a reader opens: the PDF of a run, or its directory where it has none."""
    pdf = published / f"{notebook.stem}.pdf"
    return pdf if pdf.is_file() else published


def parameter_lines(notebook: Path) -> Iterator[str]:
    """Write the parameters of a notebook: name, default, what is accepted, and meaning."""
    declared = read_parameters(notebook).values()
    rows = [
        (each.name, _shown(each.default), _accepted(each), each.help)
        for each in declared
        if each.name not in SET_BY_RUN
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    yield notebook.stem
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)]
        yield f"  {'  '.join(cells)}".rstrip()


def _shown(default: Value) -> str:
    if default == "":
        return '""'
    return str(default).lower() if isinstance(default, bool) else str(default)


def _accepted(parameter: Parameter) -> str:
    if parameter.choices:
        return ", ".join(map(str, parameter.choices))
    if parameter.minimum is not None:
        return f"{parameter.minimum} to {parameter.maximum}"
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    return words[parameter.kind]
