"""Transport: patience, conditions, what is cut off, TLS and where a request may lead."""

from __future__ import annotations

import hashlib
import logging
import time

import pytest
from server import DATA, PAGE, Fault, serve

from forecasting.errors import InputError
from forecasting.sources.addresses import check_address, place
from forecasting.sources.definitions import Limits
from forecasting.sources.http import Patience, Query, Transport


@pytest.fixture
def ask(eurostat, tmp_path, quick):
    """Return a function that asks the server for the whole table."""

    def asked(*, limits=None, patience=quick, newest=None, address=None):
        query = Query(address or f"{eurostat.address}/migr_asyappctzm", {"format": "SDMX-CSV"})
        return Transport(patience=patience).fetch(
            query, tmp_path / "answer", limits=limits or Limits(), newest=newest
        )

    return asked


def test_the_answer_is_whole_with_its_hash_and_what_the_publisher_says_of_it(ask, table):
    answer = ask()
    assert answer.path.read_bytes() == table.body()
    assert answer.sha256 == hashlib.sha256(table.body()).hexdigest()
    assert answer.last_modified.startswith("Thu, 17 Sep 2026")
    assert answer.etag.startswith('"')
    assert answer.retrieved.utcoffset().total_seconds() == 0


def test_the_request_says_who_asks_and_nothing_about_the_user(ask, eurostat):
    ask()
    (_, headers) = eurostat.requests[0]
    assert headers["User-Agent"].startswith("forecasting/")
    assert not {"Authorization", "Cookie", "Referer"} & set(headers)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_status_is_asked_again(ask, eurostat, status):
    eurostat.faults.extend([Fault(status=status), Fault(status=status)])
    assert ask() is not None
    assert len(eurostat.requests) == 3


def test_the_pause_that_the_publisher_asks_for_is_kept(ask, eurostat):
    patience = Patience(attempts=2, backoff=0.0, longest_pause=5.0, connect=2, read=2)
    eurostat.faults.append(Fault(status=429, headers={"Retry-After": "1"}))
    begin = time.monotonic()
    assert ask(patience=patience) is not None
    assert time.monotonic() - begin >= 1


def test_a_pause_of_hours_is_not_kept_but_cut_to_the_longest(ask, eurostat):
    eurostat.faults.append(Fault(status=503, headers={"Retry-After": "86400"}))
    begin = time.monotonic()
    assert ask() is not None
    assert time.monotonic() - begin < 5


def test_what_does_not_pass_is_refused_after_the_last_attempt(ask, eurostat, tmp_path):
    eurostat.always = Fault(status=503)
    with pytest.raises(InputError, match=r"answers with status 503 \(asked 3 times\)"):
        ask()
    assert not (tmp_path / "answer").exists()


def test_a_status_that_stays_is_not_asked_again_and_says_why(ask, eurostat):
    eurostat.always = Fault(status=413)
    with pytest.raises(InputError, match=r"413: EXTRACTION_TOO_BIG.*ask for less under 'select'"):
        ask()
    assert len(eurostat.requests) == 1


def test_a_page_of_the_publisher_is_not_copied_into_the_message(ask, eurostat):
    eurostat.always = Fault(status=403, body=b"<html><script>alert(1)</script></html>")
    with pytest.raises(InputError, match=r"answers with status 403; it asks for a permission"):
        ask()


@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_cut_off_is_asked_again(ask, eurostat, table, chunked):
    eurostat.faults.append(Fault(cut=1000, chunked=chunked))
    assert ask().path.read_bytes() == table.body()
    assert len(eurostat.requests) == 2


@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_cut_off_every_time_is_refused(ask, eurostat, tmp_path, chunked):
    eurostat.always = Fault(cut=1000, chunked=chunked)
    with pytest.raises(InputError, match=r"cut off after \d+ .*asked 3 times"):
        ask()
    assert not (tmp_path / "answer").exists()


def test_silence_is_not_waited_for_for_ever(ask, eurostat):
    eurostat.always = Fault(wait=3)
    with pytest.raises(InputError, match=r"no answer within 0.5 seconds \(asked 3 times\)"):
        ask()


def test_a_slow_answer_that_goes_on_is_taken(ask, eurostat, table):
    eurostat.always = Fault(drip=0.01)
    assert ask().path.read_bytes() == table.body()


def test_an_answer_that_drips_for_ever_ends_at_the_total_time(ask, eurostat, monkeypatch):
    eurostat.always = Fault(drip=0.4)
    clock = time.monotonic
    monkeypatch.setattr("forecasting.sources.http.time.monotonic", lambda: clock() * 100)
    with pytest.raises(InputError, match=r"not there after 1 minute;.*limits"):
        ask(limits=Limits(minutes=1))


def test_an_answer_that_is_too_large_is_refused_at_once(ask, eurostat, tmp_path):
    eurostat.always = Fault(body=b"x" * 1_000_001)
    with pytest.raises(InputError, match=r"more than 1 MB; expected: at most 1 MB"):
        ask(limits=Limits(megabytes=1))
    eurostat.always = Fault(body=b"x" * 1_000_001, chunked=True)
    with pytest.raises(InputError, match="more than 1 MB"):
        ask(limits=Limits(megabytes=1))
    assert len(eurostat.requests) == 2
    assert not (tmp_path / "answer").exists()


def test_nobody_there_is_said_in_words(ask):
    with pytest.raises(InputError, match=r"cannot be reached \(asked 3 times\); try again later"):
        ask(address="http://127.0.0.1:9/data")


def test_a_proxy_that_is_not_there_is_named_without_its_password(ask, monkeypatch, eurostat):
    monkeypatch.setenv("HTTP_PROXY", "http://user:secret@127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY")
    with pytest.raises(InputError, match="the proxy named in the environment") as caught:
        ask(address=eurostat.address.replace("127.0.0.1", "127.0.0.2"))
    assert "secret" not in str(caught.value)


def test_redirects_are_followed_and_end(ask, eurostat, table):
    eurostat.faults.append(Fault(location=f"{DATA}/migr_asyappctzm"))
    assert ask().path.read_bytes() == table.body()
    eurostat.always = Fault(location=f"{DATA}/migr_asyappctzm")
    with pytest.raises(InputError, match="led on and on"):
        ask()


def test_a_redirect_to_another_host_without_tls_is_refused(ask, eurostat):
    eurostat.always = Fault(location="http://example.org/figures?session=42")
    with pytest.raises(InputError, match=r"leads to http://example.org/figures, which is not"):
        ask()


def test_from_tls_nothing_leads_to_this_computer_without(tmp_path):
    with pytest.raises(InputError, match="not secured"):
        check_address("http://127.0.0.1/x", led_from="https://ec.europa.eu/x")
    check_address("http://127.0.0.1/x", led_from="http://127.0.0.1/y")


@pytest.mark.parametrize(
    "address",
    [
        "http://ec.europa.eu/data",
        "http://127.0.0.1.example.org/data",
        "http://localhost.example.org/",
        "ftp://ec.europa.eu/data",
        "file:///etc/passwd",
        "https://",
        "ec.europa.eu/data",
        "",
    ],
)
def test_only_tls_is_asked(address):
    with pytest.raises(InputError, match="expected: an address that begins with https://"):
        check_address(address)


@pytest.mark.parametrize(
    "address", ["https://ec.europa.eu/x", "http://localhost:8/x", "http://[::1]/"]
)
def test_tls_and_this_computer_are_asked(address):
    check_address(address)


def test_a_certificate_that_nobody_knows_is_refused_and_not_asked_again(tmp_path, table, quick):
    with serve([table], tls_folder=tmp_path) as server, pytest.raises(InputError) as caught:
        Transport(patience=quick).fetch(
            Query(f"{server.address}/migr_asyappctzm"), tmp_path / "answer", limits=Limits()
        )
    assert "the certificate cannot be verified" in str(caught.value)
    assert "REQUESTS_CA_BUNDLE" in str(caught.value)
    assert server.requests == []


def test_a_publisher_without_tls_is_not_asked_without(ask, eurostat):
    with pytest.raises(InputError, match=r"no secured connection comes about \(asked 3 times\)"):
        ask(address=f"{eurostat.address.replace('http:', 'https:')}/migr_asyappctzm")
    assert eurostat.requests == []


def test_a_certificate_named_in_the_environment_is_trusted(tmp_path, table, monkeypatch, quick):
    with serve([table], tls_folder=tmp_path) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", server.ca_file)
        answer = Transport(patience=quick).fetch(
            Query(f"{server.address}/migr_asyappctzm"), tmp_path / "answer", limits=Limits()
        )
    assert answer.path.read_bytes() == table.body()


def test_neither_log_nor_message_holds_parameters_names_or_passwords(caplog, tmp_path, quick):
    address = "http://user:secret@127.0.0.1:9/data"
    with caplog.at_level(logging.DEBUG), pytest.raises(InputError) as caught:
        Transport(patience=quick).fetch(
            Query(address, {"person": "Novak"}), tmp_path / "answer", limits=Limits()
        )
    own = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("forecasting"))
    assert "127.0.0.1:9/data" in own
    for text in (own, str(caught.value)):
        assert "secret" not in text
        assert "Novak" not in text
    assert place(address) == "http://127.0.0.1:9/data"


def test_progress_of_a_long_answer_is_told(eurostat, tmp_path, monkeypatch):
    monkeypatch.setattr("forecasting.sources.http._REPORT_SECONDS", 0.0)
    eurostat.always = Fault(body=b"x" * 3_000_000)
    told = []
    Transport(report=told.append).fetch(
        Query(f"{eurostat.address}/migr_asyappctzm"), tmp_path / "answer", limits=Limits()
    )
    assert told[-1] == "3 of 3 MB"


def test_a_full_disk_is_no_fault_of_the_publisher(eurostat, tmp_path, quick):
    from forecasting.errors import OutputError

    with pytest.raises(OutputError):
        Transport(patience=quick).fetch(
            Query(f"{eurostat.address}/migr_asyappctzm"), tmp_path / "no" / "x", limits=Limits()
        )


def test_a_page_for_a_browser_is_an_answer_that_the_client_refuses(ask, eurostat):
    eurostat.always = Fault(body=PAGE)
    assert ask().path.read_bytes() == PAGE
