package store

import (
	"context"
	"time"
)

const (
	// longestPatience is how long at most a lost race or a conflict is tried again. Sixteen senders of one matter all get
	// their turn in it, and a sender that waits for an answer has not given up yet.
	longestPatience = 20 * time.Second
	// closing is the time reserved for the answer after the last try.
	closing = 5 * time.Second
)

// Patience is the part of ctx in which what lost a race, or met a conflict, is tried again. It ends 5 s before the
// deadline of ctx, and 20 s from now at the latest. It goes by the machine's clock, because a caller waits by that one.
func Patience(ctx context.Context) (context.Context, context.CancelFunc) {
	limited, stop := context.WithTimeout(ctx, longestPatience)
	deadline, ok := ctx.Deadline()
	if !ok {
		return limited, stop
	}
	limited, stopEarlier := context.WithDeadline(limited, deadline.Add(-closing))
	return limited, func() { stopEarlier(); stop() }
}
