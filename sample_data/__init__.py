"""Realistic events of one of the three businesses, with the truth about them written beside.

Here: who visits, when, from where, what they do, and how that reaches landing files. `generate.py` is the
way in.
Add here: another persona, channel, page or planted defect, and its line in the truth.
Keep out: anything that reads the warehouse, and real personal data. Addresses, e-mails and phones come
only from the ranges reserved for documentation.
"""
