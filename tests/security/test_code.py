"""What the code may not do: build objects from files, run text, start a shell."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from forecasting.errors import InputError
from forecasting.locations import notebooks_dir
from forecasting.sources.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]
MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
CALLS = {
    "eval", "exec", "os.system", "os.popen", "commands.getoutput", "subprocess.getoutput",
    "subprocess.getstatusoutput", "pd.read_pickle", "pandas.read_pickle", "yaml.unsafe_load",
    "yaml.full_load", "yaml.load_all", "yaml.unsafe_load_all", "yaml.full_load_all",
    "tempfile.mktemp", "__import__",
}  # fmt: skip
METHODS = {"read_pickle", "to_pickle"}
LOADERS = {"_QuickLoader", "_StrictLoader", "yaml.CSafeLoader", "yaml.SafeLoader"}
"""The two of our own derive from the safe one; see the test on tags below."""

KNOWN = {
    # the peer that the formula language is measured against, on a constant text
    ("benchmarks/speed/programmes.py", "eval"),
    # a worker of a cluster hands its job to the process it starts, through that process's own pipe
    ("src/forecasting/runs/cluster.py", "pickle"),
    ("src/forecasting/runs/cluster_job.py", "pickle"),
}
"""Where it is done all the same: never with what comes from a file or another user."""


def sources() -> dict[str, str]:
    """Text of every module and notebook, by its path."""
    found = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for folder in ("src", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }
    for path in sorted(notebooks_dir().glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        found[f"notebooks/{path.name}"] = "\n".join(code)
    return found


def name_of(node: ast.expr) -> str:
    """Dotted name of what is called."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id if isinstance(node, ast.Name) else ""]))


def unsafe(text: str) -> list[str]:
    """Name what a module does that it may not."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
            found += [name for name in names if name.split(".")[0] in MODULES]
        elif isinstance(node, ast.Call):
            found += _unsafe_call(node)
    return found


def _unsafe_call(node: ast.Call) -> list[str]:
    name, given = name_of(node.func), {each.arg: each.value for each in node.keywords}
    found = [name] if name in CALLS or name.rpartition(".")[2] in METHODS else []
    if name == "yaml.load" and name_of(given.get("Loader", ast.Constant(0))) not in LOADERS:
        found.append(name)
    for option in ("shell", "allow_pickle"):
        value = given.get(option)
        if value is not None and not (isinstance(value, ast.Constant) and value.value is False):
            found.append(f"{name}({option}=)")
    return found


def test_nothing_is_unpickled_evaluated_or_handed_to_a_shell():
    found = {(path, name) for path, text in sources().items() for name in unsafe(text)}
    assert found == KNOWN


@pytest.mark.parametrize(
    "code",
    [
        "import pickle", "from joblib import load", "import os; os.system('x')", "eval('1')",
        "exec('1')", "import yaml; yaml.load(text)", "yaml.load(text, Loader=yaml.Loader)",
        "yaml.unsafe_load(text)", "np.load(path, allow_pickle=True)", "pd.read_pickle(path)",
        "frame.to_pickle(path)", "subprocess.run('x', shell=True)", "subprocess.run('x', shell=s)",
        "import marshal", "import shelve",
    ],
)  # fmt: skip
def test_the_check_knows_what_it_looks_for(code):
    assert unsafe(code)


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['echo']",
        "a: !!python/name:os.system",
        "!!python/object/new:type {}",
        "a: !own {}",
    ],
)
def test_a_tag_in_a_yaml_file_builds_nothing(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=r"a\.yaml.*expected: plain YAML without tags"):
        read_yaml(path)
