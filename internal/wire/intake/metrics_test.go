package intake

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/intake"
	"lapse/internal/ledger"
	"lapse/internal/metrics"
	"lapse/internal/store"
)

// commits is a store whose Commit ends as given; nothing else is asked of it.
type commits struct {
	intake.Store
	err error
}

func (c commits) Commit(context.Context, store.Change) error { return c.err }

func TestWhatCallsForAPersonIsCountedOnceItIsRecorded(t *testing.T) {
	failed := errors.New("no answer")
	for name, row := range map[string]struct {
		warnings []string
		err      error
		want     int
		nobody   int
	}{
		"another channel, among others":     {[]string{"slow", intake.OtherChannel}, nil, 1, 0},
		"another channel, and not recorded": {[]string{intake.OtherChannel}, failed, 0, 0},
		"nobody to write to":                {[]string{intake.NobodyToWriteTo}, nil, 0, 1},
		"nobody, and not recorded":          {[]string{intake.NobodyToWriteTo}, failed, 0, 0},
		"no notice is owed yet":             {[]string{intake.NoVerifiedContact}, nil, 0, 0},
		"another warning":                   {[]string{"slow"}, nil, 0, 0},
		"no warning":                        {nil, nil, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			s := recorded{commits{err: row.err}, &metrics.Writer{Out: &out, Stage: "dev", Now: time.Now}}
			var c store.Change
			for _, code := range row.warnings {
				c.Receipt.Answer.Warnings = append(c.Receipt.Answer.Warnings, ledger.Warning{Code: code})
			}
			require.ErrorIs(t, s.Commit(t.Context(), c), row.err)
			require.Equal(t, row.want, strings.Count(out.String(), `"OtherChannels":1`))
			require.Equal(t, row.nobody, strings.Count(out.String(), `"NobodyToWriteTo":1`))
		})
	}
}
