from tests.dashboards.handmade import HOSTILE, figures, open_app, texts


def test_every_file_stands_with_what_became_of_its_lines(published_home):
    app = open_app("loads")
    files = app.dataframe[0].value.set_index("file")
    assert files.loc["trackway/events/a.jsonl", ["lines", "loaded", "duplicate", "quarantined"]].tolist() == [
        100,
        90,
        4,
        3,
    ]
    assert figures(app) == {
        "Files": "3",
        "Lines": "150",
        "Loaded": "140",
        "Rejected": "3",
        "Checks failed": "1",
    }
    assert "150 = 140 loaded + 4 duplicate + 3 rejected + 1 suppressed + 1 erased + 1 blank" in texts(app)


def test_lines_that_are_unaccounted_for_are_an_error(published_home):
    published_home.record("run-two", missing_lines=7)
    app = open_app("loads")
    assert "7 are unaccounted for in 1 files" in app.error[0].value
    assert app.dataframe[0].value["missing"].tolist() == [7, 0, 0]


def test_rejected_lines_stand_with_file_line_and_reason(published_home):
    app = open_app("loads")
    assert app.dataframe[1].value.set_index("reason")["lines"].to_dict() == {"not JSON": 2, "future-dated": 1}
    rejected = app.dataframe[2].value
    assert rejected["line_number"].tolist() == [7, 9, 12]
    assert rejected["masked_line"].tolist()[0] == HOSTILE


def test_one_reason_can_be_chosen_by_link(published_home):
    assert open_app("loads", reason="future-dated").dataframe[2].value["line_number"].tolist() == [12]


def test_failed_checks_come_first(published_home):
    assert open_app("loads").dataframe[3].value["status"].tolist() == ["✕ failed", "✓ passed"]


def test_a_failed_run_shows_why_even_before_anything_is_published(published_home):
    (published_home.path / "published" / "current.json").unlink()
    app = open_app("loads")
    assert "Nothing is published yet" in texts(app)
    assert figures(app)["Files"] == "3"
