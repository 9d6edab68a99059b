// Package metrics writes CloudWatch metrics the way a function can without a request: as lines in the embedded metric
// format on its log, which CloudWatch Logs turns into metrics. The lines hold numbers and one dimension, the stage; ids
// and addresses have no place in them.
package metrics

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"time"
)

// Namespace is the CloudWatch namespace of all of Lapse's metrics, Dimension the name of their one dimension, whose
// value is the stage. The alarms of template.yaml name both.
const (
	Namespace = "Lapse"
	Dimension = "Stage"
)

// Unit is CloudWatch's word for what is measured.
type Unit string

// The units in use.
const (
	Count   Unit = "Count"
	Seconds Unit = "Seconds"
)

// Writer writes metrics of one stage. It is safe for concurrent use if Out is.
type Writer struct {
	// Out is the function's log: standard output. Every line is one Write; one that fails is lost, as a log line is.
	Out   io.Writer
	Stage string
	// Now is the wall clock that dates the values, to the millisecond.
	Now func() time.Time
}

// Values are numbers by the metrics' names.
type Values map[string]float64

// Write writes one line with all values, in the unit given for their names, or Count.
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
		// Only a number that JSON does not know (NaN) comes here, and no count is one.
		return
	}
	_, _ = w.Out.Write(append(text, '\n'))
}

// One counts one of the named metric.
func (w *Writer) One(name string) { w.Write(Values{name: 1}, nil) }

// metricSet and definition are the format's MetricDirective and MetricDefinition ("Specification: Embedded metric
// format" in the CloudWatch user guide); at most 100 metrics a line, of which no function comes near.
type metricSet struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

type definition struct {
	Name string
	Unit Unit
}
