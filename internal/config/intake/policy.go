package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"lapse/internal/config"
	"lapse/internal/law"
	"lapse/internal/matter"
)

// policy is the form of POLICY_RULES. What it leaves out has its default.
type policy struct {
	MaxDays        int                                   `json:"maxDays"`
	ChainAlarmDays int                                   `json:"chainAlarmDays"`
	PleaDays       int                                   `json:"pleaDays"`
	ReviewDays     int                                   `json:"reviewDays"`
	Languages      []string                              `json:"languages"`
	Entities       []string                              `json:"entities"`
	Channels       []string                              `json:"channels"`
	Exceptions     map[matter.ExceptionKind]termsOfAKind `json:"exceptions"`
}

// termsOfAKind bound the exceptions of one kind; all three are needed.
type termsOfAKind struct {
	ReviewDays int `json:"reviewDays"`
	Renewals   int `json:"renewals"`
	EndDays    int `json:"endDays"`
}

// The most days that each number may be.
const (
	// mostDays is the longest period that an order can state.
	mostDays = 36_500
	// mostPleaDays: what binds nobody does not keep anybody from being told for longer than an order of 90 days would.
	mostPleaDays = 90
	// mostReviewDays: a notice without a due is looked at again at its restraint's review, so that even a lost re-plan heals.
	mostReviewDays = 90
	// mostExceptionDays is ten years: no exception is for ever.
	mostExceptionDays = 3_660
)

// rulesOf reads the numbers and names of the notice policy, strictly: an unknown field or kind, or a number out of its
// bounds, is wrong, and everything out of bounds is named at once. Empty is all defaults.
func rulesOf(r *config.Reader) (law.Policy, map[matter.ExceptionKind]matter.Terms) {
	rules, terms := law.DefaultPolicy(), matter.DefaultTerms()
	raw := r.Get("POLICY_RULES")
	if raw == "" {
		return rules, terms
	}
	p := policy{
		MaxDays: rules.MaxDays, ChainAlarmDays: rules.ChainAlarmDays, PleaDays: rules.PleaDays, ReviewDays: rules.ReviewDays, Languages: rules.Languages,
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(raw)))
	dec.DisallowUnknownFields()
	err := dec.Decode(&p)
	if _, rest := dec.Token(); err == nil && !errors.Is(rest, io.EOF) {
		err = errors.New("text after the object")
	}
	if err != nil {
		r.Wrong("POLICY_RULES cannot be read: " + err.Error())
		return rules, terms
	}
	within(r, "maxDays", p.MaxDays, mostDays)
	within(r, "chainAlarmDays", p.ChainAlarmDays, mostDays)
	within(r, "pleaDays", p.PleaDays, mostPleaDays)
	within(r, "reviewDays", p.ReviewDays, mostReviewDays)
	for _, kind := range slices.Sorted(maps.Keys(p.Exceptions)) {
		if _, known := terms[kind]; !known {
			r.Wrong(fmt.Sprintf("POLICY_RULES: exceptions: there is no kind %q", kind))
			continue
		}
		terms[kind] = termsOf(r, "exceptions."+string(kind), p.Exceptions[kind])
	}
	rules.MaxDays, rules.ChainAlarmDays, rules.PleaDays, rules.ReviewDays = p.MaxDays, p.ChainAlarmDays, p.PleaDays, p.ReviewDays
	rules.Languages, rules.Entities, rules.Channels = p.Languages, p.Entities, p.Channels
	return rules, terms
}

// termsOf are the terms of one kind of exception: a review that does not come after the end.
func termsOf(r *config.Reader, name string, t termsOfAKind) matter.Terms {
	const day = 24 * time.Hour
	within(r, name+".endDays", t.EndDays, mostExceptionDays)
	within(r, name+".reviewDays", t.ReviewDays, max(t.EndDays, 1))
	if t.Renewals < 0 {
		r.Wrong(fmt.Sprintf("POLICY_RULES: %s.renewals is %d, and has to be 0 or more", name, t.Renewals))
	}
	return matter.Terms{Review: time.Duration(t.ReviewDays) * day, Renewals: t.Renewals, End: time.Duration(t.EndDays) * day}
}

// within says what is wrong with a number that is not 1 to most.
func within(r *config.Reader, name string, n, most int) {
	if n < 1 || n > most {
		r.Wrong(fmt.Sprintf("POLICY_RULES: %s is %d, and has to be 1 to %d", name, n, most))
	}
}
