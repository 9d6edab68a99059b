package lambdatest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// alarm is what an alarm of the template watches, and when it comes.
type alarm struct {
	Metrics []struct {
		ID         string `yaml:"Id"`
		Expression string `yaml:"Expression"`
		MetricStat struct {
			Metric struct {
				Namespace  string `yaml:"Namespace"`
				MetricName string `yaml:"MetricName"`
				Dimensions []struct {
					Name  string    `yaml:"Name"`
					Value yaml.Node `yaml:"Value"`
				} `yaml:"Dimensions"`
			} `yaml:"Metric"`
			Stat   string `yaml:"Stat"`
			Period int    `yaml:"Period"`
		} `yaml:"MetricStat"`
	} `yaml:"Metrics"`
	EvaluationPeriods  int     `yaml:"EvaluationPeriods"`
	DatapointsToAlarm  int     `yaml:"DatapointsToAlarm"`
	Threshold          float64 `yaml:"Threshold"`
	ComparisonOperator string  `yaml:"ComparisonOperator"`
	TreatMissingData   string  `yaml:"TreatMissingData"`
}

// TestE01_AnOrderThatIntakeCannotTakeIsHeardOfWithinMinutes: a function that ends at its start can say nothing itself. The
// first failure raises the alarm, and it stays until the queue would have given the event again.
func TestE01_AnOrderThatIntakeCannotTakeIsHeardOfWithinMinutes(t *testing.T) {
	stack := readStack(t, readTemplate(t))
	var errors alarm
	node := stack.Resources["ErrorsAlarm"].Properties
	require.NoError(t, node.Decode(&errors))
	var functions []string
	for _, m := range errors.Metrics {
		if m.Expression != "" {
			require.Equal(t, "SUM([api, intake, delivery])", m.Expression)
			continue
		}
		of := m.MetricStat.Metric
		require.Equal(t, "AWS/Lambda Errors", of.Namespace+" "+of.MetricName)
		require.Len(t, of.Dimensions, 1)
		require.Equal(t, "FunctionName", of.Dimensions[0].Name)
		require.Equal(t, "Sum", m.MetricStat.Stat)
		require.LessOrEqual(t, m.MetricStat.Period, 60, "seconds until a failure counts")
		functions = append(functions, m.ID+" "+of.Dimensions[0].Value.Value)
		for _, queue := range []string{"IntakeQueue", "DeliveryQueue"} {
			var q struct {
				VisibilityTimeout int `yaml:"VisibilityTimeout"`
			}
			node := stack.Resources[queue].Properties
			require.NoError(t, node.Decode(&q))
			require.Positive(t, q.VisibilityTimeout)
			stays := time.Duration(errors.EvaluationPeriods*m.MetricStat.Period) * time.Second
			require.Greater(t, stays, time.Duration(q.VisibilityTimeout)*time.Second, "it would come and go with each try of %s", queue)
		}
	}
	require.Equal(t, []string{"api ApiFunction", "intake IntakeFunction", "delivery DeliveryFunction"}, functions,
		"those that no other alarm misses; a failed sweep is one that did not finish")
	require.Equal(t, 1, errors.DatapointsToAlarm)
	require.Zero(t, errors.Threshold)
	require.Equal(t, "GreaterThanThreshold", errors.ComparisonOperator)
	require.Equal(t, "notBreaching", errors.TreatMissingData)
}
