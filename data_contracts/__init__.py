"""Data contracts: what each data set looks like when it arrives, in the Open Data Contract Standard.

Add here: one `<dataset>.odcs.yaml` per data set. Keep out: code that loads or checks data.
"""
