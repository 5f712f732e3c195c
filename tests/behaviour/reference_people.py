"""Who the definitions say people are: devices, user ids and e-mails that are linked.

Add here: another edge or another way to name a person, from the definitions' words. Keep out: anything taken
from the models.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from reference import Event, Node, Session, order, real


def components(events: Sequence[Event], emails: Iterable[tuple[str, str]]) -> dict[Node, frozenset[Node]]:
    """Of every device, user id and e-mail, what it is linked with. `emails` are (user id, e-mail)."""
    linked: dict[Node, frozenset[Node]] = {}
    for event in events:
        for node in (event["device"], event["user"] and ("user", event["user"])):
            if node and node[0] != "cookieless":
                linked[node] = frozenset([node])
    edges = list(_device_edges(events))
    users_of = defaultdict(set)
    for user, email in emails:
        if real(user) and real(email.lower()):
            users_of[email.lower()].add(user)
    edges += [
        (("user", user), ("email", email))
        for email, users in users_of.items()
        if len(users) <= 10
        for user in users
    ]
    for one, other in edges:
        both = linked.get(one, frozenset([one])) | linked.get(other, frozenset([other]))
        linked.update(dict.fromkeys(both, both))
    return linked


def _device_edges(events: Sequence[Event]) -> Iterable[tuple[Node, Node]]:
    users_on = defaultdict(list)
    for event in events:
        if event["device"] and event["user"] and real(event["device"][1]):
            users_on[event["device"]].append(event["user"])
    for device, users in users_on.items():
        if len(set(users)) < 3:
            yield device, ("user", users[-1])


def person_names(
    events: Sequence[Event], linked: Mapping[Node, frozenset[Node]], pseudonym: Callable[[Node], str]
) -> dict[Node, str]:
    """The pseudonym of each component's node with the earliest event, for every node of it."""
    first: dict[Node, datetime] = {}
    for event in events:
        for node in (event["device"], event["user"] and ("user", event["user"])):
            if node in linked:
                first.setdefault(node, event["ts"])
    return {
        node: min((first[one], pseudonym(one)) for one in component if one in first)[1]
        for node, component in linked.items()
        if any(one in first for one in component)
    }


def person_of(event: Event, names: Mapping[Node, str]) -> str | None:
    return names.get(("user", event["user"]) if event["user"] else event["device"])


def person_of_session(session: Session, names: Mapping[Node, str]) -> str | None:
    signed_in = [
        event["user"] for event in sorted(session.events + session.attached, key=order) if event["user"]
    ]
    return names.get(("user", signed_in[-1]) if signed_in else session.device)
