package restraint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// Reason is one restraint that covers a target, for people and programs.
type Reason struct {
	// Kind is the paper's kind; Source the order's or exception's id.
	Kind   matter.OrderKind `json:"kind"`
	Source string           `json:"source"`
	// Origin is why it stands; answers do not show it.
	Origin matter.Origin `json:"-"`
	// From is null from the beginning of time, Until without a known end.
	From     *time.Time `json:"from"`
	Until    *time.Time `json:"until"`
	Citation string     `json:"citation"`
	Message  string     `json:"message"`
}

// Reasons explains every restraint in the head that covers the target at some time, with the citation of its order.
func (e *Evaluator) Reasons(h *matter.Head, orders []matter.Order, t Target, now time.Time) []Reason {
	out := []Reason{}
	for _, i := range e.Covering(h, t) {
		r, _ := h.Restraint(i.Source)
		o := find(orders, i.Source)
		out = append(out, Reason{
			Kind: i.Kind, Source: i.Source, Origin: i.Origin,
			From: matter.Instant(i.From), Until: matter.Instant(i.Until),
			Citation: Citation(o, r, h), Message: e.message(r, o, i, h, t, now),
		})
	}
	return out
}

// find is the order of that id; nil where there is none.
func find(orders []matter.Order, id string) *matter.Order {
	for k := range orders {
		if orders[k].ID == id {
			return &orders[k]
		}
	}
	return nil
}

// Citation is the rule behind a restraint. An order states its legal basis; o is nil where there is no order. An
// exception rests on the notice policy.
func Citation(o *matter.Order, r *matter.Restraint, h *matter.Head) string {
	if kind, ours := r.Kind.Exception(); ours {
		return strings.TrimSpace("Notice policy "+h.Policy) + ", exception: " + ExceptionWords(kind)
	}
	if o == nil {
		return ""
	}
	return o.Received.LegalBasis
}

// ExceptionWords names the reason of an exception in words.
func ExceptionWords(kind matter.ExceptionKind) string {
	switch kind {
	case matter.ExceptionChild:
		return "danger to a child"
	case matter.ExceptionEmergency:
		return "danger to life"
	case matter.ExceptionInterest:
		return "a threat to the service, its rights or property"
	case matter.ExceptionCompromised:
		return "a compromised account"
	}
	return strings.ReplaceAll(string(kind), "_", " ")
}

// message says in one or two sentences what the restraint does to this target.
func (e *Evaluator) message(
	r *matter.Restraint, o *matter.Order, i Interval, h *matter.Head, t Target, now time.Time,
) string {
	if i.Kind == matter.Unapproved {
		return unapproved(r, i, now)
	}
	var b strings.Builder
	what, ours := map[matter.OrderKind]string{
		matter.CourtOrder: "The court order", matter.Certification: "The agency's certification",
		matter.Statute: "The statutory secrecy", matter.Plea: "The plea",
	}[i.Kind], false
	if kind, is := i.Kind.Exception(); is {
		what, ours = "Our own exception for "+ExceptionWords(kind)+",", true
	}
	fmt.Fprintf(&b, "%s %s ", what, i.Source)
	if i.endedBy(now) {
		fmt.Fprintf(&b, "forbade telling %s", who(r))
	} else {
		fmt.Fprintf(&b, "forbids telling %s", who(r))
	}
	if !i.From.IsZero() {
		fmt.Fprintf(&b, " from %s", e.when(i.From, r, t))
	}
	_, pastEnd := e.doubted(r, e.stated(r, time.Time{}))
	switch {
	case i.Until.IsZero() && pastEnd:
		b.WriteString(". The end it states had passed when it was recorded, so its year may be mistyped: it holds until a " +
			"person has assessed it.")
	case i.Until.IsZero() && r.Paper.End.Computed() && r.Paper.End.FromDisclosure():
		b.WriteString(", for a period that has not begun.")
	case i.Until.IsZero():
		b.WriteString(", and nobody has said when it ends: it holds until a court or the authority ends it.")
	default:
		fmt.Fprintf(&b, " until %s.", e.when(i.Until, r, t))
	}
	if ours && !i.endedBy(now) {
		b.WriteString(" It ends then unless it is renewed" + r.Paper.End.Text + ".")
	}
	if i.Kind == matter.Plea {
		fmt.Fprintf(&b, " A plea binds nobody; it is given %d days for an order to follow.", Grace(r)/(24*time.Hour))
	}
	b.WriteString(spread(r, t))
	if o != nil && o.Received.NamesProcess != nil && !*o.Received.NamesProcess {
		b.WriteString(" It does not name this process; it holds all the same, for telling could reveal what it does name.")
	}
	if o != nil && e.State(o, h, now) == matter.OrderReceived {
		b.WriteString(" Nobody has decided yet whether it binds; it holds meanwhile.")
	}
	return b.String()
}

// spread says why the restraint covers a target that it does not name.
func spread(r *matter.Restraint, t Target) string {
	text := ""
	if len(r.Unknown) > 0 {
		text += " It names somebody this matter does not know, so it covers everybody until that is settled."
	}
	switch {
	case r.All || slices.Contains(r.Subjects, t.Subject):
	case sharesTenant(r, t):
		text += " It names somebody else of the same organisation, whose mail this recipient may read as well."
	case sharesMailbox(r, t):
		text += " It names somebody else whose mail goes to the same address."
	}
	if r.Spread > 0 {
		text += " It names more people than could be looked up, so it covers everybody until a person has assessed it."
	}
	if r.Torn {
		text += " Whom it covers could not be read just now, so it covers everybody."
	}
	return text
}

// unapproved says what the hold of an emergency disclosure does.
func unapproved(r *matter.Restraint, i Interval, now time.Time) string {
	if i.endedBy(now) {
		return fmt.Sprintf("The emergency disclosure %s waited for a second person, who has approved it.", r.Disclosure)
	}
	return fmt.Sprintf("The emergency disclosure %s is recorded, and its notices wait until a second person has approved "+
		"it.", r.Disclosure)
}

// who names the recipients whom the restraint forbids to tell.
func who(r *matter.Restraint) string {
	if len(r.Recipients) == 0 {
		return "this person"
	}
	roles := make([]string, len(r.Recipients))
	for k, x := range r.Recipients {
		roles[k] = strings.ReplaceAll(string(x), "_", " ")
	}
	return "the " + strings.Join(roles, ", ")
}

// when writes an instant in UTC and, where the paper's zone is known for sure, as the local time there.
func (e *Evaluator) when(t time.Time, r *matter.Restraint, target Target) string {
	utc := t.UTC().Format("2 January 2006, 15:04 UTC")
	zone := e.Reading(r.Paper, target.Disclosed).Zone
	if zone == "" {
		return utc
	}
	loc, err := calendar.Load(zone)
	if err != nil {
		return utc
	}
	return fmt.Sprintf("%s (%s in %s)", utc, t.In(loc).Format("2 January 2006, 15:04"), zone)
}

// instantUTC is the layout of a due, to the second.
const instantUTC = "2 January 2006, 15:04:05 UTC"

// Text is the whole answer to "why not yet?" for one target, in sentences. base is the disclosure's instant, zero
// before any.
func (e *Evaluator) Text(h *matter.Head, orders []matter.Order, t Target, base, now time.Time) string {
	var b strings.Builder
	for _, r := range e.Reasons(h, orders, t, now) {
		b.WriteString(r.Message + " ")
	}
	if b.Len() == 0 {
		b.WriteString("No recorded restraint covers this person. ")
	}
	if base.IsZero() {
		b.WriteString("Nothing has been handed over about this person yet, so there is nothing to tell.")
		return b.String()
	}
	due, known := Due(e.Covering(h, t), base, now)
	switch {
	case !known:
		b.WriteString("So nobody can say yet when the notice may be sent; what holds it is reviewed regularly.")
	case due.After(now):
		fmt.Fprintf(&b, "The notice is due at %s, the first instant that nothing covers.", due.UTC().Format(instantUTC))
	default:
		fmt.Fprintf(&b, "Nothing forbids telling now; the notice has been due since %s.", due.UTC().Format(instantUTC))
	}
	return b.String()
}
