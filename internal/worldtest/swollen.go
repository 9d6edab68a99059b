package worldtest

import (
	"fmt"
	"strings"
)

// longest is the most characters of a text.
const longest = 4000

// almostAll is a little less than the most bytes of an event.
const almostAll = 252 << 10

// Swollen are events of many types, each almost as large as an event may be, of characters that take more space in some
// form of JSON than in another. The request, the order o1 and the decision that they need are not among them.
func Swollen() map[string]Event {
	all := map[string]Event{}
	for name, r := range map[string]string{
		"less-than signs": "<", "ampersands": "&", "line separators": "\u2028", "characters of four bytes": "\U00010348",
		"quotes": `"`, "letters": "x",
	} {
		text := strings.Repeat(r, longest)
		texts := func(without int) []string {
			n := min(100, almostAll/(len(escaped(r))*longest)-without)
			return strings.Split(strings.TrimSuffix(strings.Repeat(text+"\x00", n), "\x00"), "\x00")
		}
		end := Object{"kind": "event", "text": text}
		for what, e := range map[string]Event{
			"order":      Order("big").With(Object{"grounds": texts(0)}),
			"findings":   Order("big").With(Object{"courtFindings": text, "docket": text, "grounds": texts(2)}),
			"request":    Request("u1").In("mat-other").With(Object{"flags": texts(0)}),
			"amendment":  NewEvent("request.amended", Object{"flags": texts(0)}),
			"decision":   Comply().With(Object{"reason": text, "goodFaith": Object{"verdict": "yes", "note": text}}),
			"assessment": Assessment("o1", "binding", Counsel).With(Object{"reason": text, "untilOverride": end}),
			"challenge":  Challenge("o1", text, "2026-03-02T09:00:00Z"),
			"exception":  Exception("x1", "child", "2026-03-20T00:00:00Z").With(Object{"facts": text}),
			"attributes": Order("big").Extended(strings.Repeat(r, almostAll/100/len(escaped(r))-20)),
			"addresses":  Order("big").Extended(strings.Split(strings.Repeat("@", 600), "")),
		} {
			if what != "attributes" || r != "\u2028" { // an attribute has no line breaks
				all[what+" of "+name] = e
			}
		}
	}
	return all
}

// escaped is the form of a quote in JSON.
func escaped(r string) string { return strings.ReplaceAll(r, `"`, `\"`) }

// Extended is the event with a hundred extension attributes of this value.
func (e Event) Extended(value any) Event {
	e.Extensions = Object{}
	for i := range 100 {
		e.Extensions[fmt.Sprintf("attribute%d", i)] = value
	}
	return e
}
