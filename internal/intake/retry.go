package intake

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"lapse/internal/store"
)

// retry acts until the act loses no race about the matter. The error matches store.ErrBusy where other events came
// first for as long as the sender's patience lasts (store.Patience). An act that lost a race waits for its turn among
// those of this process, because two that plan on the same head undo each other's work.
func (s *Service) retry(ctx context.Context, matterID string, act func() error) error {
	patience, stop := store.Patience(ctx)
	defer stop()
	return s.retryFor(patience, s.Turns, matterID, act)
}

// retryFor is retry for as long as patience lasts, in these turns.
func (s *Service) retryFor(patience context.Context, in *Turns, matterID string, act func() error) error {
	enter := in.follow
	var lost error
	for n := 1; ; n++ {
		leave, over := enter(patience, matterID)
		if over != nil {
			return busy(n-1, over, lost)
		}
		if lost = during(leave, act); !errors.Is(lost, store.ErrRace) {
			return lost
		}
		if over = patience.Err(); over == nil && s.Wait != nil {
			over = s.Wait(patience, n)
		}
		if over != nil {
			return busy(n, over, lost)
		}
		enter = in.enter
	}
}

// during acts within a turn.
func during(leave func(), act func() error) error {
	defer leave()
	return act()
}

// busy is the error of an event that could not be recorded in time. over is why no time is left, lost the last race.
func busy(tries int, over, lost error) error {
	if lost == nil {
		return fmt.Errorf("%w: no turn came: %w", store.ErrBusy, over)
	}
	return fmt.Errorf("%w: %w after %d tries: %w", store.ErrBusy, over, tries, lost)
}

// Turns is where events wait that want to be recorded in the same matter. The zero Turns is ready. It is safe for
// concurrent use. A nil Turns lets everybody act at once.
type Turns struct {
	mu      sync.Mutex
	matters map[string]*turns
}

// turns are the turns of one matter. Whoever has put the token into held has the turn.
type turns struct {
	held    chan struct{}
	waiting int
}

// enter waits for a turn, in the order of coming, or for the end of ctx. Whoever has a turn has to leave.
func (t *Turns) enter(ctx context.Context, matterID string) (leave func(), err error) {
	if t == nil {
		return func() {}, nil
	}
	line := t.join(matterID)
	select {
	case line.held <- struct{}{}:
		return func() { <-line.held; t.part(matterID, line) }, nil
	case <-ctx.Done():
		t.part(matterID, line)
		return nil, ctx.Err()
	}
}

// follow is enter where somebody waits or has the turn. Else nobody is in the way, and no turn is needed.
func (t *Turns) follow(ctx context.Context, matterID string) (leave func(), err error) {
	if t == nil || !t.busy(matterID) {
		return func() {}, nil
	}
	return t.enter(ctx, matterID)
}

func (t *Turns) busy(matterID string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.matters[matterID] != nil
}

func (t *Turns) join(matterID string) *turns {
	t.mu.Lock()
	defer t.mu.Unlock()
	line := t.matters[matterID]
	if line == nil {
		if t.matters == nil {
			t.matters = map[string]*turns{}
		}
		line = &turns{held: make(chan struct{}, 1)}
		t.matters[matterID] = line
	}
	line.waiting++
	return line
}

// part forgets the line of a matter for which nobody waits any more.
func (t *Turns) part(matterID string, line *turns) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if line.waiting--; line.waiting == 0 {
		delete(t.matters, matterID)
	}
}
