from dashboards.components.text import words
from tests.dashboards.handmade import figures, open_app

WEEK = "Last 7 days"


def test_each_person_counts_once_with_the_attempt_that_got_furthest(published_home):
    steps = open_app("funnel", period=WEEK).dataframe[0].value.set_index("step_number")
    # ada 5 steps (and 3 the day before), ben 1, cleo 5, dan 2
    assert steps["people"].tolist() == [4, 3, 2, 2, 2]
    assert steps["label"].tolist()[0] == words("page_view") == "Page view"
    assert steps["overall_rate"].tolist() == [100.0, 75.0, 50.0, 50.0, 50.0]
    assert steps["step_rate"].round(1).tolist()[1:] == [75.0, 66.7, 100.0, 100.0]
    assert steps["drop_off"].tolist()[1:] == [1, 1, 0, 0]


def test_of_attempts_that_get_equally_far_the_earliest_counts(published_home):
    sessions = [
        (18, 9, "ada", "Email", "mobile", "DE", 3, True, 0, 0, 600, False),
        (17, 9, "ada", "Direct", "desktop", "DE", 3, True, 0, 0, 600, False),
        (16, 9, "ada", "Referral", "tablet", "DE", 1, True, 0, 0, 600, False),
    ]
    attempts = [("ada", 18, 9, 3), ("ada", 17, 9, 3), ("ada", 16, 9, 2)]
    published_home.publish("two", sessions, attempts=attempts)
    app = open_app("funnel", period=WEEK)
    assert app.dataframe[0].value["people"].tolist() == [1, 1, 1, 0, 0]
    # The 17th: as far as the 18th and earlier, further than the 16th.
    assert app.dataframe[1].value["value"].tolist() == ["Direct"]
    # Filters choose among the attempts before the best one is: only the 18th's came by e-mail.
    by_mail = open_app("funnel", period=WEEK, channel="Email")
    assert by_mail.dataframe[1].value["value"].tolist() == ["Email"]


def test_times_are_medians_between_steps(published_home):
    steps = open_app("funnel", period=WEEK).dataframe[0].value.set_index("step_number")
    assert steps["median_step"].dt.total_seconds().tolist()[1:] == [600.0] * 4  # ten minutes a step
    assert figures(open_app("funnel", period=WEEK))["Median time to convert"] == "40 min"


def test_the_breakdown_is_by_the_session_in_which_the_attempt_began(published_home):
    rows = open_app("funnel", period=WEEK, funnel_by="Device").dataframe[1].value.set_index("value")
    # desktop: ada; mobile: ben, cleo, dan
    assert rows["people"].to_dict() == {"mobile": 3, "desktop": 1}
    assert rows["completed"].to_dict() == {"mobile": 1, "desktop": 1}


def test_filters_apply_to_funnels(published_home):
    assert (
        figures(open_app("funnel", period=WEEK, geo_country="AT"))["People who entered"] == "2"
    )  # cleo, dan


def test_a_day_counts_the_attempts_that_began_in_it(published_home):
    days = open_app("funnel", period=WEEK).dataframe[2].value
    now = days[days["series"].str.startswith("12 Nov")].set_index("day")
    assert now["entered"].tolist() == [1, 2, 2]  # dan on the 16th (Berlin), ada and cleo, ada and ben
    assert now["overall_rate"].tolist() == [0.0, 50.0, 50.0]


def test_steps_that_nobody_reached_count_nobody(published_home):
    app = open_app("funnel", period=WEEK, channel="Email")  # ben alone, who reached step 1
    assert app.dataframe[0].value["people"].tolist() == [1, 0, 0, 0, 0]
    shown = figures(app)
    assert (shown["People who completed"], shown["Overall rate"]) == ("0", "0.0 %")
    assert app.dataframe[1].value["completed"].tolist() == [0]


def test_bots_cannot_be_asked_for_where_they_never_count(published_home):
    app = open_app("funnel", period=WEEK, bots="true")
    assert app.toggle(key="bots").disabled
    assert figures(app)["People who entered"] == "4"
