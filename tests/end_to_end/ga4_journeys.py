"""Turns 272,792 real journeys of a shop into events, so that sessions and channels can be asked back.

The file has one row per journey: its channels in order without direct repeats, how many sessions and
purchases it had, and when it began and ended. What the file does not have is decided here: a journey is a
person; sessions are spread evenly from begin to end (1,633 begin within half an hour of the one before, and
only the client's own ids tell them apart); sessions beyond the touches repeat the last channel; purchases
happen in the last session.
Add here: another fact of the file. Keep out: how the pipeline decides on channels.
"""

from pathlib import Path

import duckdb

# How each channel of the file arrives: our name of it, the page's query, the referrer.
ARRIVALS = {
    "Direct": ("Direct", {}, None),
    "Organic Search": ("Organic Search", {}, "https://www.google.com/"),
    "Referral": ("Referral", {}, "https://blog.partner.example/post"),
    "Organic Social": ("Organic Social", {}, "https://www.facebook.com/"),
    "Paid Search": ("Paid Search", {"source": "google", "medium": "cpc"}, "https://www.google.com/"),
    "Affiliate": ("Affiliates", {"source": "partner", "medium": "affiliate"}, None),
    "Email": ("Email", {"source": "newsletter", "medium": "email"}, None),
    "Other": ("Unassigned", {"source": "other", "medium": "other"}, None),
}


def connect(file: Path, one_in: int) -> duckdb.DuckDBPyConnection:
    """A connection with `journeys` (every `one_in`-th by number), `touches` and `arrivals`. Times are UTC."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("set timezone = 'UTC'")
    connection.execute(
        "create table arrivals (name text, channel text, source text, medium text, referrer text)"
    )
    connection.executemany(
        "insert into arrivals values (?, ?, ?, ?, ?)",
        [
            (name, channel, utm.get("source"), utm.get("medium"), referrer)
            for name, (channel, utm, referrer) in ARRIVALS.items()
        ],
    )
    connection.execute(
        f"""
        create table journeys as
        select row_number() over (order by journey_id) as number, journey_id as person,
            string_split(path, ' > ') as path, session_count, purchase_count,
            journey_start::timestamp as started, anchor_timestamp::timestamp as ended
        from '{file}' where substr(journey_id, 9)::int % {one_in} = 0
        """
    )
    connection.execute(
        """
        create table touches as
        select number, person, session, path[least(session, len(path))] as name,
            started + (ended - started) * ((session - 1) / greatest(session_count - 1, 1)) as touched_ts
        from (select *, unnest(range(1, session_count + 1)) as session from journeys)
        """
    )
    return connection


def write_events(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """One page view a session and one transaction a purchase, as Parquet of the events' contract."""
    file.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"""
        copy (
            select 'view-' || number || '-' || session as event_id, 'page_view' as event_type,
                touched_ts as event_ts, person as anonymous_id, 'visit-' || session as session_id,
                'https://shop.example/products/mug' as page_url, referrer as referrer_url,
                source as utm_source, medium as utm_medium, null::varchar as order_id
            from touches inner join arrivals using (name)
            union all
            select 'order-' || number || '-' || purchase, 'transaction', ended + interval 1 millisecond,
                person, 'visit-' || session_count, 'https://shop.example/checkout/confirmed',
                null, null, null, 'order-' || number || '-' || purchase
            from (select *, unnest(range(1, purchase_count + 1)) as purchase from journeys)
        ) to '{file}' (format parquet)
        """
    )
