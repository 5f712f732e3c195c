from tests.dashboards.handmade import figures, open_app, texts

WEEK = "Last 7 days"  # 12 to 18 November in Berlin: rows 1 to 7 of SESSIONS, the last one a bot.


def test_the_cards_show_what_can_be_counted_by_hand(published_home):
    shown = figures(open_app(period=WEEK))
    assert shown == {
        "Sessions": "6",
        "People": "4",  # ada, ben, cleo, dan; the sixth session is cookieless
        "Page views": "13",  # 5 + 1 + 3 + 2 + 1 + 1
        "Engaged rate": "50.0 %",  # 3 of 6
        "Conversion rate": "33.3 %",  # 2 of 6
        "Conversions": "2",
        "Revenue": "160 EUR",  # 100 + 60
        "Average engaged time": "1 min, 21 sec",  # (300 + 2.5 + 60 + 120 + 0 + 1.5) / 6 = 80.67
    }


def test_changes_are_against_the_period_before(published_home):
    cards = {card.label: card for card in open_app(period=WEEK).metric}
    assert cards["Sessions"].delta == "+200.0 %"  # 6 after 2
    assert cards["Engaged rate"].delta == "+0.0 pp"  # 3 of 6 after 1 of 2
    assert cards["Conversions"].delta == "none before"  # 2 after 0 has no percentage


def test_without_comparison_the_cards_show_no_change(published_home):
    assert {card.delta for card in open_app(period=WEEK, compare="No comparison").metric} == {""}


def test_bots_count_only_when_asked_for(published_home):
    assert figures(open_app(period=WEEK, bots="true"))["Page views"] == "103"  # 13 and the bot's 90


def test_filters_of_the_link_choose_the_sessions(published_home):
    shown = figures(open_app(period=WEEK, channel=["Direct", "Email"], device_type="desktop"))
    assert (shown["Sessions"], shown["Revenue"]) == ("3", "100 EUR")


def test_channels_are_listed_with_share_and_change(published_home):
    channels = open_app(period=WEEK).dataframe[1].value.set_index("value")
    assert channels["sessions"].to_dict() == {"Direct": 3, "Organic Search": 2, "Email": 1}
    assert channels["share"].round(1).to_dict() == {"Direct": 50.0, "Organic Search": 33.3, "Email": 16.7}
    assert channels.loc["Direct", "change"] == 200.0  # 3 after 1


def test_days_follow_the_reporting_time_zone(published_home):
    days = open_app(period=WEEK).dataframe[0].value
    counts = days[days["series"].str.startswith("12 Nov")].set_index("day")["sessions"]
    # 15 November 23:30 UTC is 16 November in Berlin.
    assert counts.tolist() == [0, 0, 1, 0, 1, 2, 2]


def test_a_selection_without_sessions_says_so(published_home):
    app = open_app(period=WEEK, channel="Email", geo_country="AT")
    assert "No sessions in this selection" in texts(app)
    assert not app.metric


def test_impossible_values_of_a_link_fall_back_with_a_note(published_home):
    app = open_app(
        period="'; drop table x; --", channel=["<script>", "Email"], bots="maybe", dates=["1000-01-01", "x"]
    )
    assert app.selectbox(key="period").value == "Last 28 days"
    assert app.multiselect(key="channel").value == ["Email"]
    assert app.toggle(key="bots").value is False
    note = app.info[0].value.replace("\\", "")
    assert all(key in note for key in ("period", "channel", "bots", "dates"))


def test_the_note_does_not_repeat_markup_of_the_link(published_home):
    app = open_app(channel="![x](http://evil.example/p.png)")
    assert "evil" not in texts(app)


def test_a_list_that_is_cut_says_of_how_many(published_home):
    nine = [
        (18, 9, "ada", "Direct", "desktop", country, 1, True, 0, 0, 5, False)
        for country in ("AT", "BE", "CH", "DE", "ES", "FR", "GB", "IE", "IT")
    ]
    published_home.publish("nine", nine)
    assert "The 8 largest of 9." in texts(open_app(period=WEEK))
    published_home.publish("eight", nine[:8])
    assert "largest of" not in texts(open_app(period=WEEK))


def test_a_compared_period_that_begins_before_the_data_is_said_to(published_home):
    # The week before is 5 to 11 November; the first session is of the 9th.
    assert "The data begin on 09 Nov 2026, within the compared period" in texts(open_app(period=WEEK))
    assert "The data begin" not in texts(open_app(period=WEEK, compare="No comparison"))
    assert "after the first day of this period" in texts(open_app(period="Last 28 days"))
