package intake

import (
	"slices"
	"strings"

	"lapse/internal/agenda"
	"lapse/internal/law"
	"lapse/internal/matter"
)

// stand adds what the law keeps secret without any order and the matter does not have yet. It ends a restraint only
// where the request has answered it (endUnstated). If the request changed after a restraint was ended, the restraint is
// added again. Several laws stand as one restraint that cites all.
func (p requestPlanner) stand(d *draft, req, before *matter.Request, orders []matter.Order) {
	h := d.head()
	h.Instrument, h.Country = req.Instrument, req.Issuer.Country
	standing, finding := p.Law.Standing(req, d.now)
	d.answer.Findings = append(d.answer.Findings, finding)
	other := before != nil && (before.Instrument != req.Instrument || before.LegalBasis != req.LegalBasis ||
		before.Issuer.Country != req.Issuer.Country || before.Issuer.Region != req.Issuer.Region)
	var first law.Standing
	var id string
	var citations, messages []string
	for _, st := range standing {
		had, stands := false, false
		for _, o := range orders {
			if r, ok := h.Restraint(o.ID); ok && st.AnsweredBy(r, o.Received.LegalBasis) {
				had, stands = true, stands || !r.Void && r.Ended.IsZero()
			}
		}
		switch {
		case stands, had && !other:
			continue
		case id == "" && had:
			first, id = st, st.Anew(h.Version)
		case id == "":
			first, id = st, st.ID
		}
		citations, messages = append(citations, st.Citation), append(messages, st.Message)
	}
	if id != "" {
		first.Citation, first.Message = strings.Join(citations, "; "), strings.Join(messages, " ")
		p.addStanding(d, id, first, req.Issuer)
	}
	if slices.ContainsFunc(standing, func(st law.Standing) bool { return st.Origin == matter.OriginUnstated }) {
		d.warn(law.StatesNoLaw, law.StatesNoLawMessage)
	}
	p.endUnstated(d, req, before, orders)
}

// endUnstated ends the hold of a request that named no law, where an amendment has named one and both its instrument
// and its basis are verified open. The finding about standing secrecy, which the ledger keeps, names what it ended.
func (p requestPlanner) endUnstated(d *draft, req, before *matter.Request, orders []matter.Order) {
	hold, answered := p.Law.EndsUnstated(req, d.now)
	if before == nil || !answered {
		return
	}
	h := d.head()
	var ended []string
	for _, o := range orders {
		r, ok := h.Restraint(o.ID)
		if !ok || !hold.Is(r) || r.Void || !r.Ended.IsZero() {
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
	d.replan()
}

// addStanding puts a restraint that stands without any order, for all and without end, beside the orders. Its id is the
// standing's, or another one where it stands anew.
func (p planner) addStanding(d *draft, id string, st law.Standing, issuer matter.Issuer) {
	h := d.head()
	o := matter.Order{
		Matter: h.Matter, ID: id, Recorded: d.now, Version: h.Version, Revision: h.Version,
		Received: matter.PostedOrder{
			OrderID: id, Kind: matter.Statute, Issuer: issuer, LegalBasis: st.Citation, End: matter.End{Kind: matter.EndNone},
			Covers: matter.PostedCovers{Subjects: matter.CoveredSubjects{All: true}},
		},
		Findings: []matter.Finding{{Check: law.StandingCheck, Status: matter.NeedsPerson, Severity: matter.Advice,
			Citation: st.Citation, Message: st.Message}},
	}
	h.Restraints = append(slices.Clone(h.Restraints), matter.Restraint{
		ID: id, Origin: st.Origin, Standing: st.ID, Kind: matter.Statute, Revision: h.Version, All: true, Recorded: d.now,
		Grace: p.Rules.Grace(), Review: p.Rules.Review(),
		Paper: matter.Paper{End: matter.End{Kind: matter.EndNone}, Country: strings.ToUpper(issuer.Country)},
	})
	d.change.Orders = append(d.change.Orders, o)
	if at, open := d.eval.NextOrderVisit(&o, h, d.now); open {
		d.row(agenda.ForOrder(h.Matter, id, at, d.head().Version))
	}
	d.replan()
}
