package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sort"
	"sync"
	"time"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/intake"
)

// storyteller posts the steps of the stories as the clock reaches them. It stores the instant of their loading, so that
// a restarted stack goes on with them. A step posted twice is a replay.
type storyteller struct {
	intake *intake.Service
	log    *slog.Logger

	mu    sync.Mutex
	steps []events.Step
}

type keptStories struct {
	Loaded time.Time `json:"loaded"`
}

// load reads the stories and counts their steps from the instant of the first loading: the file's instant, else now.
// Without stories it stores nothing.
func (s *storyteller) load(path string, now time.Time) error {
	kept := keptStories{Loaded: now}
	raw, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := json.Unmarshal(raw, &kept); err != nil {
			return fmt.Errorf("read the stories' load instant: %w", err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read the stories' load instant: %w", err)
	default:
		if raw, err = json.Marshal(kept); err == nil {
			err = os.WriteFile(path, raw, 0o600)
		}
		if err != nil {
			return fmt.Errorf("write the stories' load instant: %w", err)
		}
	}
	stories, err := events.Stories()
	if err != nil {
		return err
	}
	for _, story := range stories {
		steps, err := story.Resolve(kept.Loaded)
		if err != nil {
			return fmt.Errorf("load story %s: %w", story.Name, err)
		}
		s.steps = append(s.steps, steps...)
	}
	sort.SliceStable(s.steps, func(i, j int) bool { return s.steps[i].At.Before(s.steps[j].At) })
	return nil
}

// next returns the instant of the next step, if there is one.
func (s *storyteller) next() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.steps) == 0 {
		return time.Time{}, false
	}
	return s.steps[0].At, true
}

// tell posts every step up to now. It skips a step that intake refuses for its content, because intake would refuse it
// for ever.
func (s *storyteller) tell(ctx context.Context, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.steps) > 0 && !s.steps[0].At.After(now) {
		_, err := s.intake.Take(ctx, s.steps[0].Event, event.DoorHTTP, "story")
		if err != nil && !refused(err) {
			return fmt.Errorf("post a story's step: %w", err)
		}
		if err != nil {
			var ids struct{ ID, Subject string }
			// A step that is not JSON has no ids to log.
			_ = json.Unmarshal(s.steps[0].Event, &ids)
			s.log.WarnContext(ctx, "a story's step was refused and skipped", "id", ids.ID, "matter", ids.Subject)
		}
		s.steps = s.steps[1:]
	}
	return nil
}

// refused reports whether intake will never take the event.
func refused(err error) bool {
	_, bad := errors.AsType[*event.Faults](err)
	return bad || errors.Is(err, event.ErrConflict) || errors.Is(err, event.ErrPredecessor)
}
