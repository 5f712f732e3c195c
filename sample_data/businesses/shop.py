"""A retail shop with a cart and a checkout.

Add here: pages, moves and products of the shop. Keep out: other businesses, randomness.
"""

from sample_data.grammar import Grammar, Item, Page, Place, Rule

_PAGES = (
    Page(
        "home",
        "/",
        "Everything for home and outdoors",
        15,
        {"list": 38, "detail": 20, "search": 16, "content": 3, "account": 3, "exit": 20},
    ),
    Page(
        "list",
        "/categories/{category}",
        "{category}",
        24,
        {"detail": 60, "list": 14, "search": 5, "exit": 21},
    ),
    Page("search", "/search", "Search", 15, {"detail": 62, "search": 14, "list": 5, "exit": 19}),
    Page(
        "detail",
        "/products/{item}",
        "{name}",
        36,
        {
            "cart": 14,
            "detail": 25,
            "list": 13,
            "price": 6,
            "compare": 4,
            "spec": 3,
            "reviews": 6,
            "wishlist": 3,
            "exit": 26,
        },
    ),
    Page(
        "spec",
        "/products/{item}/specifications",
        "{name}: specifications",
        50,
        {"detail": 48, "cart": 14, "exit": 38},
    ),
    Page("price", "/prices", "Price history", 30, {"detail": 40, "cart": 14, "price": 8, "exit": 38}),
    Page("compare", "/compare", "Compare products", 45, {"detail": 48, "cart": 15, "exit": 37}),
    Page("reviews", "/reviews", "Customer reviews", 48, {"detail": 38, "cart": 20, "exit": 42}),
    Page("content", "/about", "About us", 40, {"home": 12, "list": 20, "exit": 68}),
    Page("wishlist", "/wishlist", "Wish list", 18, {"detail": 32, "cart": 14, "exit": 54}),
    Page("contact", "/contact", "Help", 28, {"home": 15, "exit": 85}),
    Page("account", "/account", "Your orders", 22, {"list": 22, "detail": 20, "contact": 6, "exit": 52}),
    Page("cart", "/cart", "Your cart", 26, {"start": 46, "detail": 14, "list": 10, "exit": 30}),
    Page("start", "/checkout", "Checkout", 70, {"confirm": 60, "cart": 8, "exit": 32}),
    Page("confirm", "/checkout/confirmed", "Thank you", 18, {"account": 12, "exit": 88}),
)

_RULES = (
    Rule("detail", "product_view", 1.0, 0.02),
    Rule("list", "filter_apply", 0.3, 0.5),
    Rule("search", "search_perform", 1.0, 0.3),
    Rule("spec", "specification_download", 0.6, 0.6),
    Rule("price", "pricing_check", 1.0, 0.05),
    Rule("compare", "comparison_view", 1.0, 0.05),
    Rule("reviews", "review_read", 0.9, 0.4),
    Rule("wishlist", "wishlist_add", 0.6, 0.3),
    Rule("contact", "contact_view", 1.0, 0.05),
    Rule("cart", "add_to_cart", 0.95, 0.02),
    Rule("cart", "remove_from_cart", 0.12, 0.6),
    Rule("confirm", "transaction", 1.0, 0.03),
)

_PRODUCTS = {
    "kitchen": (
        ("chef-knife", 59, 24),
        ("cast-iron-pan", 45, 17),
        ("kettle", 39, 18),
        ("toaster", 49, 25),
        ("scale", 19, 7),
    ),
    "outdoor": (
        ("tent-2p", 149, 78),
        ("sleeping-bag", 89, 41),
        ("head-lamp", 29, 11),
        ("stove", 65, 30),
        ("backpack-40l", 119, 55),
    ),
    "garden": (("pruner", 25, 9), ("hose-20m", 35, 14), ("planter", 22, 8), ("lawn-mower", 289, 180)),
    "light": (("desk-lamp", 55, 22), ("floor-lamp", 95, 42), ("led-strip", 24, 8)),
    "textile": (("wool-blanket", 79, 33), ("towel-set", 39, 15), ("linen-sheets", 109, 48)),
}

_ITEMS = tuple(
    Item(name, name.replace("-", " ").capitalize(), category, price, cost, provider="Example Supply")
    for category, products in _PRODUCTS.items()
    for name, price, cost in products
)

_PLACES = (
    Place("US", "New York", "New York", "America/New_York", "en-US", "USD", 26),
    Place("US", "Illinois", "Chicago", "America/Chicago", "en-US", "USD", 18),
    Place("US", "California", "Los Angeles", "America/Los_Angeles", "en-US", "USD", 22),
    Place("US", "Texas", "Austin", "America/Chicago", "es-US", "USD", 10),
    Place("CA", "Ontario", "Toronto", "America/Toronto", "en-CA", "CAD", 14),
    Place("GB", "England", "Leeds", "Europe/London", "en-GB", "GBP", 10),
)

GRAMMAR = Grammar(
    business="shop",
    domain="www.shop.example",
    currency="USD",
    rates={"USD": 1.0, "CAD": 0.72, "GBP": 1.27},
    entries={"home": 36, "detail": 34, "list": 22, "content": 3, "search": 5},
    pages=_PAGES,
    commit=("cart", "start", "confirm"),
    start_page="start",
    confirm_page="confirm",
    conversion="transaction",
    rules=_RULES,
    offsite={"service_completed": (2.0, 7.0)},
    items=_ITEMS,
    places=_PLACES,
    queries=("tent", "wool blanket", "gift", "lamp", "knife", "returns", "backpack", "pan", "sale"),
    providers_commission=0.0,
    booking_form="checkout",
)
