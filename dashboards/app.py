"""The router: which pages there are, in which order, and the frame around each.

Add a page as a file in views/ and a line here. Keep out: figures.
"""

import sys
from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent
# `streamlit run dashboards/app.py` puts this folder on the path, not the one that holds the package.
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

from dashboards.components.page import frame  # noqa: E402

# A Material or emoji icon of the page itself would be fetched from a host on the internet.
st.set_page_config(page_title="Trackway", page_icon=str(HERE / "icon.svg"), layout="wide")
st.logo(HERE / "icon.svg", size="medium")
st.html(HERE / "layout.css")
FUNNELS = st.Page("views/funnel.py", title="Funnels", icon=":material/filter_alt:")
FILTERED = [
    st.Page("views/overview.py", title="Overview", icon=":material/monitoring:", default=True),
    st.Page("views/sessions.py", title="Sessions", icon=":material/devices:"),
    FUNNELS,
]
page = st.navigation(
    {
        "Behaviour": FILTERED,
        "Data": [st.Page("views/loads.py", title="Loads and rejects", icon=":material/fact_check:")],
    }
)
frame(page.title, filtered=page in FILTERED, bots_count=page is not FUNNELS)
page.run()
