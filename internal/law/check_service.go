package law

import (
	"slices"
	"strings"
	"time"

	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// checkService is K11: was the paper served in the way and the time that the cited law asks for? Late service may
// void it by that law; only two persons may say so.
func checkService() CheckRule {
	return CheckRule{
		ID: "K11", Severity: matter.Deficient, Asks: "Was it served in the way and the time that the law it cites asks for?",
		Fails: "it was served after that time, put in writing after that time, or served by somebody who may not",
		Rests: OwnPolicy + "service is held against a verified law",
		run: func(c reading) matter.Finding {
			switch {
			case c.statute():
				return c.with(matter.Finding{Status: matter.NotApplicable, Message: "Secrecy by statute is not served."})
			case c.Order.Kind == matter.Plea:
				return bindsNobody()
			case !c.cited():
				return c.noRule("how it has to be served")
			}
			for _, check := range []func(reading) (matter.Finding, bool){servedInTime, servedBy, putInWriting, confirmed} {
				if f, said := check(c); said {
					return c.with(f)
				}
			}
			if c.rule.ServeWithin != nil || c.rule.PaperWithin != nil {
				return c.with(matter.Finding{Status: matter.Unknown,
					Message: "The days of signing and service are not both known, and the law it cites sets a time."})
			}
			return c.with(matter.Finding{Status: matter.NotApplicable,
				Message: "The law it cites says nothing about service that could be checked."})
		},
	}
}

// servedInTime answers where both days are known. It takes the days as posted, because the calendar drops days that
// contradict each other.
func servedInTime(c reading) (matter.Finding, bool) {
	signed, served, within := c.Order.SignedOn, c.Order.ServedOn, c.rule.ServeWithin
	if within == nil || signed.IsZero() || served.IsZero() {
		return matter.Finding{}, false
	}
	if late(signed, served, *within, c.rule.ServeFromThatDay) {
		return matter.Finding{Status: matter.Fail, Message: "It was served later than " + within.String() +
			" after it was made, and the law it cites then treats it as quashed. It holds until two persons declare it " +
			"void."}, true
	}
	if f, said := servedBy(c); said && f.Status == matter.Fail {
		return f, true
	}
	return matter.Finding{Status: matter.Pass, Message: "It was served within " + within.String() + "."}, true
}

func servedBy(c reading) (matter.Finding, bool) {
	if len(c.rule.ServedBy) == 0 || c.Request == nil || c.Request.ServedVia == "" {
		return matter.Finding{}, false
	}
	via := strings.ToLower(c.Request.ServedVia)
	if slices.ContainsFunc(c.rule.ServedBy, func(who string) bool { return strings.Contains(via, who) }) {
		return matter.Finding{}, false
	}
	return matter.Finding{Status: matter.Fail, Message: "It came another way than the law it cites allows.",
		Evidence: matter.Evidence{"mayServe": c.rule.ServedBy}}, true
}

// putInWriting holds an oral demand's service against the signing of the paper that had to follow it.
func putInWriting(c reading) (matter.Finding, bool) {
	within := c.rule.PaperWithin
	if within == nil || c.Order.SignedOn.IsZero() || c.Order.ServedOn.IsZero() {
		return matter.Finding{}, false
	}
	if late(c.Order.ServedOn, c.Order.SignedOn, *within, false) {
		return matter.Finding{Status: matter.Fail, Message: "The paper was signed later than " + within.String() +
			" after the demand was made."}, true
	}
	return matter.Finding{Status: matter.Pass, Message: "The paper followed the demand within " + within.String() +
		"."}, true
}

// confirmed asks about an urgent order of somebody who is no court.
func confirmed(c reading) (matter.Finding, bool) {
	if c.rule.ConfirmWithin == nil || slices.Contains([]string{RoleCourt, RoleJudge, RoleMagistrate},
		c.Order.Issuer.Role) {
		return matter.Finding{}, false
	}
	return matter.Finding{Status: matter.NeedsPerson, Message: "Made in urgency without a court: ask whether the " +
		"court's confirmation was applied for within " + c.rule.ConfirmWithin.String() + "."}, true
}

// late reports whether the second day lies after the last of the period from the first. The day itself is not counted,
// unless the period begins with it: three months beginning with 1 July end with 30 September.
func late(from, then matter.Date, within Length, fromThatDay bool) bool {
	end := matter.End{Kind: matter.EndPeriod, N: within.N, Unit: within.Unit, From: "signed"}
	after := calendar.Read(matter.Paper{SignedOn: from, Country: "GB", End: end}, time.Time{}).Strict
	if after.IsZero() {
		return false
	}
	if fromThatDay && !(within.Unit == Months && shorterMonth(from, within.N)) {
		after = after.AddDate(0, 0, -1)
	}
	return !noon(then).Before(after)
}

// shorterMonth reports whether the month n months later has no day of this number, so that a period ends with its last.
func shorterMonth(d matter.Date, n int) bool {
	return time.Date(d.Year, d.Month+time.Month(n), d.Day, 12, 0, 0, 0, time.UTC).Day() != d.Day
}
