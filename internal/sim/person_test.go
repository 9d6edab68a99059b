package sim

import (
	"context"
	"time"

	"lapse/internal/dispatch"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// rare draws what only some runs play: the other policy, an outage, and what people do beside papers and disclosures.
func (w *world) rare() {
	if w.rng.IntN(6) == 0 {
		w.policy = dispatch.AtMostOnce
	}
	if w.rng.IntN(12) == 0 {
		w.outage = dawn.Add(time.Duration(w.rng.IntN(240)) * time.Second)
		w.restored = w.outage.Add(time.Duration(24+w.rng.IntN(72)) * time.Hour)
		w.calm = w.restored.Add(w.calm.Sub(dawn))
	}
}

// persons makes the events of people: exceptions, holds and releases of single notices, and the wish to be forgotten.
func (w *world) persons(minute func(from, to int) time.Time) {
	if w.rng.IntN(6) == 0 {
		w.exception(minute)
	}
	for range max(0, w.rng.IntN(12)-9) {
		id := notice.ID(nil, mat, "d1", person(0))
		at := minute(0, 8)
		w.act(at, "notice.held", id)
		if w.rng.IntN(2) == 0 {
			w.act(at.Add(time.Duration(w.rng.IntN(200))*time.Second), "notice.released", id)
		}
	}
	if w.rng.IntN(8) == 0 {
		w.erased = person(w.rng.IntN(19)) // whose contacts no account system changes
		w.post(minute(0, 10), "contact.changed", object{"subjectId": w.erased, "erase": true})
	}
	for range 10 * max(0, w.rng.IntN(6)-4) {
		w.send(posting{at: minute(0, 20).Add(time.Duration(w.rng.IntN(60)) * time.Second), doubt: true})
	}
	if w.rng.IntN(8) == 0 { // somebody is told by post, perhaps while a mail is on its way, or while an order stands
		at := minute(0, 12)
		w.perhaps(at, "notice.told", object{"noticeId": notice.ID(nil, mat, "d1", person(0)),
			"channel": "post", "at": instant(at), "reason": "a letter went out",
			"approvedBy": []string{"counsel:ak", "counsel:bl"}})
	}
	w.send(posting{at: w.calm.Add(time.Hour), decide: true})
}

// tellAhead makes the events of a decision to tell ahead, of an objection, and of the decision that ends it. It returns
// when the first data is handed over: perhaps before those who were told had the time to object.
func (w *world) tellAhead(minute func(from, to int) time.Time) time.Time {
	comply := func(reason string) object {
		// Whatever ground an order brought, counsel has an answer to it.
		return object{"decision": "comply", "reason": reason, "grounds": matter.Grounds(),
			"approvedBy": []string{"counsel:ak", "counsel:bl"}}
	}
	decision := comply("the court narrowed the warrant")
	decision["advanceNotice"] = true
	if w.rng.IntN(2) == 0 {
		decision["advanceUntil"] = instant(minute(1, 6))
	}
	w.post(dawn.Add(time.Duration(w.rng.IntN(90))*time.Second), "request.decided", decision)
	w.send(posting{at: minute(1, 8).Add(30 * time.Second), object: true})
	w.post(w.calm.Add(time.Second), "request.decided", comply("the objection was read"))
	return minute(2, 7)
}

// look is a person's, at what waits for one or at what is in doubt: that is held, and so its next attempt. Or it is
// that of somebody who was told ahead, and objects.
func (w *world) look(p posting) {
	if p.decide {
		w.decide()
		return
	}
	if p.object {
		for n := range w.notices() {
			if n.Kind == notice.Advance && n.State.Accepted() {
				w.perhaps(w.now, "notice.objected", object{"noticeId": n.ID, "reason": "the data is my lawyer's"})
				return
			}
		}
		return
	}
	for n := range w.notices() {
		if n.State == notice.Unknown {
			w.act(w.now, "notice.held", n.ID)
		}
	}
}

// exception is a reason of our own: some are approved, some ended, the others end by themselves.
func (w *world) exception(minute func(from, to int) time.Time) {
	at, id := minute(0, 8), "exc-1"
	review := dawn.AddDate(0, 0, 10+20*w.rng.IntN(2))
	w.post(at, "exception.requested", object{
		"exceptionId": id, "kind": "provider_interest", "covers": object{"subjects": []string{person(1), person(2),
			person(15)}},
		"facts": "the account is used to attack us", "reviewAt": instant(review),
	})
	if w.rng.IntN(2) == 0 {
		w.perhaps(at.Add(time.Duration(w.rng.IntN(200))*time.Second), "exception.approved",
			object{"exceptionId": id, "approvedBy": []string{"counsel:bl"}})
	}
	if w.rng.IntN(2) == 0 {
		w.perhaps(at.Add(time.Duration(w.rng.IntN(600))*time.Second), "exception.ended",
			object{"exceptionId": id, "reason": "the attack is over"})
	}
}

func (w *world) act(at time.Time, kind, noticeID string) {
	w.perhaps(at, kind, object{"noticeId": noticeID, "reason": "counsel wants to look",
		"approvedBy": []string{"counsel:ak", "counsel:bl"}})
}

// perhaps posts an event that may come too late or in another order than it was made, and is then refused for good.
func (w *world) perhaps(at time.Time, kind string, data object) {
	w.post(at, kind, data)
	for i := range w.script {
		if w.script[i].id == w.posted[len(w.posted)-1] {
			w.script[i].perhaps = true
		}
	}
}

// decide is a person who looks once a day at what waits for one: what is held may go, what may have been sent and is
// not to be sent twice is given up.
func (w *world) decide() {
	open := false
	for n := range w.notices() {
		switch {
		case n.State == notice.Held:
			w.act(w.now, "notice.released", n.ID)
		case n.State == notice.Unknown && w.policy == dispatch.AtMostOnce && !n.Next.After(w.now):
			w.act(w.now, "notice.cancelled", n.ID)
		}
		open = open || !n.State.Terminal()
	}
	if open || w.planning() {
		w.send(posting{at: w.now.Add(24 * time.Hour), decide: true})
	}
}

// heeded checks before a mail what people said of its notice.
func (w *world) heeded(l *life, m notice.Mail) {
	n := w.store.PeekAt(m.Notice)
	silent := n.State == notice.Held || n.State == notice.Cancelled || n.State == notice.ToldOtherwise
	if !l.hurt && silent {
		w.fail("a person's word counts", "%s is %s, and a mail of it goes out", n.ID, n.State)
	}
	acts := w.acts[m.Notice]
	for op, freed := range map[notice.Op]int{notice.OpHold: acts[notice.OpFree], notice.OpCancel: 0,
		notice.OpTell: 0} {
		if v := acts[op]; v > freed && l.checked.head.Version >= v {
			w.fail("a person's word counts", "a mail of %s goes out after a final check that knew of its %s at version %d", n.ID,
				op, v)
		}
	}
	if w.policy != dispatch.AtMostOnce {
		return
	}
	for _, a := range n.Attempts {
		// Who lets a notice go that was unknown when it was held decides that it is written again.
		if a.Token != m.Attempt && a.Outcome == notice.OutcomeUnknown && a.Head >= n.CarriedOut {
			w.fail("at most once", "%s is tried again although attempt %s may have reached SES", n.ID, a.Token)
		}
	}
}

// anotherContact checks that a mail does not go to an address which is known to take none.
func (w *world) anotherContact(m notice.Mail) {
	n := w.store.PeekAt(m.Notice)
	now := n.Attempt(m.Attempt)
	for _, a := range n.Attempts {
		if now == nil || !a.Dead || a.Contact != now.Contact || !a.Bounced.Before(now.Claimed) {
			continue // what comes back while an attempt is running does not reach it
		}
		s, _ := w.store.Subjects(context.Background(), mat, []string{n.Subject})
		if a.Head >= s[n.Subject].Revision {
			w.fail("nobody is written to in vain", "%s goes to contact %s, from which a mail came back for good", n.ID,
				a.Contact)
		}
	}
}

// nobodyOwed checks that contacts which are about to be erased are needed for nothing any more.
func (w *world) nobodyOwed(s store.Store, subject string) {
	for n := range w.notices() {
		if n.Kind == notice.Moved && n.Subject == subject && !n.State.Terminal() {
			w.fail("never lost", "the contacts of %s are erased before security message %s is over", subject, n.ID)
		}
	}
	all, _ := s.Disclosures(context.Background(), mat, "")
	for _, d := range all {
		for _, t := range d.Targets {
			if t != subject {
				continue
			}
			if n := w.store.PeekAt(notice.ID(nil, mat, d.ID, subject)); n == nil || !n.State.Terminal() {
				w.fail("never lost", "the contacts of %s are erased before its notice of %s is over", subject, d.ID)
			}
		}
	}
}

// forgotten checks at the end that whoever wanted to be erased was.
func (w *world) forgotten() {
	if w.erased == "" {
		return
	}
	s, _ := w.store.Subjects(context.Background(), mat, []string{w.erased})
	if x := s[w.erased]; !x.Erased || len(x.Contacts)+len(x.Former) > 0 {
		w.fail("who is erased is gone", "%s still has %d contacts", w.erased, len(x.Contacts))
	}
}
