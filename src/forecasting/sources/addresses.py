"""Addresses that may be asked: over TLS only, and plain HTTP only on this computer itself."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from forecasting.errors import InputError
from forecasting.languages.messages import say


def place(address: str) -> str:
    """Write an address for a message or a log: without parameters, name and password."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def check_address(address: str, *, led_from: str | None = None, where: str | None = None) -> None:
    """Refuse an address that is not secured by TLS.

    Parameters
    ----------
    address : str
        ``https://...``; ``http://`` only for this computer itself.
    led_from : str, optional
        The address that led here; from a secured one to none that is not.
    where : str, optional
        File and key in which it stands, for the message.

    Raises
    ------
    InputError
        For any other address.
    """
    parts = urlsplit(address)
    secured = parts.scheme == "https" and bool(parts.hostname)
    local = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    if secured or (local and (led_from is None or not led_from.startswith("https:"))):
        return
    if led_from is not None:
        raise InputError(
            say("leads to {address}, which is not secured", address=place(address)),
            where=place(led_from),
            expected="https://",
            action=say(
                "somebody between may change the figures; ask the publisher or your network"
            ),
        )
    raise InputError(
        say("address {address}", address=place(address)),
        where=where,
        expected=say("an address that begins with https://"),
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
