package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lapse/internal/agenda"
	"lapse/internal/matter"
)

// judge judges a request as it stands now: what the law keeps secret without any order, and the review. The findings are
// the event's answer.
func (s *Service) judge(ctx context.Context, d *draft, req, before *matter.Request, posted []matter.PostedSubject) error {
	orders, err := s.Records.Orders(ctx, req.Matter)
	if err != nil {
		return fmt.Errorf("read the orders of %s: %w", req.Matter, err)
	}
	s.stand(d, req, before, orders)
	s.review(d, req, posted, orders)
	req.Findings = d.answer.Findings
	return nil
}

// stand adds what the law keeps secret without any order and the matter does not have yet, and never ends a restraint. One
// that was ended was so for the request as it was: where that is another since, it stands anew. What comes together stands
// as one restraint that cites every law, for an event has room for one.
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
		Findings: []matter.Finding{{Check: "L01", Status: matter.NeedsPerson, Severity: matter.Advice, Citation: citation, Message: message}},
	}
	h.Restraints = append(slices.Clone(h.Restraints), matter.Restraint{
		ID: id, Kind: matter.Statute, Revision: h.Version, All: true, Recorded: d.now, Grace: s.Rules.Grace(), Review: s.Rules.Review(),
		Paper: matter.Paper{End: matter.End{Kind: matter.EndNone}, Country: strings.ToUpper(issuer.Country)},
	})
	d.change.Orders = append(d.change.Orders, o)
	if at, open := d.eval.OrderLook(&o, h, d.now); open {
		d.row(agenda.Order, h.Matter+"."+id, at)
	}
	if !d.replanned() {
		d.replan()
	}
}
