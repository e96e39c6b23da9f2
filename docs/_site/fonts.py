"""The typefaces of the site, cut down to what it uses, so that nothing is fetched."""

from __future__ import annotations

from pathlib import Path

MATH = (
    range(0x20, 0x7F),  # letters, digits, brackets
    range(0xA0, 0x100),
    range(0x2C6, 0x2DE),  # accents
    range(0x300, 0x332),
    range(0x391, 0x3F7),  # Greek
    range(0x2016, 0x2058),  # dots, primes
    range(0x2061, 0x2065),
    (0x210E, 0x2113, 0x211D, 0x2115),
    range(0x2190, 0x2200),  # arrows
    range(0x2200, 0x2300),  # operators
    range(0x2308, 0x230C),  # floor and ceiling
    range(0x239B, 0x23B4),  # pieces of tall brackets
    range(0x27E6, 0x27EC),
    range(0x1D400, 0x1D4D0),  # bold and italic letters
    range(0x1D6A4, 0x1D7CC),  # bold and italic Greek
)


def write_fonts(static: Path) -> None:
    """Write ``fonts.css`` with the typeface of the briefing, and one for formulas.

    Parameters
    ----------
    static : pathlib.Path
        Folder of the built site for files that pages share.
    """
    from forecasting.explorer.typeface import font_faces

    (static / "stix-two-math.woff").write_bytes(_cut_math())
    rule = (
        "@font-face { font-family: 'STIX Two Math'; font-display: swap; "
        "src: url(stix-two-math.woff) format('woff'); }\n"
    )
    (static / "fonts.css").write_text(font_faces() + rule, encoding="utf-8")


def _cut_math() -> bytes:
    import io
    from importlib.resources import files

    from fontTools import subset
    from fontTools.ttLib import TTFont

    source = files("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf"
    font = TTFont(io.BytesIO(source.read_bytes()))
    options = subset.Options()
    options.layout_features = ["ssty", "kern"]
    kept = subset.Subsetter(options)
    kept.populate(unicodes=[code for part in MATH for code in part])
    kept.subset(font)
    font.flavor = "woff"
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()
