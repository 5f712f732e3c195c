"""Where visits come from: referrers, campaign tags and click ids, with the channel each one truly is.

Add here: another source of visits. Keep out: the rules that recognise a channel; those are the warehouse's
own.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One source. `channel` is the true GA4 default channel group; `first`, `later` weigh it for new and
    known people.

    `quality` multiplies the chance to buy. `cost_per_click` is in reporting currency, 0 for what is not
    paid for. `campaigns` become utm_campaign in turn; the campaign's position in the list makes it a
    little better or worse.
    """

    channel: str
    first: float
    later: float
    quality: float
    referrer: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    campaigns: tuple[str, ...] = ()
    click_parameter: str | None = None
    cost_per_click: float = 0.0
    utm_term: str | None = None
    utm_content: str | None = None


SOURCES: tuple[Source, ...] = (
    Source("Direct", 14, 46, 1.1),
    Source("Organic Search", 26, 14, 1.0, "https://www.google.com/"),
    Source("Organic Search", 4, 2, 1.0, "https://www.bing.com/"),
    Source("Organic Search", 2, 1, 1.0, "https://duckduckgo.com/"),
    Source(
        "Paid Search",
        13,
        5,
        1.25,
        "https://www.google.com/",
        "google",
        "cpc",
        ("brand", "generic_autumn", "competitor"),
        "gclid",
        0.62,
        "offers",
    ),
    Source(
        "Paid Search",
        3,
        1,
        1.15,
        "https://www.bing.com/",
        "bing",
        "cpc",
        ("generic_autumn",),
        "msclkid",
        0.41,
        "offers",
    ),
    Source(
        "Paid Social",
        8,
        2,
        0.6,
        "https://www.facebook.com/",
        "facebook",
        "paid_social",
        ("prospecting_video", "lookalike_buyers"),
        "fbclid",
        0.33,
        None,
        "video_a",
    ),
    Source("Organic Social", 4, 2, 0.6, "https://www.instagram.com/"),
    Source("Organic Social", 2, 1, 0.7, "https://www.reddit.com/"),
    Source("Email", 1, 12, 1.4, None, "newsletter", "email", ("weekly_news", "win_back", "autumn_offer")),
    Source(
        "Affiliates",
        4,
        2,
        1.1,
        "https://deals.example.org/",
        "deals",
        "affiliate",
        ("partner_list",),
        None,
        0.25,
    ),
    Source("Referral", 5, 3, 1.0, "https://blog.example.net/best-of"),
    Source("Referral", 3, 2, 0.9, "https://forum.example.org/thread/1412"),
    Source(
        "Display",
        4,
        1,
        0.35,
        "https://news.example.net/",
        "adnetwork",
        "display",
        ("banner_autumn",),
        None,
        0.12,
        None,
        "banner_wide",
    ),
    Source(
        "Paid Video", 2, 1, 0.4, "https://www.youtube.com/", "youtube", "cpv", ("how_it_works",), None, 0.18
    ),
    Source("AI Assistant", 3, 2, 1.3, "https://chatgpt.com/"),
    Source("AI Assistant", 1, 1, 1.3, "https://www.perplexity.ai/"),
    Source("SMS", 0.5, 2, 1.2, None, "sms", "sms", ("reminder",)),
    Source("Mobile Push", 0, 2, 1.2, None, "app", "push", ("price_drop",)),
)
