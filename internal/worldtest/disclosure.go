package worldtest

import "lapse/internal/event"

// Disclosure is what was handed over about the subjects, three hours before Start.
func Disclosure(id string, subjects ...string) Event {
	return NewEvent(event.DisclosureMade, Object{
		"disclosureId": id, "basis": "compelled", "at": "2026-03-03T09:00:00Z", "categories": []string{"content"},
		"content": true, "subjects": subjects,
	})
}

// At is the disclosure at another instant.
func (e Event) At(instant string) Event { return e.With(Object{"at": instant}) }

// Consented is the disclosure that the customer asked for.
func (e Event) Consented() Event {
	return e.With(Object{"basis": "consent", "note": "asked for by the customer"})
}

// ContactChange gives a subject the new contacts of a user.
func ContactChange(subject string, names ...string) Event {
	return NewEvent(event.ContactChanged, Object{"subjectId": subject, "contacts": Contacts(names...)})
}

// NoticeHold is a person's decision to hold a notice.
func NoticeHold(notice, reason string) Event { return noticeAct(event.NoticeHeld, notice, reason) }

// NoticeRelease is the decision of two persons to let a held notice go.
func NoticeRelease(notice, reason string) Event {
	return noticeAct(event.NoticeReleased, notice, reason).ApprovedBy(Both()...)
}

// NoticeCancel is the decision of two persons never to send a notice.
func NoticeCancel(notice, reason string) Event {
	return noticeAct(event.NoticeCancelled, notice, reason).ApprovedBy(Both()...)
}

// Told tells of a notice whose recipient was told by another way than mail; two persons say so.
func Told(notice, channel, at string) Event {
	return noticeAct(event.NoticeTold, notice, "told by another way").With(Object{"channel": channel, "at": at}).
		ApprovedBy(Both()...)
}

// Objection is an objection to a notice.
func Objection(notice, reason string) Event { return noticeAct(event.NoticeObjected, notice, reason) }

func noticeAct(kind event.Type, notice, reason string) Event {
	return NewEvent(kind, Object{"noticeId": notice, "reason": reason})
}
