import re

from tests.dashboards.handmade import HOSTILE, SESSIONS, figures, open_app

LIST, PEOPLE = -1, [row for row in SESSIONS if not row[-1]]


def test_the_cards_show_what_can_be_counted_by_hand(published_home):
    shown = figures(open_app("sessions", period="Last 7 days"))
    assert shown == {
        "Sessions": "6",
        "Engaged rate": "50.0 %",
        "Bounce rate": "50.0 %",
        "Average duration": "2 min, 41 sec",  # (600 + 5 + 120 + 240 + 0 + 3) / 6 = 161.3
        "Average engaged time": "1 min, 21 sec",
        "Pages per session": "2.2",  # 13 / 6
    }


def test_sessions_are_listed_newest_first_with_short_pseudonyms(published_home):
    rows = open_app("sessions").dataframe[LIST].value
    assert rows["started"].is_monotonic_decreasing
    assert len(rows) == len(PEOPLE) == 8
    assert rows["person"].tolist()[0] == "ben-0123"
    assert "(no id)" in rows["person"].tolist()


def test_durations_fall_into_their_bucket(published_home):
    buckets = open_app("sessions", period="Last 7 days").dataframe[0].value.set_index("length")["sessions"]
    # 5, 0 and 3 s; 120 s; 240 s; 600 s
    assert buckets[buckets > 0].to_dict() == {"0-10 s": 3, "1-3 min": 1, "3-10 min": 1, "10-30 min": 1}


def test_rates_follow_the_chosen_dimension(published_home):
    rows = open_app("sessions", period="Last 7 days", rates_by="Device").dataframe[1].value.set_index("value")
    # desktop: engaged 2 of 3; mobile: 1 of 3
    assert rows["engaged_rate"].round(1).to_dict() == {"desktop": 66.7, "mobile": 33.3}


def test_a_chosen_session_opens_its_events_as_plain_text(published_home):
    app = open_app("sessions")
    listed = app.dataframe[LIST].value
    row = listed.index[listed["revenue"] == 60][0]  # cleo, 17 November 12:00 UTC
    key = re.search("sessions_-?[0-9]+$", app.dataframe[LIST].proto.id)[0]
    app.session_state[key] = {"selection": {"rows": [int(row)], "columns": [], "cells": []}}
    events = app.run().dataframe[LIST].value
    assert events["event_data"].tolist() == [HOSTILE]
    assert str(events["at"][0]) == "2026-11-17 13:00:00"


def test_a_chosen_session_is_let_go_when_the_filters_change(published_home):
    app = open_app("sessions")
    key = re.search("sessions_-?[0-9]+$", app.dataframe[LIST].proto.id)[0]
    app.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    assert "event_type" in app.run().dataframe[LIST].value
    app.multiselect(key="channel").set_value(["Direct"]).run()
    assert "event_type" not in app.dataframe[LIST].value
