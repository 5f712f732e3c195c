"""Parts that several pages share: filters, cards, charts, tables, freshness, text.

Add a part here when a second page needs it. Keep out: SQL that belongs to one page.
"""
