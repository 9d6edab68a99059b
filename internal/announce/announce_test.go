package announce_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/announce"
	"lapse/internal/event"
)

// bus keeps the last event, or fails.
type bus struct {
	detailType, detail string
	fail               error
}

func (b *bus) Announce(_ context.Context, detailType string, detail []byte) error {
	b.detailType, b.detail = detailType, string(detail)
	return b.fail
}

func TestADetailIsPublishedUnderItsOwnType(t *testing.T) {
	b := &bus{}
	detail := event.NoticeSentDetail{Matter: "mat-2026-0001", Notice: "n"}
	require.NoError(t, announce.Publish(t.Context(), b, detail))
	require.Equal(t, "lapse.notice.sent", b.detailType)
	require.JSONEq(t, `{"matter":"mat-2026-0001","notice":"n"}`, b.detail)
	b.fail = errors.New("the bus is away")
	require.ErrorIs(t, announce.Publish(t.Context(), b, detail), b.fail)
}
