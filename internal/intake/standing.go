package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lapse/internal/agenda"
	"lapse/internal/law"
	"lapse/internal/ledger"
	"lapse/internal/matter"
)

// judge judges a request as it stands now: what the law keeps secret without any order, and the review. The findings
// are the event's answer.
func (s *Service) judge(ctx context.Context, d *draft, req, before *matter.Request,
	posted []matter.PostedSubject) error {
	orders, err := s.Store.Orders(ctx, req.Matter)
	if err != nil {
		return fmt.Errorf("read the orders of %s: %w", req.Matter, err)
	}
	s.stand(d, req, before, orders)
	s.review(d, req, posted, orders)
	req.Findings = d.answer.Findings
	return nil
}

// stand adds what the law keeps secret without any order and the matter does not have yet, and never ends a restraint.
// One that was ended was so for the request as it was: where that is another since, it stands anew. What comes together
// stands as one restraint that cites every law, for an event has room for one.
func (s *Service) stand(d *draft, req, before *matter.Request, orders []matter.Order) {
	h := d.head()
	h.Instrument, h.Country = req.Instrument, req.Issuer.Country
	standing, finding := s.Law.Standing(req, d.now)
	d.answer.Findings = append(d.answer.Findings, finding)
	other := before != nil && (before.Instrument != req.Instrument || before.LegalBasis != req.LegalBasis ||
		before.Issuer.Country != req.Issuer.Country || before.Issuer.Region != req.Issuer.Region)
	id := ""
	var citations, messages []string
	for _, st := range standing {
		had, stands := false, false
		for _, o := range orders {
			if r, ok := h.Restraint(o.ID); ok && st.AnsweredBy(&o) {
				had, stands = true, stands || !r.Void && r.Ended.IsZero()
			}
		}
		switch {
		case stands, had && !other:
			continue
		case id == "" && had:
			id = st.Anew(h.Version)
		case id == "":
			id = st.ID
		}
		citations, messages = append(citations, st.Citation), append(messages, st.Message)
	}
	if id != "" {
		s.addStanding(d, id, strings.Join(citations, "; "), strings.Join(messages, " "), req.Issuer)
	}
	if slices.ContainsFunc(standing, func(st law.Standing) bool { return st.Citation == law.Unstated }) {
		d.answer.Warnings = append(d.answer.Warnings, ledger.Warning{Code: law.StatesNoLaw, Message: law.StatesNoLawMessage})
	}
	s.endUnstated(d, req, before, orders)
}

// endUnstated ends the hold of a request that named no law, where an amendment has named one and both its instrument
// and its basis are verified open. The finding about standing secrecy, which the ledger keeps, names what it ended.
func (s *Service) endUnstated(d *draft, req, before *matter.Request, orders []matter.Order) {
	hold, answered := s.Law.EndsUnstated(req, d.now)
	if before == nil || !answered {
		return
	}
	h := d.head()
	var ended []string
	for _, o := range orders {
		r, ok := h.Restraint(o.ID)
		if !ok || !hold.Is(o.ID) || r.Void || !r.Ended.IsZero() {
			continue
		}
		h.Restraints = slices.Clone(h.Restraints)
		r, _ = h.Restraint(o.ID)
		r.Ended, r.Revision, o.Revision = d.now, h.Version, h.Version
		o.Endings = append(slices.Clone(o.Endings), matter.Ending{How: law.EndedByBasis, EffectiveAt: d.now, At: d.now})
		d.change.Orders = append(d.change.Orders, o)
		ended = append(ended, o.ID)
	}
	if len(ended) == 0 {
		return
	}
	for i := range d.answer.Findings {
		if f := &d.answer.Findings[i]; f.Check == law.StandingCheck {
			f.Evidence["ended"] = ended
		}
	}
	if !d.replanned() {
		d.replan()
	}
}

// stillHeld warns of what holds beside a restraint that has just ended: it covers some of the same persons.
func (s *Service) stillHeld(ctx context.Context, d *draft, ended *matter.Restraint) error {
	h := d.head()
	orders, err := s.Store.Orders(ctx, h.Matter)
	if err != nil {
		return fmt.Errorf("read the orders of %s: %w", h.Matter, err)
	}
	var left []law.Hold
	for i := range h.Restraints {
		r := &h.Restraints[i]
		until := d.eval.Ends(r, h.LastDisclosed).Until
		over := r.Void || !r.Ended.IsZero() && !r.Ended.After(d.now) || !until.IsZero() && !until.After(d.now)
		shared := r.All || ended.All || slices.ContainsFunc(r.Subjects, func(id string) bool {
			return slices.Contains(ended.Subjects, id)
		})
		if r.ID == ended.ID || over || !shared {
			continue
		}
		hold := law.Hold{ID: r.ID, Until: until}
		if o := orderOf(orders, r.ID); o != nil {
			hold.Citation = o.Received.LegalBasis
		}
		left = append(left, hold)
	}
	if said := law.StillHeld(left); said != "" {
		d.answer.Warnings = append(d.answer.Warnings, ledger.Warning{Code: law.StillHolds, Message: said})
	}
	return nil
}

// addStanding puts a restraint that stands without any order, for all and without end, beside the orders.
func (s *Service) addStanding(d *draft, id, citation, message string, issuer matter.Issuer) {
	h := d.head()
	o := matter.Order{
		Matter: h.Matter, ID: id, Recorded: d.now, Version: h.Version, Revision: h.Version,
		Received: matter.PostedOrder{
			OrderID: id, Kind: matter.Statute, Issuer: issuer, LegalBasis: citation, End: matter.End{Kind: matter.EndNone},
			Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{All: true}},
		},
		Findings: []matter.Finding{{Check: "L01", Status: matter.NeedsPerson, Severity: matter.Advice, Citation: citation,
			Message: message}},
	}
	h.Restraints = append(slices.Clone(h.Restraints), matter.Restraint{
		ID: id, Kind: matter.Statute, Revision: h.Version, All: true, Recorded: d.now, Grace: s.Rules.Grace(),
		Review: s.Rules.Review(),
		Paper:  matter.Paper{End: matter.End{Kind: matter.EndNone}, Country: strings.ToUpper(issuer.Country)},
	})
	d.change.Orders = append(d.change.Orders, o)
	if at, open := d.eval.NextOrderVisit(&o, h, d.now); open {
		d.row(agenda.ForOrder(h.Matter, id, at, d.head().Version))
	}
	if !d.replanned() {
		d.replan()
	}
}
