// Posts a request, an order and a disclosure with the types that openapi-typescript made, and asks for the due.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Event = components["schemas"]["Event"];

const url = process.env.LAPSE_URL;
if (url === undefined) throw new Error("LAPSE_URL is not set");
const client = createClient<paths>({ baseUrl: url, headers: { "Content-Type": "application/cloudevents+json" } });
const matter = "mat-typescript";
const all = { specversion: "1.0", source: "typescript.example", subject: matter, actor: "counsel:ak" } as const;
const issuer = { name: "District Court", role: "judge", country: "US", zone: "America/Los_Angeles" } as const;

const events: Event[] = [
  {
    ...all, id: "evt-1", type: "lapse.request.received.v1",
    data: {
      reference: "Warrant 26-mc-0001", instrument: "search_warrant", legalBasis: "18 U.S.C. 2703", issuer, receivedAt: "2026-02-27T16:40:00-08:00",
      dataSought: [{ category: "content" }],
      subjects: [{ id: "u1", accountClass: "consumer", contacts: [{ role: "user", email: "u1@example.com", verified: true }] }],
    },
  },
  {
    ...all, id: "evt-2", type: "lapse.order.received.v1",
    data: {
      orderId: "ord-1", kind: "court_order", issuer, covers: { subjects: ["u1"] }, signed: true, signedOn: "2026-02-26",
      end: { kind: "date", date: "2026-08-31", wording: "until" }, legalBasis: "18 U.S.C. 2705(b)",
    },
  },
  { ...all, id: "evt-3", type: "lapse.request.decided.v1", data: { decision: "comply", reason: "valid warrant" } },
  {
    ...all, id: "evt-4", type: "lapse.disclosure.made.v1",
    data: { disclosureId: "d1", basis: "compelled", at: "2026-03-01T09:30:00Z", categories: ["content"], content: true, subjects: ["u1"] },
  },
];

// @ts-expect-error: the type decides about the data
const wrong: Event = { ...all, id: "evt-5", type: "lapse.order.ended.v1", data: { decision: "comply", reason: "r" } };

function expect(what: string, got: unknown, want: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
}

let due: string | null | undefined;
for (const body of events) {
  const { data, error, response } = await client.POST("/v1/events", { body });
  expect(`${body.type} ${JSON.stringify(error)}`, response.status, 201);
  if (data !== undefined && "notices" in data) due = data.notices?.[0]?.due;
}
expect("due", due, "2026-09-01T07:00:00Z");
const refused = await client.POST("/v1/events", { body: wrong });
expect("a wrong event", refused.response.status, 422);
const { data } = await client.GET("/v1/matters/{id}", { params: { path: { id: matter } } });
expect("state", data?.state, "disclosed");
