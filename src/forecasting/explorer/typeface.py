"""The typeface of the briefing for the page, cut down to the letters of its languages."""

from __future__ import annotations

import base64
import io
from functools import cache

WEIGHTS = {"SourceSansPro": 400, "SourceSansProSemibold": 600, "SourceSansProBold": 700}
_LATIN = (range(0x20, 0x7F), range(0xA0, 0x180), range(0x2010, 0x2027))
_SIGNS = "€→−≤≥"


@cache
def font_faces() -> str:
    """Return rules that carry the fonts with them, so that nothing is fetched from anywhere."""
    return "".join(
        "@font-face { font-family: 'Source Sans Pro'; font-display: block; "
        f"font-weight: {weight}; src: url(data:font/woff;base64,{_cut(name)}) format('woff'); }}\n"
        for name, weight in WEIGHTS.items()
    )


def _cut(name: str) -> str:
    import font_source_sans_pro
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.layout_features = ["kern", "liga", "tnum", "mark"]
    options.flavor = "woff"
    font = TTFont(_file(font_source_sans_pro.font_files_ttf, name))
    kept = subset.Subsetter(options)
    kept.populate(unicodes=[*(code for part in _LATIN for code in part), *map(ord, _SIGNS)])
    kept.subset(font)
    font.flavor = "woff"
    written = io.BytesIO()
    font.save(written)
    return base64.b64encode(written.getvalue()).decode()


def _file(known: dict[str, str], name: str) -> str:
    return known.get(name) or known[f"{name}Regular"]
