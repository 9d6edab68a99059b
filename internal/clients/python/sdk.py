"""Posts one event twice with CloudEvents' SDK for Python, once a content mode: the second is a replay of the first."""

import datetime
import os
import sys
import urllib.request

from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

URL = os.environ["LAPSE_URL"] + "/v1/events"


def post(message):
    """Posts one HTTP message and returns the status."""
    request = urllib.request.Request(URL, data=message.body, headers=message.headers, method="POST")
    with urllib.request.urlopen(request) as answer:
        return answer.status


def event(number):
    """An order for a matter of its own, with attributes that have to be percent-encoded in a header."""
    return CloudEvent(
        attributes={
            "id": f"python {number} \u00fc 100%",
            "source": "sdk.python.example",
            "type": "lapse.order.received.v1",
            "subject": f"mat-python-{number}",
            "time": datetime.datetime(2026, 3, 1, 9, 0, tzinfo=datetime.timezone.utc),
            "datacontenttype": "application/json",
            "actor": "counsel:ak",
            "note": "Stra\u00dfe \"7\" \U0001f600",
        },
        data={
            "orderId": "ord-1",
            "kind": "court_order",
            "issuer": {"name": "Amtsgericht M\u00fcnchen", "role": "court", "country": "DE"},
            "covers": {"subjects": "all"},
            "end": {"kind": "date", "date": "2026-08-31", "wording": "until"},
        },
    )


def main():
    """Posts in either order of the two modes."""
    for number, modes in enumerate([(to_binary_event, to_structured_event), (to_structured_event, to_binary_event)]):
        statuses = [post(mode(event(number))) for mode in modes]
        if statuses != [201, 200]:
            sys.exit(f"the two modes of event {number} are answered {statuses}, not [201, 200]")


main()
