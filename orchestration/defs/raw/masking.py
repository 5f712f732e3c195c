"""Masks what looks like an e-mail address or a telephone number, and query parameters that are not allowed.

Add here: another shape to mask. Keep out: which columns are masked; the contracts say that.
"""

import re
from collections.abc import Sequence
from typing import Final

import duckdb

from orchestration.warehouse import quote_literal

# A JSON escape before the local part goes along, so that no lone backslash stays behind.
_EMAIL: Final = r"(\\[bfnrt])?[A-Za-z0-9._%+''-]+(@|%40)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
_PHONE: Final = r"(\+|%2[Bb])[0-9]([ ().-]|%20)*([0-9]([ ().-]|%20)*){6,13}[0-9]"
_NATIONAL: Final = r"\b(\(?[0-9]{3}\)?[-. ][0-9]{3}[-. ][0-9]{4}|0[0-9]{2,4}[ /-][0-9]{5,8})\b"


def create_masks(connection: duckdb.DuckDBPyConnection, query_parameters: Sequence[str]) -> None:
    """Temporary SQL macros: mask_shapes(text), mask_text(text), strip_url(url), mask_url(url),
    url_value(url, parameter), has_shapes(text).

    Cheap `contains` come first, because hardly any row has anything to mask.
    """
    allowed = ", ".join(quote_literal(name) for name in query_parameters)
    patterns = "|".join(re.escape(name) for name in query_parameters)
    connection.execute(
        rf"""
        create or replace temp macro has_shapes(t) as
            coalesce(((contains(t, '@') or contains(t, '%40')) and regexp_matches(t, '{_EMAIL}'))
            or ((contains(t, '+') or contains(t, '%2')) and regexp_matches(t, '{_PHONE}')), false);
        create or replace temp macro mask_shapes(t) as
            case when has_shapes(t)
            then regexp_replace(regexp_replace(t, '{_EMAIL}', '\1[email]', 'g'), '{_PHONE}', '[phone]', 'g')
            else t end;
        create or replace temp macro has_national(t) as regexp_matches(t, '{_NATIONAL}');
        create or replace temp macro mask_national(t) as regexp_replace(t, '{_NATIONAL}', '[phone]', 'g');
        create or replace temp macro mask_text(t) as
            case when has_shapes(t) or has_national(t) then mask_national(mask_shapes(t)) else t end;
        create or replace temp macro mask_query(q) as
            case when regexp_full_match(q, '(({patterns})=[^&]*(&|$))*') then q
            else array_to_string(list_transform(string_split(q, '&'), lambda p:
                case when split_part(p, '=', 1) in ({allowed}) or not contains(p, '=')
                then p else split_part(p, '=', 1) || '=' end), '&') end;
        create or replace temp macro strip_url(u) as
            case
                when contains(u, '?') then split_part(split_part(u, '#', 1), '?', 1) || '?'
                    || mask_query(substr(split_part(u, '#', 1), strpos(u, '?') + 1))
                when contains(u, '#') then split_part(u, '#', 1)
                else u end;
        create or replace temp macro mask_url(u) as mask_shapes(strip_url(u));
        create or replace temp macro url_value(u, name) as
            case when contains(u, name || '=')
            then nullif(url_decode(replace(
                regexp_extract(u, '[?&]' || name || '=([^&#]*)', 1), '+', ' ')), '') end;
        """
    )
