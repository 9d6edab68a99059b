package memory

import (
	"slices"

	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// each copies a list with a copier of its elements; nil stays nil.
func each[T any](list []T, clone func(T) T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, x := range list {
		out[i] = clone(x)
	}
	return out
}

// ref copies what a pointer points to; nil stays nil.
func ref[T any](p *T, clone func(T) T) *T {
	if p == nil {
		return nil
	}
	return new(clone(*p))
}

func plain[T any](v T) T { return v }

func cloneHead(h matter.Head) matter.Head {
	h.PublicKeyset, h.WrappedKeyset = slices.Clone(h.PublicKeyset), slices.Clone(h.WrappedKeyset)
	h.Salt = slices.Clone(h.Salt)
	h.Restraints = each(h.Restraints, func(r matter.Restraint) matter.Restraint {
		r.Subjects, r.Unknown = slices.Clone(r.Subjects), slices.Clone(r.Unknown)
		r.Mailboxes = slices.Clone(r.Mailboxes)
		r.Tenants, r.Recipients = slices.Clone(r.Tenants), slices.Clone(r.Recipients)
		return r
	})
	return h
}

func cloneAnswer(a ledger.Answer) ledger.Answer {
	a.Findings = slices.Clip(a.Findings)
	a.Order = ref(a.Order, func(o ledger.OrderAnswer) ledger.OrderAnswer {
		o.Until, o.Zone = ref(o.Until, plain), ref(o.Zone, plain)
		return o
	})
	a.Exception = ref(a.Exception, plain)
	a.InFlight = slices.Clone(a.InFlight)
	a.Notices = each(a.Notices, func(n ledger.NoticeBrief) ledger.NoticeBrief {
		n.Due = ref(n.Due, plain)
		return n
	})
	a.NoticesTotal = ref(a.NoticesTotal, plain)
	a.Warnings, a.DisclosableFrom = slices.Clone(a.Warnings), slices.Clone(a.DisclosableFrom)
	return a
}

func cloneReceipt(r ledger.Receipt) ledger.Receipt {
	r.Answer = cloneAnswer(r.Answer)
	return r
}

func cloneRefusal(r ledger.Refusal) ledger.Refusal {
	r.Faults = slices.Clone(r.Faults)
	return r
}

func cloneEntry(e ledger.Entry) ledger.Entry {
	e.Data, e.Extensions = slices.Clone(e.Data), slices.Clone(e.Extensions)
	e.Approval = ref(e.Approval, func(a ledger.EntryApproval) ledger.EntryApproval {
		a.Given = slices.Clone(a.Given)
		return a
	})
	e.Findings, e.Wrote = slices.Clip(e.Findings), slices.Clone(e.Wrote)
	e.Pending = each(e.Pending, cloneSubject)
	return e
}

func cloneRequest(r matter.Request) matter.Request {
	r.DataSought, r.Flags, r.Classes = slices.Clone(r.DataSought), slices.Clone(r.Flags), slices.Clone(r.Classes)
	r.Signed, r.Selectors, r.ValidatedBy = ref(r.Signed, plain), ref(r.Selectors, plain), ref(r.ValidatedBy, plain)
	r.FisaCallRecords, r.FirstOfProduct = ref(r.FisaCallRecords, plain), ref(r.FirstOfProduct, plain)
	r.Advance, r.Objections = ref(r.Advance, plain), slices.Clone(r.Objections)
	r.GoodFaith, r.Closing = ref(r.GoodFaith, plain), ref(r.Closing, plain)
	r.Earlier = each(r.Earlier, func(d matter.EarlierDecision) matter.EarlierDecision {
		d.Grounds = slices.Clone(d.Grounds)
		return d
	})
	r.Challenges = each(r.Challenges, func(c matter.RequestChallenge) matter.RequestChallenge {
		c.Grounds = slices.Clone(c.Grounds)
		return c
	})
	r.Decision = ref(r.Decision, func(d matter.Decided) matter.Decided {
		d.Grounds, d.ApprovedBy = slices.Clone(d.Grounds), slices.Clone(d.ApprovedBy)
		return d
	})
	r.Findings = slices.Clip(r.Findings)
	return r
}

func cloneOrder(o matter.Order) matter.Order {
	r := &o.Received
	r.Covers.Subjects.IDs, r.Covers.Recipients = slices.Clone(r.Covers.Subjects.IDs), slices.Clone(r.Covers.Recipients)
	r.Signed, r.NamesProcess, r.Grounds = ref(r.Signed, plain), ref(r.NamesProcess, plain), slices.Clone(r.Grounds)
	o.Findings = slices.Clip(o.Findings)
	o.Assessments = each(o.Assessments, func(a matter.Assessment) matter.Assessment {
		a.ApprovedBy, a.Override = slices.Clone(a.ApprovedBy), ref(a.Override, plain)
		a.Verified = ref(a.Verified, plain)
		return a
	})
	o.Endings = each(o.Endings, func(e matter.Ending) matter.Ending {
		e.ApprovedBy = slices.Clone(e.ApprovedBy)
		return e
	})
	o.Challenges = each(o.Challenges, func(c matter.OrderChallenge) matter.OrderChallenge {
		c.Grounds = slices.Clone(c.Grounds)
		return c
	})
	return o
}

func cloneException(x matter.Exception) matter.Exception {
	c := &x.Requested.Covers
	c.Subjects.IDs, c.Recipients = slices.Clone(c.Subjects.IDs), slices.Clone(c.Recipients)
	act := func(a matter.ExceptionAct) matter.ExceptionAct {
		a.ApprovedBy = slices.Clone(a.ApprovedBy)
		return a
	}
	x.Approval, x.Renewals, x.Ending = ref(x.Approval, act), each(x.Renewals, act), ref(x.Ending, act)
	return x
}

func cloneApproval(a ledger.Approval) ledger.Approval {
	a.Posted.Data, a.Posted.Extensions = slices.Clone(a.Posted.Data), slices.Clone(a.Posted.Extensions)
	a.Persons, a.Given = slices.Clone(a.Persons), slices.Clone(a.Given)
	return a
}

func cloneDisclosure(d matter.Disclosure) matter.Disclosure {
	f := &d.Facts
	f.Categories, f.ApprovedBy = slices.Clone(f.Categories), slices.Clone(f.ApprovedBy)
	f.NotProduced = slices.Clone(f.NotProduced)
	d.Targets, d.NoData = slices.Clone(d.Targets), slices.Clone(d.NoData)
	return d
}

func cloneSubject(s matter.Subject) matter.Subject {
	s.Contacts = each(s.Contacts, func(c matter.SealedContact) matter.SealedContact {
		c.Sealed = slices.Clone(c.Sealed)
		return c
	})
	s.Former = each(s.Former, func(f matter.Former) matter.Former {
		f.Sealed = slices.Clone(f.Sealed)
		return f
	})
	return s
}

func cloneNotice(n notice.Notice) notice.Notice {
	n.Attempts = slices.Clone(n.Attempts)
	return n
}
