"""A shop that repairs devices and sells its appointments on the web.

Add here: pages, moves and services of the repair shop. Keep out: other businesses, randomness.
"""

from sample_data.grammar import Grammar, Item, Page, Place, Rule

_PAGES = (
    Page(
        "home",
        "/",
        "Device repair while you wait",
        18,
        {
            "list": 34,
            "detail": 22,
            "search": 9,
            "content": 7,
            "price": 6,
            "contact": 3,
            "account": 2,
            "exit": 17,
        },
    ),
    Page(
        "list",
        "/services",
        "All services",
        20,
        {"detail": 62, "search": 6, "price": 8, "home": 3, "compare": 4, "exit": 17},
    ),
    Page(
        "detail",
        "/services/{item}",
        "{name}",
        42,
        {
            "price": 27,
            "detail": 18,
            "compare": 7,
            "spec": 4,
            "reviews": 7,
            "list": 8,
            "start": 4,
            "quote": 2,
            "exit": 23,
        },
    ),
    Page(
        "spec",
        "/services/{item}/specifications",
        "{name}: what is done",
        55,
        {"detail": 40, "price": 25, "start": 6, "exit": 29},
    ),
    Page(
        "price",
        "/pricing",
        "Prices",
        35,
        {"start": 15, "detail": 25, "compare": 11, "price": 10, "quote": 4, "contact": 2, "exit": 29},
    ),
    Page(
        "compare",
        "/compare",
        "Compare services",
        48,
        {"price": 26, "detail": 30, "start": 12, "compare": 7, "exit": 25},
    ),
    Page(
        "content",
        "/guides/{category}",
        "Guide: {category}",
        70,
        {"list": 15, "detail": 20, "content": 12, "home": 6, "exit": 47},
    ),
    Page("search", "/search", "Search", 14, {"detail": 66, "search": 12, "list": 6, "exit": 16}),
    Page(
        "reviews", "/reviews", "What customers say", 45, {"detail": 30, "price": 25, "start": 10, "exit": 35}
    ),
    Page("quote", "/quote", "Ask for a quote", 60, {"price": 14, "start": 12, "contact": 10, "exit": 64}),
    Page("contact", "/contact", "Contact", 25, {"home": 10, "list": 8, "start": 6, "exit": 76}),
    Page("account", "/account", "Your account", 22, {"list": 20, "detail": 20, "home": 10, "exit": 50}),
    Page(
        "start", "/booking", "Book an appointment", 65, {"confirm": 40, "price": 9, "detail": 7, "exit": 44}
    ),
    Page(
        "confirm", "/booking/confirmed", "Appointment confirmed", 20, {"account": 12, "home": 8, "exit": 80}
    ),
)

_RULES = (
    Rule("detail", "service_view", 1.0, 0.02),
    Rule("list", "filter_apply", 0.22, 0.5),
    Rule("spec", "specification_download", 0.7, 0.6),
    Rule("price", "pricing_check", 1.0, 0.05),
    Rule("compare", "comparison_view", 1.0, 0.05),
    Rule("search", "search_perform", 1.0, 0.3),
    Rule("reviews", "review_read", 0.9, 0.4),
    Rule("quote", "quote_request", 0.6, 0.9),
    Rule("contact", "contact_view", 1.0, 0.05),
    Rule("start", "booking_start", 1.0, 0.05),
    Rule("confirm", "booking_complete", 1.0, 0.03),
)

_DEVICES = {
    "phone": (
        ("screen", 129, 62),
        ("battery", 69, 24),
        ("camera", 99, 45),
        ("charging-port", 79, 18),
        ("water-damage", 119, 30),
    ),
    "tablet": (("screen", 179, 95), ("battery", 99, 41), ("charging-port", 89, 22)),
    "laptop": (
        ("screen", 249, 140),
        ("battery", 139, 70),
        ("keyboard", 119, 48),
        ("storage-upgrade", 159, 88),
        ("cleaning", 59, 9),
    ),
    "console": (("drive", 109, 51), ("cooling", 79, 16), ("hdmi-port", 95, 20)),
    "watch": (("screen", 109, 55), ("battery", 65, 21)),
}

_ITEMS = tuple(
    Item(f"{device}-{part}", f"{device.capitalize()}: {part.replace('-', ' ')}", device, price, cost)
    for device, parts in _DEVICES.items()
    for part, price, cost in parts
)

_PLACES = (
    Place("DE", "Berlin", "Berlin", "Europe/Berlin", "de-DE", "EUR", 34),
    Place("DE", "Hamburg", "Hamburg", "Europe/Berlin", "de-DE", "EUR", 18),
    Place("DE", "Bavaria", "Munich", "Europe/Berlin", "de-DE", "EUR", 16),
    Place("AT", "Vienna", "Vienna", "Europe/Vienna", "de-AT", "EUR", 9),
    Place("CH", "Zurich", "Zurich", "Europe/Zurich", "de-CH", "CHF", 9),
    Place("GB", "England", "London", "Europe/London", "en-GB", "GBP", 14),
)

GRAMMAR = Grammar(
    business="repair",
    domain="www.repair.example",
    currency="EUR",
    rates={"EUR": 1.0, "GBP": 1.17, "CHF": 1.05},
    entries={"home": 42, "detail": 27, "list": 8, "content": 15, "price": 5, "contact": 3},
    pages=_PAGES,
    commit=("start", "confirm"),
    start_page="start",
    confirm_page="confirm",
    conversion="booking_complete",
    rules=_RULES,
    offsite={"service_booked": (0.003, 0.01), "service_completed": (1.0, 6.0)},
    items=_ITEMS,
    places=_PLACES,
    queries=(
        "screen repair",
        "battery replacement",
        "water damage",
        "laptop keyboard",
        "how long does it take",
        "charging port",
        "price",
        "data recovery",
        "console too loud",
        "opening hours",
    ),
    providers_commission=0.0,
    booking_form="booking",
)
