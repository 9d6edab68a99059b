// Package storetest holds the one suite, Run, that every store passes: the contract of package store, as tests. No
// store has to test a promise of it again. It is for tests only.
package storetest

import (
	"slices"
	"testing"

	"lapse/internal/store"
)

// law is one promise of store.Store with the check that fails where a store breaks it.
type law struct {
	name  string
	check func(t *testing.T, s store.Store)
}

// Run checks every law of store.Store, each in a subtest of its own on a store of its own: open returns an empty one.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	laws := slices.Concat(matterLaws(), headLaws(), recordLaws(), subjectLaws(), noticeLaws(), moveLaws(), agendaLaws(),
		controlLaws())
	for _, l := range laws {
		t.Run(l.name, func(t *testing.T) { l.check(t, open(t)) })
	}
}
