package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

func TestAnOldApprovalReleasesNoLaterHold(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Order("o1"))
	w.taken(ann, worldtest.Disclosure("d1", "u1"))
	id := w.notice("u1").ID
	w.taken(ann, worldtest.NoticeHold(id, "a question of ours"))
	first := w.asked(ann, worldtest.NoticeRelease(id, "the question is answered"))
	second := w.asked(ann, worldtest.NoticeRelease(id, "answered indeed"))
	w.taken(bob, worldtest.Given(second.ID))
	w.taken(eve, worldtest.NoticeHold(id, "the court has called: a life is in danger"))
	_, err := w.as(bob, worldtest.Given(first.ID))
	require.Equal(t, notice.Held, w.notice("u1").State, "eve's hold was ended by a release asked for before it: %v", err)
}

func TestAnOldApprovalVoidsNothingThatWasFoundBindingSince(t *testing.T) {
	w := approved(t)
	w.Intake.Principals = true
	w.taken(ann, worldtest.Order("o1").Endless())
	a := w.asked(ann, worldtest.Assessment("o1", "void", worldtest.Both()...))
	w.taken(eve, worldtest.Assessment("o1", "binding", worldtest.Counsel).Reason("the court has confirmed it"))
	_, err := w.as(bob, worldtest.Given(a.ID))
	require.NotEqual(t, matter.OrderVoid, w.order("o1").State, "%v", err)
}
