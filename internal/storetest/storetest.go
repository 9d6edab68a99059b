// Package storetest holds the one suite that every store passes: the contract of package store, as tests. Run runs it.
// A store needs no other test for a promise of that contract. The package is for tests only.
package storetest

import (
	"slices"
	"testing"

	"lapse/internal/store"
)

// law is one promise of store.Store, with a check that fails if a store breaks it.
type law struct {
	name  string
	check func(t *testing.T, s store.Store)
}

// Run checks every law of store.Store in a subtest. Each subtest has a store of its own; open returns an empty one.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	laws := slices.Concat(matterLaws(), headLaws(), recordLaws(), subjectLaws(), noticeLaws(), moveLaws(), agendaLaws(),
		approvalLaws(), controlLaws(), proofLaws(), letterLaws(), reportLaws(), flightLaws())
	for _, l := range laws {
		t.Run(l.name, func(t *testing.T) { l.check(t, open(t)) })
	}
}
