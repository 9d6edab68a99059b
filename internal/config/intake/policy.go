package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"lapse/internal/config"
	"lapse/internal/law"
	"lapse/internal/matter"
)

// policy is the form of POLICY_RULES. What it leaves out has its default.
type policy struct {
	MaxDays        int                                   `json:"maxDays"`
	ChainAlarmDays int                                   `json:"chainAlarmDays"`
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

// rulesOf reads the numbers and names of the notice policy, strictly: an unknown field or kind, a number that is not
// positive, or a review after the end is wrong. Empty is all defaults.
func rulesOf(r *config.Reader) (law.Policy, map[matter.ExceptionKind]matter.Terms) {
	rules, terms := law.DefaultPolicy(), matter.DefaultTerms()
	raw := r.Get("POLICY_RULES")
	if raw == "" {
		return rules, terms
	}
	p := policy{MaxDays: rules.MaxDays, ChainAlarmDays: rules.ChainAlarmDays, Languages: rules.Languages}
	dec := json.NewDecoder(bytes.NewReader([]byte(raw)))
	dec.DisallowUnknownFields()
	err := dec.Decode(&p)
	if _, rest := dec.Token(); err == nil && !errors.Is(rest, io.EOF) {
		err = errors.New("text after the object")
	}
	if err == nil && (p.MaxDays < 1 || p.ChainAlarmDays < 1) {
		err = errors.New("maxDays and chainAlarmDays have to be positive")
	}
	for kind, t := range p.Exceptions {
		const day = 24 * time.Hour
		if _, known := terms[kind]; !known || t.ReviewDays < 1 || t.Renewals < 0 || t.EndDays < t.ReviewDays {
			err = errors.Join(err, errors.New("exceptions: a kind that does not exist, or terms that bound nothing"))
			continue
		}
		terms[kind] = matter.Terms{Review: time.Duration(t.ReviewDays) * day, Renewals: t.Renewals, End: time.Duration(t.EndDays) * day}
	}
	if err != nil {
		r.Wrong("POLICY_RULES cannot be read: " + err.Error())
	}
	rules.MaxDays, rules.ChainAlarmDays, rules.Languages = p.MaxDays, p.ChainAlarmDays, p.Languages
	rules.Entities, rules.Channels = p.Entities, p.Channels
	return rules, terms
}
