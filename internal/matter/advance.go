package matter

import (
	"strconv"
	"time"
)

// AdvanceDays is how many days before a disclosure a person is told, where nothing forbids it and the operator says
// nothing else: seven, as Automattic and DigitalOcean promise.
const AdvanceDays = 7

// Advance is the time in which those who were told ahead can object.
type Advance struct {
	// Announcement is the id under which the notices stand. A record like that of a disclosure has their recipients. No
	// disclosure from outside has such an id.
	Announcement string `json:"announcement"`
	// At is when counsel decided to tell ahead. Until is the instant from which data may be handed over.
	At    time.Time `json:"at"`
	Until time.Time `json:"disclosableFrom"`
}

// AnnouncementID is the id of the announcement that the matter version made.
func AnnouncementID(version int) string { return "~advance." + strconv.Itoa(version) }

// Objection is a person's objection to a notice in advance. It stands until two persons decide about the request.
type Objection struct {
	Notice  string    `json:"notice"`
	Subject string    `json:"subject"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
	Actor   string    `json:"actor,omitempty"`
}

// HandedOver are the parts of disclosures without those of announcements, which hand nothing over.
func HandedOver(parts []Disclosure) []Disclosure {
	var out []Disclosure
	for _, p := range parts {
		if !p.Advance {
			out = append(out, p)
		}
	}
	return out
}
