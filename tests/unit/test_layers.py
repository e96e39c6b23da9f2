"""The layers of the package, as the contract in pyproject.toml states them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "forecasting"


def lint_imports(config: Path) -> subprocess.CompletedProcess[str]:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command, "lint-imports belongs to the extra 'test'"
    return subprocess.run(
        [command, "--config", str(config), "--no-cache", "--no-logo"],
        cwd=config.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def layers() -> list[str]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = config["tool"]["importlinter"]["contracts"]
    assert contract["exhaustive"] is True
    return list(contract["layers"])


def test_later_packages_import_earlier_ones_only():
    result = lint_imports(ROOT / "pyproject.toml")

    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 kept, 0 broken" in result.stdout


def test_the_contract_finds_an_import_the_other_way_round(tmp_path):
    upside_down = ",\n".join(f'"{layer}"' for layer in reversed(layers()))
    config = tmp_path / "pyproject.toml"
    config.write_text(
        "[tool.importlinter]\nroot_package = 'forecasting'\n"
        "[[tool.importlinter.contracts]]\nname = 'upside down'\ntype = 'layers'\n"
        f"containers = ['forecasting']\nexhaustive = true\nlayers = [{upside_down}]\n"
    )

    result = lint_imports(config)

    assert result.returncode == 1
    assert "upside down BROKEN" in result.stdout


def test_every_module_has_its_place():
    placed = {name.strip() for layer in layers() for name in layer.split("|")}
    found = {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
    }

    assert placed == found
