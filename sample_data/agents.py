"""Browsers, bots and screens as their user agents name them.

Add here: another browser or bot. Keep out: how user agents are recognised.
"""

from dataclasses import dataclass

_MOZILLA = "Mozilla/5.0 "
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) "


@dataclass(frozen=True)
class Agent:
    """A browser on a device, with the screens it comes with and how common it is."""

    user_agent: str
    device_type: str
    browser: str
    os: str
    screens: tuple[str, str]
    weight: float


AGENTS: tuple[Agent, ...] = (
    Agent(
        _MOZILLA + "(iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.1 Mobile/15E148 Safari/604.1",
        "mobile",
        "Safari",
        "iOS",
        ("393x852", "430x932"),
        27,
    ),
    Agent(
        _MOZILLA + "(Linux; Android 10; K) " + _WEBKIT + "Chrome/141.0.0.0 Mobile Safari/537.36",
        "mobile",
        "Chrome",
        "Android",
        ("412x915", "360x800"),
        24,
    ),
    Agent(
        _MOZILLA
        + "(Linux; Android 14; SAMSUNG SM-S921B) "
        + _WEBKIT
        + "SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
        "mobile",
        "Samsung Internet",
        "Android",
        ("360x780", "384x854"),
        5,
    ),
    Agent(
        _MOZILLA + "(Windows NT 10.0; Win64; x64) " + _WEBKIT + "Chrome/141.0.0.0 Safari/537.36",
        "desktop",
        "Chrome",
        "Windows",
        ("1920x1080", "1536x864"),
        19,
    ),
    Agent(
        _MOZILLA
        + "(Windows NT 10.0; Win64; x64) "
        + _WEBKIT
        + "Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
        "desktop",
        "Edge",
        "Windows",
        ("1920x1080", "2560x1440"),
        7,
    ),
    Agent(
        _MOZILLA + "(Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
        "desktop",
        "Firefox",
        "Windows",
        ("1920x1080", "1366x768"),
        4,
    ),
    Agent(
        _MOZILLA + "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.1 Safari/605.1.15",
        "desktop",
        "Safari",
        "macOS",
        ("1512x982", "1728x1117"),
        7,
    ),
    Agent(
        _MOZILLA + "(X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
        "desktop",
        "Firefox",
        "Linux",
        ("1920x1080", "2560x1440"),
        2,
    ),
    Agent(
        _MOZILLA + "(iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/17.7 Mobile/15E148 Safari/604.1",
        "tablet",
        "Safari",
        "iPadOS",
        ("820x1180", "1024x1366"),
        5,
    ),
)

KNOWN_BOTS: tuple[str, ...] = (
    _MOZILLA + "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    _MOZILLA + "(compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    _MOZILLA + "(compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    _MOZILLA + _WEBKIT + "(compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    _MOZILLA + "(compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    "python-requests/2.32.3",
)
