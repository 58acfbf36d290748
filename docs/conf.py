"""The site: `make docs` builds it from the pages of this folder, without a network."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

import foglight

project = "Foglight"
author = "Foglight contributors"
copyright = "Foglight contributors, MIT licence"
release = version = foglight.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.linkcode",
    "sphinx.ext.napoleon",
    "contents",
    "entries",
    "fragments",
    "head",
    "mathml",
    "sources",
    "titles",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "_extensions", "_static", "_templates"]
root_doc = "index"

# Pages are Markdown that a code host shows as well.
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
myst_url_schemes = {"http": None, "https": None, "mailto": None, "source": None}

# The reference, from docstrings: types stand in their sections, so signatures are names and defaults.
autosummary_generate = False
autodoc_typehints = "none"
autodoc_preserve_defaults = True
napoleon_use_ivar = True
napoleon_use_rtype = False
napoleon_google_docstring = False
python_display_short_literal_types = True
default_role = "code"
add_module_names = False
html_math_renderer = "mathml"
toc_object_entries = False

suppress_warnings = [
    "ref.python"
]  # words of a type, such as `mean` in {name: (mean, std)}, that several classes have

templates_path = ["_templates"]
html_theme = "furo"
html_title = f"Foglight {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/favicon.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_additional_pages = {"404": "404.html"}
html_baseurl = os.environ.get("FOGLIGHT_SITE", "")  # where the site will stand, if that is known
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5fa5", "color-brand-content": "#0b5fa5"},
    "dark_css_variables": {"color-brand-primary": "#7db8f0", "color-brand-content": "#7db8f0"},
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "github-dark-high-contrast"


def linkcode_resolve(domain, info):
    """Where the source of a name is: a page of this site, made by the extension `sources`."""
    from entries import source_of

    return source_of(f"{info['module']}.{info['fullname']}") if domain == "py" else None
