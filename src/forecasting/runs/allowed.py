"""Which notebooks may run: those of the suite, and those in a folder that somebody has listed."""

from __future__ import annotations

import os
from pathlib import Path

from forecasting.errors import InputError
from forecasting.languages.messages import one_of, say
from forecasting.locations import notebooks_dir

NOTEBOOKS_VARIABLE = "FORECASTING_NOTEBOOKS"
"""Environment variable that lists further folders from which notebooks run."""


def allowed_notebook(path: Path) -> Path:
    """Return the real path of a notebook that may run: a notebook is a program.

    It lies in the folder of the suite's notebooks, or in one that the environment variable
    ``FORECASTING_NOTEBOOKS`` lists (several joined by ``os.pathsep``, absolute paths), or below
    one. Links are followed first, so that none leads out of a listed folder, or into it from
    elsewhere under another name.

    Raises
    ------
    InputError
        If it lies anywhere else, or a folder is listed by a path that is not absolute.
    """
    real = path.resolve()
    folders = [notebooks_dir().resolve(), *_listed_folders()]
    if any(real.is_relative_to(folder) for folder in folders):
        return real
    raise InputError(
        say("a notebook outside the listed folders, which may do anything as you"),
        where=str(path),
        expected=say("a notebook in {folders}", folders=one_of([str(each) for each in folders])),
        action=say(
            "read it, then list its folder: {variable}={folder}",
            variable=NOTEBOOKS_VARIABLE,
            folder=real.parent,
        ),
    )


def _listed_folders() -> list[Path]:
    """Return the real paths of the folders that the environment lists."""
    listed = filter(None, os.environ.get(NOTEBOOKS_VARIABLE, "").split(os.pathsep))
    folders = [Path(text) for text in listed]
    for folder in folders:
        if not folder.is_absolute():
            raise InputError(
                f"'{folder}'",
                where=say("environment variable {name}", name=NOTEBOOKS_VARIABLE),
                expected=say("absolute paths of folders, joined by '{sign}'", sign=os.pathsep),
            )
    return [folder.resolve() for folder in folders]
