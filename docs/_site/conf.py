"""How Sphinx builds the site. `build.py` stages the pages and calls it."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from docutils import nodes
from math_core import LatexToMathML
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from fonts import write_fonts  # noqa: E402

project = "Forecasting"
author = "Forecasting"
version = release = version_of("forecasting")
language = "en"
root_doc = "index"
templates_path = [str(HERE / "templates")]
exclude_patterns = ["files"]
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!forecasting\.\w+$).*")]  # held: the public names
default_role = "py:obj"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
myst_enable_extensions = ["attrs_inline", "colon_fence", "dollarmath", "html_image"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # `forecasting run all` has executed them
nb_ipywidgets_js: dict[str, Any] = {}
autosummary_generate = True
autosummary_ignore_module_all = False
# Two names that differ in a capital only are one file on some systems.
autosummary_filename_map = {"forecasting.Forecast": "forecasting.Forecast-class"}
autodoc_typehints = "none"  # the docstrings say it, with shapes and units
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_ivar = True
add_module_names = False

html_theme = "furo"
html_title = "Forecasting"
html_static_path = ["static"]
html_css_files = ["fonts.css", "site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_math_renderer = "mathml"
html_theme_options = {
    "light_css_variables": {
        "font-stack": '"Source Sans Pro", "Source Sans 3", "Segoe UI", system-ui, sans-serif',
        "font-stack--headings": "var(--font-stack)",
        "color-brand-primary": "#12304F",
        "color-brand-content": "#2F5F94",
        "color-brand-visited": "#2F5F94",
    },
    "dark_css_variables": {
        "color-brand-primary": "#B3CEE7",
        "color-brand-content": "#8FB8DF",
        "color-brand-visited": "#8FB8DF",
    },
}
pygments_style = "friendly"
pygments_dark_style = "github-dark"

LANGUAGES = {f"probability/{code}": code for code in ("sl", "sv", "fi")}
_mathml = LatexToMathML(fancy_error=False)


def _write_formula(translator: Any, node: nodes.Element) -> None:
    """Write a formula as MathML, which browsers show without a script."""
    display = isinstance(node, nodes.math_block)
    formula = _mathml.convert_with_local_state(node.astext().strip(), displaystyle=display)
    translator.body.append(f'<div class="formula">{formula}</div>' if display else formula)
    raise nodes.SkipNode


def _say_language(
    _app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: object
) -> None:
    """Tell a screen reader in which language a page is."""
    context["language"] = LANGUAGES.get(page, "en")


def _add_fonts(app: Sphinx, problem: Exception | None) -> None:
    if problem is None:
        write_fonts(Path(app.outdir) / "_static")


def setup(app: Sphinx) -> None:
    """Connect what is our own."""
    for name in ("cron", "csv"):  # nothing to colour
        app.add_lexer(name, TextLexer)
    app.add_html_math_renderer("mathml", (_write_formula, None), (_write_formula, None))
    app.connect("html-page-context", _say_language)
    app.connect("build-finished", _add_fonts)
