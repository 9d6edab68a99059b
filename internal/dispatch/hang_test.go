package dispatch_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/notice"
)

// hanging is an opener whose key does not come.
type hanging struct{}

func (hanging) Open(ctx context.Context, _ string, _, _, _ []byte) (matter.Address, error) {
	<-ctx.Done()
	return matter.Address{}, ctx.Err()
}

// TestAKeyThatDoesNotComeCostsNoAttempt: the attempt is released before its lease ends, so it does not count as one
// that may have reached SES.
func TestAKeyThatDoesNotComeCostsNoAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.open("u1")
		w.disclose("d1", "u1")
		w.Opener = hanging{}
		require.Equal(t, 1, w.faultySweep().Errors)
		n := w.notice("d1", "u1")
		require.Equal(t, notice.Retry, n.State)
		require.Empty(t, n.Attempts)
	})
}
