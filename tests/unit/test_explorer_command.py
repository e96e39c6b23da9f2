"""``forecasting explore``: what is refused before anything is served."""

from __future__ import annotations

import ast
import socket
import sys

import nbformat
import pytest

from forecasting.errors import InputError
from forecasting.explorer import server, widget
from forecasting.explorer.server import HOST, Served


def served(**parameters):
    return Served(parameters=parameters, waiting="", title="Explorer")


@pytest.mark.parametrize("missing", ["voila", "voila.app", "anywidget"])
def test_without_the_extra_it_says_what_to_install(run, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)

    result = run("explore", "--no-browser")

    assert result.exit_code == 2
    assert "is not installed" in result.output
    assert "pip install 'forecasting[lab]'" in result.output


def test_without_anywidget_the_class_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    widget._widget_class.cache_clear()

    with pytest.raises(InputError, match=r"forecasting\[lab\]"):
        widget.Explorer()
    widget._widget_class.cache_clear()


def test_a_port_that_is_taken_is_refused_and_another_one_is_found(run):
    pytest.importorskip("voila")
    with socket.socket() as held:
        held.bind((HOST, 0))
        held.listen()
        port = held.getsockname()[1]

        result = run("explore", "--no-browser", "--port", port)

    assert result.exit_code == 2
    assert f"port {port} is taken" in result.output
    assert server._free_port(None) >= server.FIRST_PORT


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scenario", "stay-double"], "stay-doubles"),
        (["--scenario", "none.yaml"], "none.yaml"),
        (["--reference", "nobody"], "nobody"),
        (["--language", "de"], "'de' is not one of"),
        (["--paths", "5"], "5"),
        (["--port", "70000"], "70000"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_served(run, options, message):
    result = run("explore", "--no-browser", *options)

    assert result.exit_code == 2
    assert message in result.output


def test_the_notebook_gets_the_parameters_it_declares(tmp_path):
    path = server._with_parameters(tmp_path, served(language="sl", paths=200, scenario="it's"))

    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [each for each in cells if "parameters" in each.metadata.get("tags", ())]
    values = {
        node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(cell.source).body
    }
    assert (values["language"], values["paths"], values["scenario"]) == ("sl", 200, "it's")
    assert values["reference"] == "reference"
    with pytest.raises(InputError, match="colour"):
        server._with_parameters(tmp_path, served(colour="red"))


def test_it_listens_on_this_machine_alone_and_only_to_its_names(tmp_path):
    pytest.importorskip("voila")
    config = server._config(served(), tmp_path / "n.ipynb", 8866)

    assert config.Voila.ip == "127.0.0.1"
    assert config.Voila.tornado_settings["allow_remote_access"] is False
