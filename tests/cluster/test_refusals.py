"""A cluster that cannot do the work is refused at once, with what to do about it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forecasting.engines import Engine, cluster
from forecasting.engines.versions import suite_versions
from forecasting.errors import ClusterError, InputError

OLD = """
import forecasting.engines.cluster as cluster
real = cluster.suite_versions()
cluster.suite_versions = lambda: real | {"forecasting": "0.0.9", "scipy": ""}
"""
WITHOUT = "import sys; sys.modules['forecasting'] = None"


# what is asked for


@pytest.mark.parametrize(
    ("name", "address", "message"),
    [
        ("spark", "", "engine 'spark'; expected: local or dask"),
        ("local", "tcp://h:1", "a scheduler with the engine local: tcp://h:1; expected: --engine"),
        ("dask", "", "--scheduler: address '' of the scheduler; expected: that of a Dask"),
        ("dask", "http://h:8787", "--scheduler: address 'http://h:8787' of the scheduler"),
        ("dask", "tcp://h", "address 'tcp://h' of the scheduler; expected: .* host and port"),
        ("dask", "h:8786", "address 'h:8786' of the scheduler; expected: .* tcp:// or tls://"),
    ],
)
def test_an_engine_and_its_address_go_together(name: str, address: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Engine(name, address)


@pytest.mark.parametrize("address", ["tcp://h:8786", "tls://10.0.0.1:8786", "tcp://[::1]:8786"])
def test_an_address_of_a_scheduler_is_taken(address: str) -> None:
    assert Engine("dask", address).scheduler == address


def test_the_command_says_what_is_wrong_before_it_reads_the_file(run: Callable[..., Any]) -> None:
    found = run("backtest", "none.csv", "--horizon", 3, "--origins", 2, "-o", "f.csv", "--scores",
                "s.csv", "--engine", "dask")  # fmt: skip
    assert found.exit_code == 2
    assert "--scheduler: address '' of the scheduler" in found.output


def test_the_missing_extra_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError) as found, cluster.connect(Engine("dask", "tcp://h:8786")):
        pass
    assert str(found.value) == (
        "--engine dask: the package distributed is missing; "
        'install it: pip install "forecasting[cluster]"'
    )


# who answers


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 0.5)
    message = r"tcp://127\.0\.0\.1:9: no scheduler answers: .*; start one with 'dask scheduler'"
    with (
        pytest.raises(InputError, match=message),
        cluster.connect(Engine("dask", "tcp://127.0.0.1:9")),
    ):
        pass


def test_a_scheduler_without_workers_is_refused(
    in_process: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 1.0)
    with in_process(n_workers=0) as own:
        message = f"the scheduler has no workers; start some: dask worker {own.scheduler_address}"
        with (
            pytest.raises(InputError, match=message),
            cluster.connect(Engine("dask", own.scheduler_address)),
        ):
            pass


def test_a_worker_of_several_threads_is_refused(in_process: Callable[..., Any]) -> None:
    with in_process(threads_per_worker=2) as own:
        message = "worker tcp://.*: 2 threads; expected: --nthreads 1; start one process"
        with (
            pytest.raises(InputError, match=message),
            cluster.connect(Engine("dask", own.scheduler_address)),
        ):
            pass


def test_work_ends_with_the_scheduler_and_does_not_hang(
    in_process: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    dask = pytest.importorskip("dask")
    monkeypatch.setattr(cluster, "_LOOK_SECONDS", 0.2)
    monkeypatch.setattr(cluster, "WORKERS_SECONDS", 3.0)
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1 s"}),
        in_process() as own,
        cluster.connect(Engine("dask", own.scheduler_address)) as found,
    ):
        future = found.submit(time.sleep, 1.5)
        own.sync(own.scheduler.close)
        with pytest.raises(ClusterError, match=r"the scheduler is gone|no worker left"):
            found.result(future)


def test_tls_takes_the_certificates_of_dasks_own_configuration(
    in_process: Callable[..., Any], tmp_path: Path
) -> None:
    dask, distributed = (pytest.importorskip(name) for name in ("dask", "distributed"))
    trustme = pytest.importorskip("trustme")

    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    own.private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    tls = {"distributed.comm.tls.ca-file": str(tmp_path / "ca.pem")}
    for role in ("client", "worker", "scheduler"):
        for what in ("cert", "key"):
            tls[f"distributed.comm.tls.{role}.{what}"] = str(tmp_path / "own.pem")
    with dask.config.set(tls):
        security = distributed.Security(require_encryption=True)
    with in_process(protocol="tls", security=security) as machines:
        engine = Engine("dask", machines.scheduler_address)
        assert engine.scheduler.startswith("tls://")
        with dask.config.set(tls), cluster.connect(engine) as found:
            assert found.result(found.submit(len, (1, 2, 3))) == 3
        with pytest.raises(InputError, match="no scheduler answers"), cluster.connect(engine):
            pass


# what a worker has


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (
            OLD,
            r"another version of the suite: forecasting 0\.0\.9, scipy –; expected: forecasting ",
        ),
        (WITHOUT, "the suite cannot be loaded: .*; install the same version of the suite"),
    ],
    ids=["old", "without"],
)
@pytest.mark.slow
def test_a_worker_with_another_suite_is_refused_by_name(
    machines: Any, before: str, message: str
) -> None:
    machines.start_workers("other", before=before)
    try:
        address = machines.names()["other"]
        with (
            pytest.raises(InputError, match=f"worker {address}: {message}"),
            cluster.connect(machines.engine),
        ):
            pass
    finally:
        machines.kill("other")


def test_a_worker_that_comes_later_is_looked_at_too(in_process: Callable[..., Any]) -> None:
    with in_process() as own, cluster.connect(Engine("dask", own.scheduler_address)) as found:
        other = suite_versions() | {"code": "0" * 12}
        future = found.client.submit(cluster._call, other, "en", len, (1, 2))
        with pytest.raises(InputError, match=r"worker tcp://.*: another version .* code 0000"):
            found.result(future)


def test_messages_of_workers_are_in_the_language_of_the_caller(
    in_process: Callable[..., Any],
) -> None:
    from forecasting.languages.messages import message_language, message_words

    with in_process() as own, message_language("fi"):
        with cluster.connect(Engine("dask", own.scheduler_address)) as found:
            assert found.result(found.submit(_code)) == "fi"
        assert message_words().code == "fi"


def _code() -> str:
    from forecasting.languages.messages import message_words

    return message_words().code
