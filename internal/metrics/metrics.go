// Package metrics writes CloudWatch metrics without a request. It writes lines in the embedded metric format to the
// function's log, and CloudWatch Logs turns them into metrics. A line holds numbers and one dimension, the stage. It
// never holds ids or addresses.
package metrics

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"time"
)

// Namespace is the CloudWatch namespace of all metrics of Lapse. Dimension is the name of their one dimension; its
// value is the stage. The alarms of template.yaml name both.
const (
	Namespace = "Lapse"
	Dimension = "Stage"
)

// Unit is CloudWatch's name for a unit.
type Unit string

// The units in use.
const (
	Count   Unit = "Count"
	Seconds Unit = "Seconds"
)

// Writer writes the metrics of one stage. It is safe for concurrent use if Out is.
type Writer struct {
	// Out is the function's log, which is standard output. Every line is one Write. A failed Write loses its line, as with
	// any log line.
	Out   io.Writer
	Stage string
	// Now is the wall clock that dates the values, to the millisecond.
	Now func() time.Time
}

// Values maps metrics' names to numbers.
type Values map[string]float64

// Write writes all values in one line. units names the units; the default is Count.
func (w *Writer) Write(values Values, units map[string]Unit) {
	var directive struct {
		Timestamp         int64
		CloudWatchMetrics []metricSet
	}
	set := metricSet{Namespace: Namespace, Dimensions: [][]string{{Dimension}}}
	line := map[string]any{Dimension: w.Stage}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		unit, ok := units[name]
		if !ok {
			unit = Count
		}
		set.Metrics = append(set.Metrics, definition{Name: name, Unit: unit})
		line[name] = values[name]
	}
	directive.Timestamp, directive.CloudWatchMetrics = w.Now().UnixMilli(), []metricSet{set}
	line["_aws"] = directive
	text, err := json.Marshal(line)
	if err != nil {
		// Only a number without a JSON form (NaN) leads here, and no count is one.
		return
	}
	_, _ = w.Out.Write(append(text, '\n'))
}

// One adds one to the named metric.
func (w *Writer) One(name string) { w.Write(Values{name: 1}, nil) }

// metricSet and definition are the format's MetricDirective and MetricDefinition ("Specification: Embedded metric
// format" in the CloudWatch user guide). A line may hold 100 metrics, and no function writes nearly as many.
type metricSet struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

type definition struct {
	Name string
	Unit Unit
}
