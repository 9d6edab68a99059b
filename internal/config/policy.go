package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"lapse/internal/matter"
)

// Rules are the numbers and names of the notice policy. Their fields are those of law.Policy, in the same order, so
// that one converts to the other. All numbers are days of 24 hours.
type Rules struct {
	MaxDays, ChainAlarmDays int
	MaxIdentifiers          int
	PleaDays, ReviewDays    int
	Languages               []string
	Entities, Channels      []string
	UserTenants             []string
}

// policy is the form of POLICY_RULES. A field that it leaves out has its default.
type policy struct {
	MaxDays        int                                   `json:"maxDays"`
	MaxIdentifiers int                                   `json:"maxIdentifiers"`
	ChainAlarmDays int                                   `json:"chainAlarmDays"`
	PleaDays       int                                   `json:"pleaDays"`
	ReviewDays     int                                   `json:"reviewDays"`
	Languages      []string                              `json:"languages"`
	Entities       []string                              `json:"entities"`
	Channels       []string                              `json:"channels"`
	UserTenants    []string                              `json:"userTenants"`
	Exceptions     map[matter.ExceptionKind]termsOfAKind `json:"exceptions"`
}

// termsOfAKind bound the exceptions of one kind; all three numbers are needed.
type termsOfAKind struct {
	ReviewDays int `json:"reviewDays"`
	Renewals   int `json:"renewals"`
	EndDays    int `json:"endDays"`
}

// The most days that each number may be.
const (
	// mostDays is the longest period that an order can state.
	mostDays = 36_500
	// mostIdentifiers is the most identifiers that a rule may allow: as many as an event can carry.
	mostIdentifiers = 1_000_000
	// mostPleaDays: a plea binds nobody, so it keeps nobody from being told for longer than an order of 90 days would.
	mostPleaDays = 90
	// mostReviewDays: a notice without a due is visited again at its restraint's review, so that even a lost re-plan
	// heals.
	mostReviewDays = 90
	// mostExceptionDays is ten years: no exception is for ever.
	mostExceptionDays = 3_660
)

// policyRules reads POLICY_RULES strictly. An unknown field, an unknown kind and a number out of its bounds are faults,
// and every number out of its bounds is named. An empty variable means all defaults.
func (r *reader) policyRules(defaults Rules) (Rules, map[matter.ExceptionKind]matter.Terms) {
	terms, raw := matter.DefaultTerms(), r.getenv("POLICY_RULES")
	if raw == "" {
		return defaults, terms
	}
	p, err := readPolicy(raw, defaults)
	if err != nil {
		r.fault("POLICY_RULES cannot be read: " + err.Error())
		return defaults, terms
	}
	r.within("maxDays", p.MaxDays, mostDays)
	if p.MaxIdentifiers < 0 || p.MaxIdentifiers > mostIdentifiers {
		r.fault(fmt.Sprintf("POLICY_RULES: maxIdentifiers is none of 0 to %d", mostIdentifiers))
	}
	r.within("chainAlarmDays", p.ChainAlarmDays, mostDays)
	r.within("pleaDays", p.PleaDays, mostPleaDays)
	r.within("reviewDays", p.ReviewDays, mostReviewDays)
	for _, kind := range slices.Sorted(maps.Keys(p.Exceptions)) {
		if _, known := terms[kind]; !known {
			r.fault(fmt.Sprintf("POLICY_RULES: exceptions: there is no kind %q", kind))
			continue
		}
		terms[kind] = r.terms("exceptions."+string(kind), p.Exceptions[kind])
	}
	return Rules{
		MaxDays: p.MaxDays, MaxIdentifiers: p.MaxIdentifiers, ChainAlarmDays: p.ChainAlarmDays,
		PleaDays: p.PleaDays, ReviewDays: p.ReviewDays,
		Languages: p.Languages, Entities: p.Entities, Channels: p.Channels, UserTenants: p.UserTenants,
	}, terms
}

// readPolicy decodes one JSON object over the defaults, and refuses anything else.
func readPolicy(raw string, defaults Rules) (policy, error) {
	p := policy{
		MaxDays: defaults.MaxDays, MaxIdentifiers: defaults.MaxIdentifiers, ChainAlarmDays: defaults.ChainAlarmDays,
		PleaDays: defaults.PleaDays, ReviewDays: defaults.ReviewDays,
		Languages: defaults.Languages, Entities: defaults.Entities, Channels: defaults.Channels,
		UserTenants: defaults.UserTenants,
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(raw)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return p, err
	}
	if _, rest := dec.Token(); !errors.Is(rest, io.EOF) {
		return p, errors.New("text after the object")
	}
	return p, nil
}

// terms are the terms of one kind of exception. Its review may not come after its end.
func (r *reader) terms(name string, t termsOfAKind) matter.Terms {
	const day = 24 * time.Hour
	r.within(name+".endDays", t.EndDays, mostExceptionDays)
	r.within(name+".reviewDays", t.ReviewDays, max(t.EndDays, 1))
	if t.Renewals < 0 {
		r.fault(fmt.Sprintf("POLICY_RULES: %s.renewals is %d, and has to be 0 or more", name, t.Renewals))
	}
	return matter.Terms{
		Review: time.Duration(t.ReviewDays) * day, Renewals: t.Renewals, End: time.Duration(t.EndDays) * day,
	}
}

// within keeps a fault for a number that is not 1 to most.
func (r *reader) within(name string, n, most int) {
	if n < 1 || n > most {
		r.fault(fmt.Sprintf("POLICY_RULES: %s is %d, and has to be 1 to %d", name, n, most))
	}
}
