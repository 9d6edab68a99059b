package events_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/events"
	"lapse/internal/event"
	"lapse/internal/matter"
)

func TestEveryStoryResolvesAndDecodesWheneverItIsLoaded(t *testing.T) {
	stories, err := events.Stories()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(stories), 4)
	for _, start := range []time.Time{
		clock,
		time.Date(2028, 2, 29, 23, 59, 59, 999, time.UTC),
		time.Date(2027, 8, 31, 3, 0, 0, 0, time.FixedZone("", 2*60*60)),
	} {
		seen, owner := map[string]bool{}, map[string]string{}
		for _, story := range stories {
			require.NotEmpty(t, story.Title, story.Name)
			require.NotEmpty(t, story.About, story.Name)
			steps, err := story.Resolve(start)
			require.NoError(t, err)
			for i, step := range steps {
				posted, err := events.Decode(step.Event, step.At)
				require.NoError(t, err, "%s, step %d", story.Name, i+1)
				require.False(t, seen[posted.ID], "%s is the id of two events", posted.ID)
				seen[posted.ID] = true
				require.Equal(t, step.At, posted.Time, "a story's events are sent when they are applied")
				if i > 0 {
					require.False(t, step.At.Before(steps[i-1].At), "%s goes forward", story.Name)
				}
				if other, ok := owner[posted.Matter]; ok {
					require.Equal(t, story.Name, other, "a matter belongs to one story")
				}
				owner[posted.Matter] = story.Name
			}
		}
	}
}

// A notice has to wait, so something is in force when the data go out, unless the person is told ahead. Every story has
// what makes a notice.
func TestStoriesDiscloseWhileAnOrderStands(t *testing.T) {
	stories, err := events.Stories()
	require.NoError(t, err)
	for _, story := range stories {
		steps, err := story.Resolve(clock)
		require.NoError(t, err)
		var order *matter.PostedOrder
		var decided, ahead, disclosed bool
		for _, step := range steps {
			posted, err := events.Decode(step.Event, step.At)
			require.NoError(t, err)
			switch data := posted.Data.(type) {
			case *event.RequestDecidedData:
				decided, ahead = data.Decision.Complies(), data.AdvanceNotice
			case *matter.PostedOrder:
				order = data
			case *event.DisclosureMadeData:
				disclosed = true
				require.True(t, decided, story.Name)
				if ahead {
					require.Nil(t, order, story.Name)
					continue
				}
				require.NotNil(t, order, story.Name)
				require.True(t, order.SignedOn.Before(matter.DateOf(data.At)), story.Name)
				if order.End.Kind == matter.EndDate {
					require.True(t, matter.DateOf(clock).Before(order.End.Date), story.Name)
				}
			}
		}
		require.True(t, disclosed, story.Name)
	}
}

func TestTokensCountFromTheLoadInstant(t *testing.T) {
	story := events.Story{Name: "s", Steps: []events.StoryStep{{
		After: "P1D",
		Event: json.RawMessage(`{"a":"{{date -P30D}}","b":["on {{date P1M}}, at {{instant -PT3H}}"],"c":"{{instant P0D}}"}`),
	}}}
	steps, err := story.Resolve(time.Date(2026, 1, 31, 12, 0, 0, 7, time.UTC))
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC), steps[0].At)
	require.JSONEq(t, `{"a":"2026-01-01","b":["on 2026-02-28, at 2026-01-31T09:00:00Z"],"c":"2026-01-31T12:00:00Z"}`,
		string(steps[0].Event))

	for name, step := range map[string]events.StoryStep{
		"a step without a time":  {After: "", Event: json.RawMessage(`{}`)},
		"an unknown token":       {After: "P0D", Event: json.RawMessage(`{"a":"{{day P1D}}"}`)},
		"a token without a sum":  {After: "P0D", Event: json.RawMessage(`{"a":"{{date}}"}`)},
		"a token that is no sum": {After: "P0D", Event: json.RawMessage(`{"a":"{{date tomorrow}}"}`)},
	} {
		_, err := events.Story{Steps: []events.StoryStep{step}}.Resolve(clock)
		require.Error(t, err, name)
	}
}
