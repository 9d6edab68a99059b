//go:build expanded

package lambdatest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// queueFaults holds that every queue says who may write to it, and that what cannot be taken from it is kept elsewhere.
func (e *expanded) queueFaults() []string {
	var faults []string
	policies := map[string]bool{}
	for _, name := range e.of("AWS::SQS::QueuePolicy") {
		for _, queue := range texts(e.Resources[name].Properties["Queues"]) {
			policies[queue] = true
		}
	}
	for _, queue := range e.of("AWS::SQS::Queue") {
		if !policies[queue] && e.written(queue) {
			faults = append(faults, fmt.Sprintf("queue %s has no policy", queue))
		}
		if !strings.HasSuffix(queue, "DeadLetters") && !e.redrives(queue) {
			faults = append(faults, fmt.Sprintf("queue %s has no dead-letter queue", queue))
		}
		if e.Resources[queue].Properties["SqsManagedSseEnabled"] != true {
			faults = append(faults, fmt.Sprintf("queue %s is not encrypted", queue))
		}
		// 1 MiB is the most that SQS takes; its default is 256 KiB. A tick is small.
		if size, _ := e.Resources[queue].Properties["MaximumMessageSize"].(float64); size != 1<<20 && !ticks(queue) {
			faults = append(faults, fmt.Sprintf("queue %s takes messages of 256 KB only", queue))
		}
	}
	for _, rule := range e.of("AWS::Events::Rule") {
		targets, _ := e.Resources[rule].Properties["Targets"].([]any)
		for _, target := range targets {
			if !strings.HasSuffix(text(at(target, "DeadLetterConfig", "Arn")), "DeadLetters.Arn") {
				faults = append(faults, fmt.Sprintf("rule %s loses what it cannot deliver", rule))
			}
		}
	}
	return faults
}

// ticks reports whether a queue holds ticks, of which nobody needs an old one.
func ticks(queue string) bool { return queue == "TickQueue" || queue == "TickDeadLetters" }

// strangers reports whether a log group holds questions of the public, which nobody needs for long.
func strangers(logs string) bool { return logs == "VerifyLogs" || logs == "VerifyAccessLogs" }

// written reports whether anybody but SQS itself puts messages on the queue.
func (e *expanded) written(queue string) bool {
	for _, role := range e.of("AWS::IAM::Role") {
		all, _ := e.rights(role)
		if slices.ContainsFunc(all, func(r right) bool {
			return r.effect == "Allow" && slices.Contains(r.actions, "sqs:SendMessage") &&
				slices.Contains(r.resources, queue+".Arn")
		}) {
			return true
		}
	}
	for _, rule := range e.of("AWS::Events::Rule") {
		targets, _ := e.Resources[rule].Properties["Targets"].([]any)
		for _, target := range targets {
			if text(at(target, "Arn")) == queue+".Arn" || text(at(target, "DeadLetterConfig", "Arn")) == queue+".Arn" {
				return true
			}
		}
	}
	return false
}

// tickFaults holds that the schedule may put ticks on the queue and do nothing else, and that nobody but it and the
// dispatcher may put any there.
func (e *expanded) tickFaults() []string {
	var faults []string
	all, _ := e.rights("TickRole")
	allowed := false
	for _, r := range all {
		for _, action := range r.actions {
			for _, target := range r.resources {
				if own := action == "sqs:SendMessage" && target == "TickQueue.Arn"; own {
					allowed = true
				} else {
					faults = append(faults, fmt.Sprintf("TickRole allows what the schedule does not do: %s on %s", action, target))
				}
			}
		}
	}
	if !allowed {
		faults = append(faults, "TickRole does not allow: sqs:SendMessage on TickQueue.Arn")
	}
	if policy := e.Resources["TickQueuePolicy"]; policy != nil {
		const only = "[map[Action:sqs:SendMessage Condition:map[ArnNotEquals:map[aws:PrincipalArn:" +
			"[map[Fn::GetAtt:[TickRole Arn]] map[Fn::GetAtt:[DispatchRole Arn]]]]] Effect:Deny Principal:* " +
			"Resource:map[Fn::GetAtt:[TickQueue Arn]] Sid:NobodyElse]]"
		if fmt.Sprint(at(policy.Properties["PolicyDocument"], "Statement")) != only {
			faults = append(faults, "others may put ticks on the queue")
		}
	}
	return faults
}

func (e *expanded) redrives(queue string) bool {
	r := e.Resources[queue]
	return r != nil && strings.HasSuffix(text(at(r.Properties, "RedrivePolicy", "deadLetterTargetArn")), "DeadLetters.Arn")
}

// hasDeadLetters reports whether an event that the function fails on is kept, by the queue it came from. Api and verify
// have a caller, who gets the error. What report is to do stands in the bucket, and the next run does it.
func (e *expanded) hasDeadLetters(function string) bool {
	for _, name := range e.of("AWS::Lambda::EventSourceMapping") {
		m := e.Resources[name].Properties
		if text(m["FunctionName"]) == function {
			return e.redrives(strings.TrimSuffix(text(m["EventSourceArn"]), ".Arn"))
		}
	}
	return slices.Contains([]string{"ApiFunction", "VerifyFunction", "ReportFunction"}, function)
}

// dataFaults holds that no records go with the stack, that nothing keeps copies that erasure cannot reach, that logs
// end, and that a second stage fits into the same account.
func (e *expanded) dataFaults() []string {
	var faults []string
	stores := []string{"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"}
	for name, r := range e.Resources {
		if slices.Contains(stores, r.Type) && (r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain") {
			faults = append(faults, name+" is not retained")
		}
		kept := r.DeletionPolicy == "RetainExceptOnCreate" && r.UpdateReplacePolicy == "Retain"
		if kind := kinds()[r.Type]; kind != "" && !kept && !ticks(name) && !strangers(name) {
			faults = append(faults, fmt.Sprintf("%s %s goes with the stack", kind, name))
		}
		if r.Type == "AWS::Events::Archive" || r.Type == "AWS::Pipes::Pipe" {
			faults = append(faults, name+" keeps events that erasure has to reach")
		}
		if r.Properties["StreamSpecification"] != nil {
			faults = append(faults, name+" has a stream")
		}
		if r.Type == "AWS::Logs::LogGroup" && r.Properties["RetentionInDays"] == nil {
			faults = append(faults, fmt.Sprintf("log group %s is kept for ever", name))
		}
		// Longer than a backup that somebody keeps for a year: a restored table learns from these what was sent since.
		if days, _ := r.Properties["RetentionInDays"].(float64); days < 400 &&
			(name == "DispatchLogs" || name == "DeliveryLogs") {
			faults = append(faults, fmt.Sprintf("log group %s is kept for less than 400 days", name))
		}
		for _, key := range []string{"Name", "FunctionName", "TableName", "QueueName", "RoleName", "LogGroupName",
			"DashboardName"} {
			if fixed, ok := r.Properties[key].(string); ok && strings.HasPrefix(r.Type, "AWS::") {
				faults = append(faults, fmt.Sprintf("%s has a name that a second stage would have too", fixed))
			}
		}
	}
	slices.Sort(faults)
	return faults
}

// kinds names what holds events and evidence beside the table.
func kinds() map[string]string {
	return map[string]string{"AWS::SQS::Queue": "queue", "AWS::Logs::LogGroup": "log group"}
}

// announcedMetrics are metrics that have their alarm before anything writes them. Whoever writes one takes it off this
// list.
func announcedMetrics() []string { return nil }

// metricFaults holds the alarms and the dashboard against the metrics that the functions write.
func (e *expanded) metricFaults(written []string) []string {
	read := map[string]bool{}
	note := func(metric any) {
		// Under other dimensions it would be another metric, which nobody writes.
		if fmt.Sprint(at(metric, "Dimensions")) == "[map[Name:Stage Value:map[Ref:Stage]]]" {
			read[text(at(metric, "Namespace"))+" "+text(at(metric, "MetricName"))] = true
		}
	}
	for _, name := range e.of("AWS::CloudWatch::Alarm") {
		alarm := e.Resources[name].Properties
		note(alarm)
		metrics, _ := alarm["Metrics"].([]any)
		for _, m := range metrics {
			note(at(m, "MetricStat", "Metric"))
		}
	}
	var faults []string
	for _, name := range e.of("AWS::CloudWatch::Dashboard") {
		var body struct {
			Widgets []struct{ Properties struct{ Metrics [][]string } }
		}
		if err := json.Unmarshal([]byte(text(e.Resources[name].Properties["DashboardBody"])), &body); err != nil {
			faults = append(faults, fmt.Sprintf("dashboard %s: %v", name, err))
		}
		for _, w := range body.Widgets {
			for _, m := range w.Properties.Metrics {
				if m[0] == "Lapse" && slices.Equal(m[2:], []string{"Stage", "${Stage}"}) {
					read[m[0]+" "+m[1]] = true
				}
			}
		}
	}
	for _, m := range written {
		if !read[m] {
			faults = append(faults, fmt.Sprintf("nothing reads the metric %s, or nothing writes it",
				strings.TrimPrefix(m, "Lapse ")))
		}
		if slices.Contains(announcedMetrics(), m) {
			faults = append(faults, fmt.Sprintf("the metric %s is written by now", m))
		}
		delete(read, m)
	}
	for _, m := range announcedMetrics() {
		delete(read, m)
	}
	for m := range read {
		faults = append(faults, fmt.Sprintf("nothing writes the metric %s", strings.TrimPrefix(m, "Lapse ")))
	}
	slices.Sort(faults)
	return faults
}

func readCall(line string) (call, error) {
	words := strings.Fields(line)
	if len(words) < 3 {
		return call{}, fmt.Errorf("%q is no call", line)
	}
	c := call{function: words[0], action: words[1], resource: words[2], seen: map[string]string{}}
	for _, w := range words[3:] {
		k, v, _ := strings.Cut(w, "=")
		c.seen[k] = v
	}
	return c, nil
}

func readCalls(t *testing.T) []call {
	t.Helper()
	var all []call
	for _, line := range lines(t, callsFile) {
		c, err := readCall(line)
		require.NoError(t, err)
		all = append(all, c)
	}
	require.NotEmpty(t, all)
	return all
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
