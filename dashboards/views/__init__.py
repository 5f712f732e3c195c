"""One file a page, run by the router from top to bottom. Add the page's line in app.py as well.

The folder is not called `pages`: Streamlit would run such a file by itself, without the router, when a
link to it is the
first request that a server gets.
"""
