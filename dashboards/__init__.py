"""The dashboard: Streamlit pages over the published file.

Here: the router (app.py), the only reader of data (data.py), what the figures mean (metrics.py), shared parts
(components/) and one file a page (views/). Add a page as a file in views/ and a line in app.py.
Keep out: anything that writes, and any table that is not in the published or the status file.
"""
