"""What a run writes down about itself says nothing about the person who started it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path


def without_home(text: str) -> str:
    """Return a text with ``~`` in place of the user's home folder, which holds the user's name.

    For manifests, status files and executed notebooks, which are handed on. A path outside the
    home folder stays what it is; so does all where the home folder is the root of the file system.

    Parameters
    ----------
    text : str
        Plain text, or JSON.
    """
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - pathlib raises where there is none
    homes = {home, home.resolve()} if home.is_absolute() else set()
    written = {str(each) for each in homes if each != Path(each.anchor)}
    written |= {json.dumps(each)[1:-1] for each in written}  # Windows doubles its signs in JSON
    for each in sorted(written, key=len, reverse=True):
        text = re.sub(rf"{re.escape(each)}(?![\w.-])", "~", text)
    return text
