package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"lapse/internal/matter"
)

// Story is one whole story, as in its file. The package comment describes the format.
type Story struct {
	// Name is the file's name without its extension.
	Name  string      `json:"-"`
	Title string      `json:"title"`
	About string      `json:"about"`
	Steps []StoryStep `json:"steps"`
}

// StoryStep is one event of a story with its tokens. After is the time from the load instant to the event (ISO 8601).
type StoryStep struct {
	After string          `json:"after"`
	Event json.RawMessage `json:"event"`
}

// Step is a story's event, ready to be posted once the clock reaches At.
type Step struct {
	At    time.Time
	Event json.RawMessage
}

// Stories returns the embedded stories by name. An error means that a file is not in the story format.
func Stories() ([]Story, error) {
	names, err := fs.Glob(storyFiles, "stories/*.json")
	if err != nil {
		return nil, fmt.Errorf("list stories: %w", err)
	}
	stories := make([]Story, len(names))
	for i, name := range names {
		raw, err := storyFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read story %s: %w", name, err)
		}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&stories[i]); err != nil {
			return nil, fmt.Errorf("read story %s: %w", name, err)
		}
		stories[i].Name = strings.TrimSuffix(strings.TrimPrefix(name, "stories/"), ".json")
	}
	return stories, nil
}

// Resolve fills in the story's tokens, counted from start. start is the instant at which the story was first loaded,
// cut to the whole second. The steps keep their order. An error names the step and the token.
func (s Story) Resolve(start time.Time) ([]Step, error) {
	start = matter.Floor(start)
	steps := make([]Step, len(s.Steps))
	for i, step := range s.Steps {
		at, err := AddDuration(start, step.After)
		if err != nil {
			return nil, fmt.Errorf("resolve step %d of story %s: %w", i+1, s.Name, err)
		}
		event, err := resolve(step.Event, start)
		if err != nil {
			return nil, fmt.Errorf("resolve step %d of story %s: %w", i+1, s.Name, err)
		}
		steps[i] = Step{At: at, Event: event}
	}
	return steps, nil
}

// resolve replaces the tokens in event. It works on the JSON text, because a token looks the same inside and outside of
// a string, and its replacement needs no escape.
func resolve(event json.RawMessage, start time.Time) (json.RawMessage, error) {
	token := regexp.MustCompile(`\{\{(date|instant) ([^{}"]*)\}\}`)
	var failed error
	out := token.ReplaceAllFunc(event, func(found []byte) []byte {
		parts := token.FindSubmatch(found)
		t, err := AddDuration(start, string(parts[2]))
		if err != nil {
			failed = err
			return found
		}
		if string(parts[1]) == "date" {
			return []byte(t.Format(time.DateOnly))
		}
		return []byte(t.Format(time.RFC3339))
	})
	if failed != nil {
		return nil, failed
	}
	if i := bytes.Index(out, []byte("{{")); i >= 0 {
		return nil, fmt.Errorf("no such token: %.40s", out[i:])
	}
	return out, nil
}
