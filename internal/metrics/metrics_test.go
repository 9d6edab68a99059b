package metrics_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/metrics"
)

func writer(out *bytes.Buffer) *metrics.Writer {
	return &metrics.Writer{Out: out, Stage: "dev",
		Now: func() time.Time { return time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC) }}
}

// The expected line is written by hand from the specification: "_aws" with the time in milliseconds and one directive,
// and the dimension and every metric as members of the line itself.
func TestALineIsEmbeddedMetricFormat(t *testing.T) {
	var out bytes.Buffer
	writer(&out).Write(metrics.Values{"SweepsFinished": 1, "OldestOverdue": 90},
		map[string]metrics.Unit{"OldestOverdue": metrics.Seconds})
	require.JSONEq(t, `{"_aws":{"Timestamp":1772359200000,"CloudWatchMetrics":[{"Namespace":"Lapse",
		"Dimensions":[["Stage"]],
		"Metrics":[{"Name":"OldestOverdue","Unit":"Seconds"},{"Name":"SweepsFinished","Unit":"Count"}]}]},
		"Stage":"dev","OldestOverdue":90,"SweepsFinished":1}`, out.String())
}

func TestEveryCountIsALineOfItsOwn(t *testing.T) {
	var out bytes.Buffer
	w := writer(&out)
	w.One("EventsRefused")
	w.One("NoticesBounced")
	lines := bytes.Split(bytes.TrimSuffix(out.Bytes(), []byte("\n")), []byte("\n"))
	require.Len(t, lines, 2)
	require.Contains(t, string(lines[0]), `"EventsRefused":1`)
	require.Contains(t, string(lines[1]), `"NoticesBounced":1`)
}
