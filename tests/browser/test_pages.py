"""Pages in a browser show what SQL on the published file gives, and nothing from anywhere else."""

import json
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

PEOPLE_ONLY = "not (coalesce(is_bot, false) or coalesce(is_internal, false))"
PAGES = {
    "/": "Overview",
    "/sessions": "Sessions",
    "/funnel": "Funnels",
    "/loads": "Loads and rejects",
}


def last_days(pointer: dict, days: int) -> str:
    """The UTC bounds of the last `days` whole days in the sample business's time zone, as SQL."""
    as_of = datetime.fromisoformat(pointer["as_of"]).replace(tzinfo=UTC)
    zone = ZoneInfo("Europe/Berlin")
    # A day of which less than an hour is missing counts as whole.
    last_day = (as_of.astimezone(zone) + timedelta(hours=1)).date() - timedelta(days=1)
    first, after = (
        datetime.combine(last_day + timedelta(days=shift), time.min, zone)
        .astimezone(UTC)
        .replace(tzinfo=None)
        for shift in (1 - days, 1)
    )
    return f"start_time >= timestamp '{first}' and start_time < timestamp '{after}'"


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_every_page_opens_by_its_link_and_asks_nobody_else(visit, path, title):
    visit.open(path)
    assert visit.page.get_by_role("heading", level=1).inner_text() == title
    assert "Data until" in visit.page.get_by_test_id("stMain").inner_text()
    assert visit.page.get_by_test_id("stException").count() == 0
    assert [url for url in visit.asked if not url.startswith((visit.address, "data:", "blob:"))] == []


def test_figures_equal_sql_before_and_after_a_filter_and_a_reload(visit, pointer, published):
    chosen = f"{last_days(pointer, 28)} and {PEOPLE_ONLY}"
    largest = published.execute(
        f"select channel from analytics_sessions where {chosen} group by 1 order by count(*) desc limit 1"
    ).fetchone()[0]
    visit.open("/")
    check_overview(visit, published, chosen)
    visit.choose("Channel", largest)
    only = f"{chosen} and channel = '{largest}'"
    check_overview(visit, published, only)
    assert "channel=" in visit.page.url
    visit.page.reload()
    visit.page.get_by_test_id("stMetricValue").first.wait_for()
    visit.settle()
    check_overview(visit, published, only)


def check_overview(visit, published: duckdb.DuckDBPyConnection, chosen: str) -> None:
    sessions, people, pages, revenue = published.execute(
        f"""select count(*), count(distinct person_id), sum(page_views), coalesce(sum(revenue), 0)
        from analytics_sessions where {chosen}"""
    ).fetchone()
    assert visit.figure("Sessions") == f"{sessions:,}"
    assert visit.figure("People") == f"{people:,}"
    assert visit.figure("Page views") == f"{pages:,}"
    assert visit.figure("Revenue") == f"{float(revenue):,.0f} EUR"


def test_filters_go_with_the_visitor_from_page_to_page(visit, pointer, published):
    visit.open("/?period=Last+7+days")
    visit.page.get_by_role("link", name="Sessions", exact=True).click()
    visit.page.get_by_role("heading", level=1, name="Sessions").wait_for()
    visit.settle()
    chosen = f"{last_days(pointer, 7)} and {PEOPLE_ONLY}"
    (sessions,) = published.execute(f"select count(*) from analytics_sessions where {chosen}").fetchone()
    assert visit.figure("Sessions") == f"{sessions:,}"
    assert "period=Last+7+days" in visit.page.url


def test_bots_are_counted_when_asked_for(visit, pointer, published):
    visit.open("/")
    visit.page.get_by_text("Include bots").click()
    visit.settle()
    (sessions,) = published.execute(
        f"select count(*) from analytics_sessions where {last_days(pointer, 28)}"
    ).fetchone()
    assert visit.figure("Sessions") == f"{sessions:,}"


def test_the_funnel_page_and_the_funnel_table_have_the_same_numbers(visit, published):
    visit.open("/funnel?period=All+data")
    entered, completed = published.execute(
        """select arg_min(people, step_number), arg_max(people, step_number) from funnel_summary
        where period = 'all' and dimension = 'all' and funnel = (select min(funnel) from funnel_summary)"""
    ).fetchone()
    assert visit.figure("People who entered") == f"{entered:,}"
    assert visit.figure("People who completed") == f"{completed:,}"


def test_the_loads_page_shows_the_ledger(visit, built):
    status = json.loads((built.status / "current.json").read_text())
    with duckdb.connect(str(built.status / status["file"]), read_only=True) as connection:
        files, lines, loaded = connection.execute(
            "select count(*), sum(lines) filter (status = 'loaded'), sum(loaded) from loads"
        ).fetchone()
    visit.open("/loads")
    shown = [visit.figure(label) for label in ("Files", "Lines", "Loaded")]
    assert shown == [f"{files:,}", f"{lines:,}", f"{loaded:,}"]
    assert "Every line is accounted for" in visit.page.get_by_test_id("stMain").inner_text()


def test_markup_in_a_link_is_neither_run_nor_shown(visit):
    dialogs = []
    visit.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    visit.open("/?channel=%3Cscript%3Ealert(1)%3C/script%3E&period=%7B%7B7*7%7D%7D&bots=javascript:alert(1)")
    assert "do not exist here" in visit.page.get_by_test_id("stAlert").inner_text()
    assert dialogs == []


def test_a_narrow_screen_shows_the_same_figures_without_scrolling_sideways(visit):
    visit.open("/")
    wide = visit.figure("Sessions")
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.settle()
    assert visit.figure("Sessions") == wide
    overflow = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    assert visit.page.evaluate(overflow) <= 0
