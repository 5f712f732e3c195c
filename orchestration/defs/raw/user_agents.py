"""Distinct user agents to keys, and what the kept list of crawlers says of each.

Add here: another fact that a user agent alone tells. Keep out: bots that behaviour gives away.
"""

import re
from typing import Final

import duckdb
from crawleruseragents import CRAWLER_USER_AGENTS_DATA, is_crawler

_NAME: Final = re.compile(r"[A-Za-z][\w .-]*")


def resolve_user_agents(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Create temp `agents` (user_agent, user_agent_key) for `relation`; new ones go to raw.user_agents.

    To be called in the load's transaction, because the warehouse is the only place that knows them.
    """
    connection.execute(
        f"""
        create or replace temp table agents as
        with seen as (select distinct user_agent from {relation} where user_agent is not null)
        select seen.user_agent, mask_shapes(seen.user_agent) as masked, known.user_agent_key
        from seen left join raw.user_agents as known on mask_shapes(seen.user_agent) = known.user_agent
        """
    )
    # The list is asked about the original, because what is masked, the owner's e-mail, may name the crawler.
    new = connection.execute(
        """
        select masked, min(user_agent) from agents where user_agent_key is null
        group by masked order by masked
        """
    ).fetchall()
    if not new:
        return
    first = connection.execute("select coalesce(max(user_agent_key), 0) + 1 from raw.user_agents").fetchall()
    connection.executemany(
        "insert into raw.user_agents values (?, ?, ?, ?)",
        [
            (first[0][0] + number, masked, *describe_user_agent(original))
            for number, (masked, original) in enumerate(new)
        ],
    )
    connection.execute(
        """
        update agents set user_agent_key = known.user_agent_key from raw.user_agents as known
        where agents.masked = known.user_agent and agents.user_agent_key is null
        """
    )


def describe_user_agent(user_agent: str) -> tuple[bool, str | None]:
    """Whether the list of crawlers knows it, and the name of the first entry that matches."""
    if not is_crawler(user_agent):
        return False, None
    for entry in CRAWLER_USER_AGENTS_DATA:
        if re.search(entry["pattern"], user_agent):
            name = _NAME.search(entry["pattern"].replace("\\", ""))
            return True, name[0].strip() if name else entry["pattern"]
    return True, None
