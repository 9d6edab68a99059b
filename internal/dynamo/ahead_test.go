package dynamo_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo"
)

// dated answers every request with no items and the time by its own clock, in a bubble, whose clock is ours.
type dated struct {
	// ahead is how far our clock is ahead of this one; there and back are how long the request and the answer take.
	ahead, there, back time.Duration
	// header changes the answer's header, if set.
	header func(h http.Header)
}

func (d dated) on(o *dynamodb.Options) { o.HTTPClient = d }

func (d dated) Do(*http.Request) (*http.Response, error) {
	<-time.After(d.there)
	h := http.Header{"Content-Type": {"application/x-amz-json-1.0"},
		"Date": {time.Now().Add(-d.ahead).UTC().Format(http.TimeFormat)}}
	if d.header != nil {
		d.header(h)
	}
	<-time.After(d.back)
	return &http.Response{StatusCode: http.StatusOK, Header: h,
		Body: io.NopCloser(strings.NewReader(`{"Responses":{"t":[]}}`))}, nil
}

// measured is how far ahead the store finds our clock, so long after a full second.
func (d dated) measured(t *testing.T, after time.Duration) time.Duration {
	t.Helper()
	<-time.After(time.Until(time.Now().Truncate(time.Second).Add(time.Second + after)))
	c, err := dynamo.New(client(d.on), "t").Control(t.Context())
	require.NoError(t, err)
	return c.Ahead
}

// TestTheClockIsHeldAgainstDynamoDBs: what is found is never more than there is, whatever the second's rest and the
// time on the way do to it, and of an answer that took 10 ms never more than a second and that less.
func TestTheClockIsHeldAgainstDynamoDBs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, ahead := range []time.Duration{0, 500 * time.Millisecond, 2 * time.Second, 3100 * time.Millisecond,
			7 * time.Minute} {
			for _, after := range []time.Duration{0, 1, 300 * time.Millisecond, time.Second - 1} {
				for _, way := range [][2]int{{0, 0}, {5, 5}, {4900, 0}, {0, 4900}, {2000, 2000}} {
					there, back := time.Duration(way[0])*time.Millisecond, time.Duration(way[1])*time.Millisecond
					at := fmt.Sprint(ahead, " at ", after, ", ", there, " there, ", back, " back")
					slack := time.Second + there + back

					fast := dated{ahead: ahead, there: there, back: back}.measured(t, after)
					require.LessOrEqual(t, fast, ahead, at)
					require.GreaterOrEqual(t, fast, max(0, ahead-slack), at)
					slow := dated{ahead: -ahead, there: there, back: back}.measured(t, after)
					require.GreaterOrEqual(t, slow, -ahead, at)
					require.LessOrEqual(t, slow, min(0, slack-ahead), at)
				}
			}
		}
	})
}

// TestNoTimeIsNoWrongClock: an engine may say none, or nothing that can be read.
func TestNoTimeIsNoWrongClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, change := range map[string]func(h http.Header){
			"none": func(h http.Header) { h.Del("Date") }, "no date": func(h http.Header) { h.Set("Date", "soon") },
		} {
			for _, ahead := range []time.Duration{-7 * time.Minute, 7 * time.Minute} {
				require.Zero(t, dated{ahead: ahead, header: change}.measured(t, 0), name)
			}
		}
	})
}
