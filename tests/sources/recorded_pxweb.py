"""A PxWeb table in the recorded shape: variables for GET, json-stat2 for a query in JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from recorded import Answered, Asked, as_json

MOST_CELLS = 100_000


@dataclass
class PxTable:
    """A table whose variables and figures can be changed while it is served.

    Attributes
    ----------
    title : str
    variables : mapping of str to sequence of str
        Codes by variable, in the order of the table.
    figures : mapping of tuple of str to float or None
        By code of each variable.
    marks : mapping of tuple of str to str
    sparse : bool
        Whether values are written by their number instead of as a list.
    """

    title: str
    variables: Mapping[str, Sequence[str]]
    figures: Mapping[tuple[str, ...], float | None]
    marks: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    sparse: bool = False

    def answer(self, asked: Asked) -> Answered:
        """Answer a request as the office does."""
        if asked.body is None:
            return as_json({"title": self.title, "variables": self._described()})
        wanted = {each["code"]: each["selection"] for each in asked.body["query"]}
        for code, selection in wanted.items():
            known = set(self.variables.get(code, ()))
            if selection["filter"] != "item" or not set(selection["values"]) <= known:
                return 400, b""
        chosen = {
            code: [v for v in values if code not in wanted or v in wanted[code]["values"]]
            for code, values in self.variables.items()
        }
        if math.prod(map(len, chosen.values())) > MOST_CELLS:
            return 403, b""
        return as_json(self.dataset(chosen))

    def _described(self) -> list[dict[str, object]]:
        return [
            {"code": code, "text": code.lower(), "values": list(values), "valueTexts": list(values)}
            for code, values in self.variables.items()
        ]

    def dataset(self, chosen: Mapping[str, Sequence[str]]) -> dict[str, object]:
        """Write cells as json-stat2."""
        cells = list(product(*chosen.values()))
        values = [self.figures.get(cell) for cell in cells]
        marks = {str(i): self.marks[c] for i, c in enumerate(cells) if c in self.marks}
        return {
            "version": "2.0",
            "class": "dataset",
            "label": self.title,
            "source": "Statistics",
            "updated": "2026-09-18T05:00:00Z",
            "id": list(chosen),
            "size": [len(values) for values in chosen.values()],
            "dimension": {
                code: {
                    "label": code.lower(),
                    "category": {
                        "index": {value: at for at, value in enumerate(codes)},
                        "label": {value: value for value in codes},
                    },
                }
                for code, codes in chosen.items()
            },
            "value": {str(i): v for i, v in enumerate(values) if v is not None}
            if self.sparse
            else values,
            **({"status": marks} if marks else {}),
        }
