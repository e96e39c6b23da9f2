"""What a publisher says when it does not answer, in plain words and with what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from forecasting.errors import InputError
from forecasting.languages.messages import say
from forecasting.sources.addresses import place

if TYPE_CHECKING:
    from requests import Response

EXCERPT_BYTES = 4096
"""Of a fault that are read for the publisher's words."""


def status_words(response: Response) -> str:
    """Say which status came."""
    return say("answers with status {status}", status=response.status_code)


def certificate_refused(address: str) -> InputError:
    """Make the error of a certificate that cannot be verified."""
    return InputError(
        say("the certificate cannot be verified"),
        where=place(address),
        expected=say("one signed by an authority that this computer knows"),
        action=say(
            "behind a proxy that opens connections, name its certificate in {variable}",
            variable="REQUESTS_CA_BUNDLE",
        ),
    )


def refusal(response: Response, where: str) -> InputError:
    """Say what a status means that will not pass, with the publisher's own words."""
    found = status_words(response)
    if said := _said(response):
        found = say("{found}: {words}", found=found, words=said)
    code = response.status_code
    if code == 413:
        action = say("ask for less under 'select' in the definition")
    elif code in {400, 404, 406, 410}:
        action = say(
            "compare 'dataset' and 'select' in the definition with what the publisher has now"
        )
    elif code in {401, 403, 407}:
        action = say("it asks for a permission; ask the publisher or your network")
    else:
        action = say("try again later; until then the newest vintage held is used")
    return InputError(found, where=where, action=action)


def _said(response: Response) -> str:
    """Words of a publisher's fault, in XML or JSON; nothing of a page for a browser."""
    import urllib3

    try:
        raw: Any = response.raw.read(EXCERPT_BYTES, decode_content=True)
    except (urllib3.exceptions.HTTPError, OSError):
        return ""
    text = raw.decode("utf-8", errors="replace")
    found = re.search(r"<(?:\w+:)?faultstring[^>]*>([^<]+)<|\"label\"\s*:\s*\"([^\"]+)\"", text)
    words = (found[1] or found[2]) if found else ""
    return "".join(letter for letter in words.strip() if letter.isprintable())[:300]
