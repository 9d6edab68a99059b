package site

import (
	"slices"
	"time"

	"lapse/internal/inquire"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// need is one thing about a matter that only a person can decide.
type need struct {
	Matter string
	// Noun and ID name the thing, for example "order" and its id. Both are empty if Tail is a whole sentence.
	Noun, ID string
	// Covers names the people concerned, if the page knows them.
	Covers string
	Chip   chip
	// Tail ends the sentence that Noun and ID begin.
	Tail string
	// Href leads to where it is decided, "" where the stack has no page for it.
	Href     string
	Review   stamp
	Findings []findingView
	// endless marks an order without a known end. Its agenda row is a review.
	endless bool
}

// findingView is one finding on a page. Anchor is its place among the page's findings.
type findingView struct {
	Anchor, Check, About            string
	Chip                            chip
	Message, Citation               string
	standing, failed, failing, none bool
}

// findingsOf returns all findings of the matter: the request's first, then each order's.
func findingsOf(v inquire.MatterView) []findingView {
	var out []findingView
	add := func(about string, origin matter.Origin, f matter.Finding) {
		out = append(out, findingView{
			Anchor: "finding-" + number(float64(len(out)+1)), Check: f.Check, About: about, Chip: findingChip(f.Status),
			Message: f.Message, Citation: f.Citation, standing: origin.Standing(),
			failed:  f.Status == matter.Fail,
			failing: f.Status == matter.Fail || f.Status == matter.NeedsPerson,
			none:    f.Status == matter.Unknown,
		})
	}
	for _, f := range v.Findings {
		add("the request", "", f)
	}
	for _, o := range v.Orders {
		for _, f := range o.Findings {
			add(o.ID, o.Origin, f)
		}
	}
	return out
}

// needsOf lists everything that needs a person: orders without an end, unread orders, failed checks of the request or
// of an order that still holds, and notices that could not be delivered or are overdue.
func needsOf(v inquire.MatterView) []need {
	findings := findingsOf(v)
	var out []need
	for _, o := range v.Orders {
		if over(o.State) {
			continue
		}
		n := need{Matter: v.ID, Noun: "order", ID: o.ID, Chip: orderChip(o.State), endless: o.Until == nil}
		for _, f := range findings {
			// A finding that only waits for confirmation is no news about an order whose state is decided.
			unsettled := o.State == matter.OrderReceived || f.standing || f.Check == law.OtherProcess
			if f.About == o.ID && (f.failed || unsettled && (f.failing || f.none)) {
				n.Findings = append(n.Findings, f)
			}
		}
		if n.Tail = tail(o, len(n.Findings) > 0); n.Tail != "" {
			out = append(out, n)
		}
	}
	for _, x := range v.Exceptions {
		if x.State == matter.ExceptionRequested {
			out = append(out, need{
				Matter: v.ID, Noun: "exception", ID: x.ID, Chip: chip{"alarm", "to be approved"},
				Tail: "is ours, and no second person has approved it yet. It ends on " + x.Until.UTC().Format(longDay) +
					" unless a second person approves it.",
			})
		}
	}
	if n, ok := requestNeed(v.ID, findings); ok && (v.Request == nil || v.Request.Decision == nil) {
		out = append(out, n)
	}
	if n, ok := failedNeed(v); ok {
		out = append(out, n)
	}
	if n, ok := overdueNeed(v); ok {
		out = append(out, n)
	}
	return out
}

// tail says why an order that holds needs a person, "" if it needs none.
func tail(o inquire.OrderView, failing bool) string {
	switch {
	case o.Origin == matter.OriginUnverified:
		return "stands because no verified rule says whether telling is allowed. It holds until two persons end it."
	case o.Origin == matter.OriginUnstated:
		return "stands because the request names no law. It holds until an amendment names an open one or two persons end it."
	case o.Origin == matter.OriginUnreadable:
		return "arrived and could not be read. It holds for everybody until two persons have assessed it void."
	case o.State == matter.OrderReceived:
		return "is unread: nobody has decided whether it binds. It holds meanwhile."
	case o.Until == nil && o.Origin.Standing():
		return "is secrecy by statute, without an end. It holds until a court or the authority ends it."
	case o.Until == nil && o.State != matter.OrderPlea:
		return "has no end date. It holds until a court or the authority ends it."
	case failing:
		return "did not pass every check. It binds all the same."
	}
	return ""
}

// requestNeed returns the decision that the request's own findings ask of counsel. It leaves out findings that a
// standing restraint reports itself.
func requestNeed(id string, findings []findingView) (need, bool) {
	n := need{Matter: id, Noun: "request", Chip: chip{"alarm", "to be read"}, Tail: "did not pass every check."}
	for _, f := range findings {
		stands := slices.ContainsFunc(findings, func(g findingView) bool { return g.standing && g.Check == f.Check })
		if f.About == "the request" && f.failing && !stands {
			n.Findings = append(n.Findings, f)
		}
	}
	if !slices.ContainsFunc(n.Findings, func(f findingView) bool { return f.failed }) {
		// Nothing is wrong with it: a person has not said yet what only a person can.
		n.Chip, n.Tail = chip{"hold", "to be read"}, "has what a person has to judge."
	}
	return n, len(n.Findings) > 0
}

// failedNeed collects the notices that need another channel or another address.
func failedNeed(v inquire.MatterView) (need, bool) {
	var who []string
	for _, n := range v.Notices {
		if n.State != notice.Failed && n.State != notice.Bounced {
			continue
		}
		why := ""
		if n.Reason != nil {
			why = " (" + reason(*n.Reason) + ")"
		}
		who = append(who, n.Subject+why)
	}
	slices.Sort(who)
	return need{
		Matter: v.ID, Chip: chip{"alarm", "not delivered"},
		Tail: capital(count(len(who))) + " " + plural(len(who), "notice is", "notices are") + " still owed: " + list(who, 3) +
			".",
	}, len(who) > 0
}

// overdueNeed collects the notices that nothing forbids and that have not gone.
func overdueNeed(v inquire.MatterView) (need, bool) {
	var who []string
	for _, n := range v.Notices {
		if n.Overdue {
			who = append(who, n.Subject)
		}
	}
	slices.Sort(who)
	return need{
		Matter: v.ID, Chip: chip{"alarm", "overdue"},
		Tail: capital(count(len(who))) + " " + plural(len(who), "notice has", "notices have") +
			" not gone though nothing forbids it: " + list(who, 3) + ".",
	}, len(who) > 0
}

// reviewed adds the next review to each order without an end.
func reviewed(needs []need, at map[string]time.Time) []need {
	for i, n := range needs {
		if t, ok := at[n.Matter+"."+n.ID]; ok && n.endless {
			needs[i].Review = written(t, longDay)
		}
	}
	return needs
}
