"""A site that sells flights and hotels for other companies and lives on the commission.

Add here: pages, moves and offers of the travel site. Keep out: other businesses, randomness.
"""

from sample_data.grammar import Grammar, Item, Page, Place, Rule

_PAGES = (
    Page(
        "home",
        "/",
        "Flights and hotels",
        16,
        {"search": 62, "content": 9, "account": 3, "wishlist": 2, "exit": 24},
    ),
    Page("search", "/flights", "Where to?", 22, {"list": 78, "search": 6, "exit": 16}),
    Page(
        "list",
        "/flights/results",
        "Search results",
        48,
        {"detail": 45, "search": 14, "price": 8, "compare": 8, "wishlist": 3, "exit": 22},
    ),
    Page(
        "detail",
        "/flights/{item}",
        "{name}",
        52,
        {
            "start": 17,
            "list": 22,
            "price": 12,
            "compare": 9,
            "reviews": 6,
            "wishlist": 4,
            "contact": 1,
            "exit": 29,
        },
    ),
    Page(
        "price",
        "/prices",
        "Price calendar",
        40,
        {"detail": 30, "list": 20, "start": 9, "price": 11, "exit": 30},
    ),
    Page("compare", "/compare", "Compare offers", 55, {"detail": 42, "list": 12, "start": 12, "exit": 34}),
    Page("reviews", "/reviews", "Traveller reviews", 50, {"detail": 45, "start": 10, "exit": 45}),
    Page(
        "content",
        "/destinations/{category}",
        "Guide: {category}",
        75,
        {"search": 28, "content": 14, "home": 6, "exit": 52},
    ),
    Page("wishlist", "/wishlist", "Wish list", 20, {"detail": 30, "search": 20, "exit": 50}),
    Page("contact", "/contact", "Help", 30, {"home": 15, "exit": 85}),
    Page("account", "/account", "Your trips", 25, {"search": 30, "home": 10, "exit": 60}),
    Page("start", "/checkout", "Passenger details", 95, {"pay": 56, "detail": 8, "list": 5, "exit": 31}),
    Page("pay", "/checkout/payment", "Payment", 50, {"confirm": 72, "start": 5, "exit": 23}),
    Page("confirm", "/checkout/confirmed", "Your trip is booked", 24, {"account": 18, "exit": 82}),
)

_RULES = (
    Rule("search", "search_initiated", 1.0, 0.9),
    Rule("list", "results_viewed", 1.0, 0.03),
    Rule("list", "filter_apply", 0.4, 0.5),
    Rule("detail", "flight_selected", 1.0, 0.01),
    Rule("detail", "details_reviewed", 0.85, 0.6),
    Rule("detail", "specification_download", 0.03, 0.7),
    Rule("price", "pricing_check", 1.0, 0.05),
    Rule("price", "price_alert_set", 0.18, 0.8),
    Rule("compare", "comparison_view", 1.0, 0.05),
    Rule("reviews", "review_read", 0.9, 0.4),
    Rule("wishlist", "wishlist_add", 0.6, 0.3),
    Rule("contact", "contact_view", 1.0, 0.05),
    Rule("start", "checkout_started", 1.0, 0.04),
    Rule("pay", "payment_submitted", 1.0, 0.8),
    Rule("pay", "payment_failed", 0.05, 0.85),
    Rule("confirm", "booking_confirmed", 1.0, 0.03),
)

_ROUTES = (
    ("LHR", "BCN", "Barcelona", 118),
    ("LHR", "JFK", "New York", 462),
    ("MAN", "AGP", "Malaga", 104),
    ("LGW", "FCO", "Rome", 126),
    ("LHR", "DXB", "Dubai", 418),
    ("EDI", "AMS", "Amsterdam", 92),
    ("CDG", "LIS", "Lisbon", 109),
    ("FRA", "ATH", "Athens", 164),
    ("JFK", "MIA", "Miami", 148),
    ("DUB", "PMI", "Majorca", 113),
    ("LHR", "SIN", "Singapore", 598),
    ("BER", "CPH", "Copenhagen", 84),
)
_AIRLINES = ("Example Air", "Sample Wings", "Demo Jet")

_FLIGHTS = tuple(
    Item(
        f"{origin.lower()}-{destination.lower()}",
        f"{origin} to {city}",
        city.lower().replace(" ", "-"),
        price,
        round(price * 0.93, 2),
        origin,
        destination,
        _AIRLINES[number % len(_AIRLINES)],
    )
    for number, (origin, destination, city, price) in enumerate(_ROUTES)
)
_HOTELS = tuple(
    Item(
        f"hotel-{destination.lower()}",
        f"Hotel in {city}",
        city.lower().replace(" ", "-"),
        round(60 + price * 0.4, 2),
        round(50 + price * 0.33, 2),
        origin,
        destination,
        "Placeholder Hotels",
    )
    for origin, destination, city, price in _ROUTES[:6]
)

_PLACES = (
    Place("GB", "England", "London", "Europe/London", "en-GB", "GBP", 36),
    Place("GB", "Scotland", "Edinburgh", "Europe/London", "en-GB", "GBP", 12),
    Place("IE", "Leinster", "Dublin", "Europe/Dublin", "en-IE", "EUR", 10),
    Place("FR", "Ile-de-France", "Paris", "Europe/Paris", "fr-FR", "EUR", 14),
    Place("DE", "Hesse", "Frankfurt", "Europe/Berlin", "de-DE", "EUR", 12),
    Place("US", "New York", "New York", "America/New_York", "en-US", "USD", 16),
)

GRAMMAR = Grammar(
    business="travel",
    domain="www.travel.example",
    currency="GBP",
    rates={"GBP": 1.0, "EUR": 0.855, "USD": 0.785},
    entries={"home": 46, "search": 18, "content": 18, "detail": 12, "list": 6},
    pages=_PAGES,
    commit=("start", "pay", "confirm"),
    start_page="start",
    confirm_page="confirm",
    conversion="booking_confirmed",
    rules=_RULES,
    offsite={"service_completed": (12.0, 45.0)},
    items=_FLIGHTS + _HOTELS,
    places=_PLACES,
    queries=("barcelona", "cheap flights", "new york in december", "hotel with pool", "baggage", "refund"),
    providers_commission=0.07,
    booking_form="passengers",
)
