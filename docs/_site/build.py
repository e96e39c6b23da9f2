"""Build the site of the documentation, with warnings as errors and without a network.

    python docs/_site/build.py [--runs FOLDER] [--output FOLDER]

The notebooks are run first, those that have not been with the same figures, code and parameters.
With ``--runs`` none is: they are shown as ``forecasting run`` has left them in that folder, and one
that is not there is shown without its output.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from commands import write_commands
from formats import write_formats
from notebook_pages import run_notebooks, write_notebooks
from sphinx.cmd.build import build_main
from stage import ROOT, stage_pages


def main() -> int:
    """Stage the pages, write those that come from the code, and call Sphinx."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=Path)
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "_build")
    given = parser.parse_args()
    source, runs = given.output / "source", given.runs or given.output / "runs"
    if given.runs is None:
        run_notebooks(runs)
    for folder in (source, given.output / "html"):
        shutil.rmtree(folder, ignore_errors=True)
    stage_pages(source)
    write_commands(source / "reference" / "commands")
    write_formats(source / "reference" / "formats")
    write_notebooks(source / "notebooks", runs)
    return build_main(
        [
            "-W", "--keep-going", "--quiet", "--fresh-env", "--jobs", "auto",
            "--conf-dir", str(Path(__file__).parent),
            "--doctree-dir", str(given.output / "doctrees"),
            str(source), str(given.output / "html"),
        ]
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
