"""The kernel of a run: the running interpreter, apart from the user's settings and history.

A fresh machine may have no kernel named ``python3``, or one of another environment. So no kernel
specification is looked up: the kernel is started with ``sys.executable``, and what it needs on disk
lives in a directory of its own that ends with the run.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from forecasting.errors import OutputError
from forecasting.languages.messages import ENVIRONMENT, message_words

_KERNEL_OPTIONS = (
    "--HistoryManager.enabled=False",
    "--IPKernelApp.capture_fd_output=False",  # what libraries print goes to the log
)
_LOG_NAME = "kernel.log"
_SHUTDOWN_SECONDS = 2.0
_LONGEST_SOCKET_PATH = 100  # the operating systems allow 104 to 108 bytes


@contextmanager
def kernel_directory() -> Iterator[Path]:
    """Make the private directory of a kernel, and remove it at the end.

    It lies among the temporary files, not in the output directory: that may be on a file system
    without sockets, and the paths of sockets must be short.

    Raises
    ------
    OutputError
        If no temporary directory can be made.
    """
    try:
        directory = tempfile.TemporaryDirectory(
            prefix="forecasting-kernel-", ignore_cleanup_errors=True
        )
    except OSError as error:
        raise OutputError(
            f"no temporary directory can be made: {error}; "
            "free some space, or set TMPDIR to a directory that can be written"
        ) from error
    with directory as path:
        yield Path(path)


def kernel_manager_class(directory: Path, workdir: Path) -> type[Any]:
    """Return a kernel manager class that starts ``sys.executable`` as the kernel.

    Parameters
    ----------
    directory : Path
        Private directory of the kernel, see `kernel_directory`.
    workdir : Path
        Working directory of the kernel.

    Returns
    -------
    type
        A class for nbclient's option of the same name. Its kernel listens on sockets in
        `directory` where the system has them, otherwise on the local address of the machine.
    """
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class OwnKernelManager(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            connection = {
                "connection_file": str(directory / "k.json"),
                "transport": "ipc" if _has_sockets(directory) else "tcp",
            }
            super().__init__(**{**options, **connection, "shutdown_wait_time": _SHUTDOWN_SECONDS})

        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(**get_kernel_dict(list(_KERNEL_OPTIONS)))

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            with _open_log(directory) as log:
                place = {"cwd": str(workdir), "env": _environment(directory)}
                await super().start_kernel(**{**options, **place, "stdout": log, "stderr": log})

    return OwnKernelManager


def read_log(directory: Path) -> list[str]:
    """Return the lines the kernel wrote to its own standard error, such as why it died."""
    try:
        text = (directory / _LOG_NAME).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()]


def _open_log(directory: Path) -> IO[bytes]:
    return (directory / _LOG_NAME).open("wb")


def _has_sockets(directory: Path) -> bool:
    return os.name == "posix" and len(os.fsencode(directory / "k-ipc-5")) < _LONGEST_SOCKET_PATH


def _environment(directory: Path) -> dict[str, str]:
    """Environment of the kernel: this one's, without what a user's shell may add to Python."""
    environment = dict(os.environ)
    environment.pop("PYTHONSTARTUP", None)
    environment["IPYTHONDIR"] = str(directory / "ipython")
    environment["PYTHONFAULTHANDLER"] = "1"  # a crash writes its reason to the log
    environment.setdefault("PYTHONHASHSEED", "0")  # the order of sets must not change a page
    environment[ENVIRONMENT] = message_words().code
    if search := environment.get("PYTHONPATH"):
        # The kernel works in another directory, where relative entries would mean nothing.
        entries = [os.path.abspath(entry) for entry in search.split(os.pathsep) if entry]  # noqa: PTH100
        environment["PYTHONPATH"] = os.pathsep.join(entries)
    return environment
