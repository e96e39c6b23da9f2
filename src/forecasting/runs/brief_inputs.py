"""What briefings are planned from: each file is read once, however many briefings there are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from forecasting.archive.former import former_files
from forecasting.engines.versions import hash_file, hash_source, read_versions
from forecasting.locations import data_dir, notebooks_dir, suite_root
from forecasting.programmes.catalogue import Programme, find_programme, load_programme
from forecasting.runs.brief_scenarios import choose_scenarios, scenario_paths
from forecasting.runs.manifest import DataFile, run_key
from forecasting.runs.parameters import Parameter, read_parameters
from forecasting.savings.config import SavingsPlan, find_in_briefing
from forecasting.scenarios import scenario_names
from forecasting.series import RegularSeries, read_series
from forecasting.sources.reference import Dataset, load_manifest
from forecasting.sources.status import sources_status
from forecasting.sources.yaml_files import read_yaml

NOTEBOOK = "90_briefing.ipynb"

READ_SHAPES = frozenset(
    {
        "series",
        "spans",
        "points",
        "attainment",
        "ratios",
        "situations",
        "calibration",
        "revisions",
    }
)
"""Shapes of the reference files that a briefing reads."""

_PROGRAMME = "programme"
_Read = TypeVar("_Read")


class BriefInputs:
    """Programmes, series and files as they are now."""

    def __init__(self) -> None:
        self._read: dict[tuple[Hashable, ...], object] = {}

    def renewed(self) -> BriefInputs:
        """Return inputs that read everything anew but the programmes, for when figures changed."""
        fresh = BriefInputs()
        fresh._read = {key: found for key, found in self._read.items() if key[0] == _PROGRAMME}
        return fresh

    def _once(self, key: tuple[Hashable, ...], read: Callable[[], _Read]) -> _Read:
        if key not in self._read:
            self._read[key] = read()
        found: _Read = self._read[key]  # type: ignore[assignment]
        return found

    @property
    def notebook(self) -> Path:
        """The briefing notebook."""
        return notebooks_dir() / NOTEBOOK

    @cached_property
    def declared(self) -> Mapping[str, Parameter]:
        """Parameters of the notebook."""
        return read_parameters(self.notebook)

    @cached_property
    def datasets(self) -> Mapping[str, Dataset]:
        """The reference figures, by name."""
        return load_manifest()

    @cached_property
    def references(self) -> Mapping[str, str]:
        """Name of the shipped reference that runs on a flow, by the flow.

        Only the files are read, not the figures of the flows: those of one country must not stand
        in the way of another's briefing.
        """
        found: dict[str, str] = {}
        for name in scenario_names():
            content = read_yaml(data_dir() / "scenarios" / f"{name}.yaml")
            chain = content.get("chain") if isinstance(content, dict) else None
            if isinstance(chain, dict) and chain.get("flow"):
                found.setdefault(str(chain["flow"]), name)
        return found

    def programme(self, name: str) -> Programme:
        """Return a programme by its id or file."""
        return self._once((_PROGRAMME, name), lambda: load_programme(name))

    def savings(self, geo: str) -> SavingsPlan | None:
        """Return the savings that a briefing for a country shows."""
        return self._once(("savings", geo), lambda: find_in_briefing(geo))

    def series(self, name: str, as_of: str) -> RegularSeries:
        """Return a series as it was known at a month; empty: as it is known now."""
        return self._once(("series", name, as_of), lambda: read_series(name, as_of=as_of or None))

    def scenarios(self, asked: tuple[str, ...], flow: str) -> Mapping[str, object]:
        """Return the parameters ``reference`` and ``scenarios``; see `choose_scenarios`."""
        return self._once(
            ("scenarios", asked, flow),
            lambda: choose_scenarios(
                asked,
                flow,
                reference=self.references.get(flow, ""),
                shipped=str(self.declared["scenarios"].default),
            ),
        )

    def scenario_files(self, parameters: Mapping[str, object]) -> list[DataFile]:
        """Describe every file that the scenarios of a briefing rest on."""
        names = (parameters["reference"], parameters["scenarios"])
        paths = self._once(("scenario files", *names), lambda: scenario_paths(parameters))
        return list(map(self.file, paths))

    def file(self, path: Path, vintage: str = "", *, synthetic: bool = False) -> DataFile:
        """Describe a file that a briefing reads."""
        sha256 = self._once(("sha256", path), lambda: hash_file(path))
        return DataFile(_shown(path), sha256, vintage, synthetic)

    def programme_file(self, name: str) -> DataFile:
        """Describe the file of a programme, dated by its latest version."""
        latest = max(version.date for version in self.programme(name).versions)
        return self.file(find_programme(name), latest.isoformat())

    @cached_property
    def reference_files(self) -> tuple[DataFile, ...]:
        """The reference figures that a briefing reads, and their manifest."""
        held = [each for each in self.datasets.values() if each.shape in READ_SHAPES]
        return (
            *(
                self.file(each.path, each.as_of.isoformat(), synthetic=each.synthetic)
                for each in held
            ),
            self.file(data_dir() / "reference" / "manifest.yaml"),
        )

    def remembered(self, series: RegularSeries, programme: str, as_of: str) -> list[DataFile]:
        """Describe what a page says of the past: former forecasts, and how the sources do."""
        paths = self._once(
            ("former", series.series_id, programme, as_of),
            lambda: former_files(series, programme=programme, as_of=as_of),
        )
        return [*map(self.file, paths), *self.source_states]

    @cached_property
    def source_states(self) -> tuple[DataFile, ...]:
        """The sources that failed when they were last asked, in place of a file each."""
        states = {name: sources_status(name) for name in self.datasets}
        return tuple(
            DataFile(f"source of {name}: {state}", hashlib.sha256(state.encode()).hexdigest())
            for name, state in states.items()
            if state
        )

    def key(self, parameters: Mapping[str, object], files: Iterable[DataFile]) -> str:
        """Return the key of a run of the notebook; see `forecasting.runs.manifest.run_key`."""
        versions = self._once(("versions",), read_versions)
        source = self._once(("source",), hash_source)
        return run_key(parameters, files, self.notebook, versions=versions, source_hash=source)


def _shown(path: Path) -> str:
    root = suite_root()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
