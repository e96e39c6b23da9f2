"""The explorer in a browser: Voilà on this machine alone, one kernel for each page that is open."""

from __future__ import annotations

import ast
import contextlib
import errno
import logging
import os
import socket
import tempfile
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.locations import notebooks_dir

HOST = "127.0.0.1"
FIRST_PORT = 8866
_PORTS = 50
_LONGEST_FOLDER = 30  # characters, so that the path of a socket stays below 100
NOTEBOOK = "41_explorer.ipynb"
TEMPLATE = "forecasting"

_IDLE_SECONDS = 900
"""After which the kernel of a page that was closed is ended, if the browser could not say so."""


@dataclass(frozen=True)
class Served:
    """What is shown, and where.

    Attributes
    ----------
    parameters : mapping of str to object
        Of the notebook.
    waiting : str
        Words of the page until the figures are there.
    title : str
        Of the page.
    port : int or None
        None: the first one that is free.
    """

    parameters: Mapping[str, object]
    waiting: str
    title: str
    port: int | None = None


def serve(served: Served, *, on_ready: Callable[[str], None], browser: bool = True) -> None:
    """Serve the explorer until it is interrupted.

    Parameters
    ----------
    served : Served
    on_ready : callable
        Called with the address once it can be opened.
    browser : bool
        Whether to open it.

    Raises
    ------
    InputError
        If the extra ``lab`` is not installed, or the port is taken.
    """
    voila_class = _voila_class()
    port = _free_port(served.port)
    with tempfile.TemporaryDirectory(prefix="forecasting-explorer-") as folder:
        app = voila_class(config=_config(served, _with_parameters(Path(folder), served), port))
        with _jupyter_path():
            app.initialize([])
            _when_running(lambda: _announce(f"http://{HOST}:{app.port}/", on_ready, browser))
            app.start()  # until SIGINT or SIGTERM; then the kernels are ended


def _announce(address: str, on_ready: Callable[[str], None], browser: bool) -> None:
    on_ready(address)
    if browser:
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(address)


def _voila_class() -> Any:
    try:
        import anywidget  # noqa: F401 - the notebook needs it
        from voila.app import Voila
    except ImportError as problem:
        raise InputError(
            say("{name} is not installed", name=problem.name),
            expected=say("the extra 'lab'"),
            action="pip install 'forecasting[lab]'",
        ) from None
    return Voila


def _when_running(call: Callable[[], None]) -> None:
    from tornado.ioloop import IOLoop

    IOLoop.current().add_callback(call)


def _config(served: Served, notebook: Path, port: int) -> Any:
    from traitlets.config import Config

    return Config(
        {
            "Voila": {
                "ip": HOST,
                "port": port,
                "port_retries": _PORTS if served.port is None else 0,  # taken meanwhile
                "open_browser": False,
                "notebook_path": str(notebook),
                "log_level": logging.ERROR,
                # answers to another name than this machine's are refused: a foreign page whose
                # name is turned to 127.0.0.1 gets nothing
                "tornado_settings": {
                    "allow_remote_access": False,
                    "local_hostnames": ["localhost", HOST],
                    "ws_ping_timeout": 30_000,  # milliseconds, not above the interval of pings
                },
            },
            "VoilaConfiguration": {
                "template": TEMPLATE,
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "file_allowlist": [],
                "kernel_spec_manager_class": _own_kernels(),
                "show_tracebacks": True,
                "resources": {"waiting": served.waiting, "language_code": ""},
            },
            "MappingKernelManager": {
                "cull_idle_timeout": _IDLE_SECONDS,
                "cull_interval": 60,
                "cull_connected": False,
            },
            "KernelManager": {"transport": _transport()},
        }
    )


def _own_kernels() -> Any:
    """Return a class that knows one kernel: the running interpreter, whatever the user has."""
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    class OwnKernels(KernelSpecManager):
        def find_kernel_specs(self) -> dict[str, str]:
            return {"python3": RESOURCES}

        def get_kernel_spec(self, kernel_name: str) -> Any:
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())

    return OwnKernels


def _transport() -> str:
    """Sockets of the file system, which nobody else on the machine can reach, where they fit."""
    fits = len(tempfile.gettempdir()) < _LONGEST_FOLDER
    return "ipc" if hasattr(socket, "AF_UNIX") and os.name == "posix" and fits else "tcp"


def _free_port(wanted: int | None) -> int:
    """Return a port on which nobody listens.

    Raises
    ------
    InputError
        If the one that is wanted is taken or not allowed.
    """
    for port in range(FIRST_PORT, FIRST_PORT + _PORTS) if wanted is None else [wanted]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as problem:
                if problem.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
                continue
        return port
    first = FIRST_PORT if wanted is None else wanted
    raise InputError(
        say("port {port} is taken or not allowed", port=first),
        where="--port",
        expected=say("another port, such as {port}", port=first + 100),
    )


@contextlib.contextmanager
def _jupyter_path() -> Iterator[None]:
    """Have Voilà find the page template that ships with the package."""
    before = os.environ.get("JUPYTER_PATH")
    own = str(Path(__file__).parent / "jupyter")
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [own, before]))
    try:
        yield
    finally:
        if before is None:
            del os.environ["JUPYTER_PATH"]
        else:
            os.environ["JUPYTER_PATH"] = before


def _with_parameters(folder: Path, served: Served) -> Path:
    """Write the notebook with its parameters set."""
    import nbformat

    source = notebooks_dir() / NOTEBOOK
    notebook = nbformat.read(source, as_version=4)  # type: ignore[no-untyped-call]
    notebook.metadata["title"] = served.title
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", ()))
    known = [
        node.targets[0] for node in ast.parse(cell.source).body if isinstance(node, ast.Assign)
    ]
    names = {target.id for target in known if isinstance(target, ast.Name)}
    unknown = served.parameters.keys() - names
    if unknown:
        raise InputError(
            say("parameters {names}", names=", ".join(sorted(unknown))), expected=", ".join(names)
        )
    lines = [f"{name} = {value!r}" for name, value in served.parameters.items()]
    cell.source = "\n".join([cell.source, *lines])
    path = folder / NOTEBOOK
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    return path
