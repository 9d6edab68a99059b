package store_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/store"
)

func TestPatienceLeavesTimeForTheAnswer(t *testing.T) {
	for name, row := range map[string]struct {
		left, want time.Duration
	}{
		"nobody waits by a deadline":       {0, 20 * time.Second},
		"a function with a minute":         {time.Minute, 20 * time.Second},
		"a function with ten seconds":      {10 * time.Second, 5 * time.Second},
		"a function that is about to end":  {4 * time.Second, 0},
		"a deadline as long as the bounds": {25 * time.Second, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if row.left > 0 {
					limited, stop := context.WithTimeout(ctx, row.left)
					defer stop()
					ctx = limited
				}
				began := time.Now()
				patience, stop := store.Patience(ctx)
				defer stop()
				<-patience.Done()
				require.Equal(t, row.want, time.Since(began))
			})
		})
	}
}
