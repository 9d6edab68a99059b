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

// TestE01_AnOrderThatIntakeCannotTakeIsHeardOfWithinMinutes: a function that ends at its start can say nothing itself.
// The first failure raises the alarm, and it stays until the queue would have given the event again.
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
			require.Greater(t, stays, time.Duration(q.VisibilityTimeout)*time.Second, "it would come and go with each try of %s",
				queue)
		}
	}
	require.Equal(t, []string{"api ApiFunction", "intake IntakeFunction", "delivery DeliveryFunction"}, functions,
		"those that no other alarm misses; a failed sweep is a failed step, or did not finish")
	require.Equal(t, 1, errors.DatapointsToAlarm)
	require.Zero(t, errors.Threshold)
	require.Equal(t, "GreaterThanThreshold", errors.ComparisonOperator)
	require.Equal(t, "notBreaching", errors.TreatMissingData)
}

// watch is what an alarm on one metric watches.
type watch struct {
	Namespace         string `yaml:"Namespace"`
	MetricName        string `yaml:"MetricName"`
	Statistic         string `yaml:"Statistic"`
	Period            int    `yaml:"Period"`
	EvaluationPeriods int    `yaml:"EvaluationPeriods"`
	DatapointsToAlarm int    `yaml:"DatapointsToAlarm"`
	Threshold         int    `yaml:"Threshold"`
	Comparison        string `yaml:"ComparisonOperator"`
	TreatMissingData  string `yaml:"TreatMissingData"`
	Dimensions        []struct {
		Name  string    `yaml:"Name"`
		Value yaml.Node `yaml:"Value"`
	} `yaml:"Dimensions"`
}

// TestWhatTheAlarmsOnOneMetricWatch: AWS' own metrics are named as AWS names them, and no alarm comes for what is
// healthy.
func TestWhatTheAlarmsOnOneMetricWatch(t *testing.T) {
	stack, queue := readStack(t, readTemplate(t)), "IntakeQueue.QueueName"
	for name, c := range map[string]struct {
		metric, dimension, of string
		statistic             string
		threshold, within     int
	}{
		// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
		"VerifyErrorsAlarm": {"AWS/ApiGateway 5xx", "ApiId", "VerifyApi", "Sum", 0, 600},
		"ApiErrorsAlarm":    {"AWS/ApiGateway 5xx", "ApiId", "Api", "Sum", 0, 600},
		// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
		"IntakeAgeAlarm":        {"AWS/SQS ApproximateAgeOfOldestMessage", "QueueName", queue, "Maximum", 900, 60},
		"FailedNoticesAlarm":    {"Lapse NoticesFailed", "Stage", "Stage", "Sum", 0, 300},
		"NobodyToWriteToAlarm":  {"Lapse NobodyToWriteTo", "Stage", "Stage", "Sum", 0, 300},
		"ApprovalsOverdueAlarm": {"Lapse ApprovalsOverdue", "Stage", "Stage", "Maximum", 0, 300},
	} {
		var w watch
		node := stack.Resources[name].Properties
		require.NoError(t, node.Decode(&w), name)
		require.Equal(t, c.metric, w.Namespace+" "+w.MetricName, name)
		require.Len(t, w.Dimensions, 1, name)
		require.Equal(t, c.dimension+" "+c.of, w.Dimensions[0].Name+" "+w.Dimensions[0].Value.Value, name)
		require.Equal(t, c.statistic, w.Statistic, name)
		require.Equal(t, c.threshold, w.Threshold, name)
		require.Equal(t, c.within, w.Period*w.EvaluationPeriods, "%s: seconds that the alarm stays", name)
		require.True(t, w.DatapointsToAlarm == 1 || w.EvaluationPeriods == 1, "%s: the first time is enough", name)
		require.Equal(t, "GreaterThanThreshold", w.Comparison, name)
		require.Equal(t, "notBreaching", w.TreatMissingData, "%s: no news is good news", name)
	}
}

// TestNoAlarmComesForAHealthyDrain: with a backlog a sweep lasts for as long as its invocation lets it, and the next
// one begins when it ends. Only what the quota does not explain calls anybody, and no single sweep does.
func TestNoAlarmComesForAHealthyDrain(t *testing.T) {
	stack := readStack(t, readTemplate(t))
	var function struct {
		Timeout int `yaml:"Timeout"`
	}
	stack.properties(t, "dispatch", "Function", &function)
	read := func(name string) (w watch) {
		node := stack.Resources[name].Properties
		require.NoError(t, node.Decode(&w), name)
		require.Equal(t, "Stage Stage", w.Dimensions[0].Name+" "+w.Dimensions[0].Value.Value)
		require.Zero(t, w.DatapointsToAlarm, "%s: all periods", name)
		return w
	}
	none := read("NoSweepAlarm")
	require.Equal(t, "Lapse SweepsFinished", none.Namespace+" "+none.MetricName)
	require.Greater(t, none.Period*none.EvaluationPeriods, function.Timeout+60, "two sweeps' ends lie within")
	overdue := read("OverdueAlarm")
	require.Equal(t, "Lapse OldestStuck", overdue.Namespace+" "+overdue.MetricName, "not what the quota makes late")
	require.Equal(t, "Maximum GreaterThanThreshold notBreaching",
		overdue.Statistic+" "+overdue.Comparison+" "+overdue.TreatMissingData)
	require.Greater(t, overdue.EvaluationPeriods, 2, "the last sweep of a drain may lie on the border of two periods")
	require.Greater(t, overdue.Period, function.Timeout, "each period has the end of a sweep")
	require.Equal(t, 900, overdue.Threshold+(overdue.EvaluationPeriods-1)*overdue.Period, "seconds that a notice waits")
}
