"""Posts a request, an order and a disclosure with the client that openapi-python-client made, and asks for the due."""

import datetime
import importlib
import os
import pkgutil
import sys

import lapse_client
from lapse_client import models
from lapse_client.api.events import post_batch, post_events, post_order_received
from lapse_client.api.questions import get_agenda, get_matter
from lapse_client.client import Client

MATTER = "mat-python-generated"
COURT = {"name": "District Court", "country": "US", "zone": "America/Los_Angeles"}


def envelope(number):
    """The attributes that all events have in common."""
    return {"specversion": "1.0", "id": f"evt-{number}", "source": "python.example", "subject": MATTER, "actor": "counsel:ak"}


def request():
    """The request, typed by its own class."""
    return models.RequestReceivedEvent(
        **envelope(1),
        type_="lapse.request.received.v1",
        data=models.RequestReceivedData(
            reference="Warrant 26-mc-0001",
            instrument=models.PostedInstrument.SEARCH_WARRANT,
            legal_basis="18 U.S.C. 2703",
            issuer=models.PostedIssuer(role=models.PostedIssuerRole.JUDGE, **COURT),
            received_at=datetime.datetime(2026, 2, 27, 16, 40, tzinfo=datetime.timezone.utc),
            data_sought=[models.PostedDataSoughtItem(category=models.PostedCategory.CONTENT)],
            subjects=[
                models.PostedSubject(
                    id="u1",
                    account_class=models.PostedSubjectAccountClass.CONSUMER,
                    contacts=[models.PostedContact(role=models.PostedRecipient.USER, email="u1@example.com", verified=True)],
                )
            ],
        ),
    )


def order():
    """The order, whose end is one of several classes."""
    return models.OrderReceivedEvent(
        **envelope(2),
        type_="lapse.order.received.v1",
        data=models.OrderReceivedData(
            order_id="ord-1",
            kind=models.OrderReceivedDataKind.COURT_ORDER,
            issuer=models.PostedIssuer(role=models.PostedIssuerRole.JUDGE, **COURT),
            covers=models.PostedCovers(subjects=["u1"]),
            end=models.PostedEndPartDate(kind="date", date=datetime.date(2026, 8, 31), wording=models.PostedEndPartDateWording.UNTIL),
            legal_basis="18 U.S.C. 2705(b)",
            signed=True,
            signed_on=datetime.date(2026, 2, 26),
        ),
    )


def decision():
    """Counsel's decision, without which nothing is handed over."""
    return models.RequestDecidedEvent(
        **envelope(3),
        type_="lapse.request.decided.v1",
        data=models.RequestDecidedData(decision=models.RequestDecidedDataDecision.COMPLY, reason="valid warrant"),
    )


def disclosure():
    """The disclosure, which owes a notice."""
    return models.DisclosureMadeEvent(
        **envelope(4),
        type_="lapse.disclosure.made.v1",
        data=models.DisclosureMadeData(
            disclosure_id="d1",
            basis=models.DisclosureMadeDataBasis.COMPELLED,
            at=datetime.datetime(2026, 3, 1, 9, 30, tzinfo=datetime.timezone.utc),
            categories=[models.PostedCategory.CONTENT],
            content=True,
            subjects=["u1"],
        ),
    )


def expect(what, got, want):
    """Ends the program where an answer is another than wanted."""
    if got != want:
        sys.exit(f"{what}: {got}, not {want}")


def main():
    """Imports every module, posts, and asks."""
    for module in pkgutil.walk_packages(lapse_client.__path__, "lapse_client."):
        importlib.import_module(module.name)
    client = Client(base_url=os.environ["LAPSE_URL"], raise_on_unexpected_status=True)
    answers = [
        post_events.sync_detailed(client=client, body=request()),
        post_order_received.sync_detailed(client=client, body=order()),
        post_events.sync_detailed(client=client, body=decision()),
        post_events.sync_detailed(client=client, body=disclosure()),
    ]
    expect("statuses", [answer.status_code.value for answer in answers], [201] * 4)
    due = datetime.datetime(2026, 9, 1, 7, tzinfo=datetime.timezone.utc)
    expect("due", answers[3].parsed.notices[0].due, due)
    batch = post_batch.sync(client=client, body=[order(), disclosure()])
    expect("a batch of replays", [int(item.status) for item in batch], [200, 200])
    matter = get_matter.sync(MATTER, client=client)
    expect("state", matter.state, models.MatterState.DISCLOSED)
    agenda = get_agenda.sync(client=client, limit=10)
    expect("agenda", due in [item.at for item in agenda.items], True)
    refused = post_order_received.sync_detailed(client=client, body=models.OrderReceivedEvent.from_dict(
        {**order().to_dict(), "id": "evt-5", "subject": MATTER, "actor": "no body"}))
    expect("a refusal", (refused.status_code.value, refused.parsed.errors[0].pointer), (422, "/actor"))


main()
