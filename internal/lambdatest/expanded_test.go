//go:build expanded

package lambdatest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// These tests read what SAM's translator makes of template.yaml (build/expanded.json, "make permissions") and hold it
// against what the functions were seen to do (testdata/calls.txt and metrics.txt, which the samples' test keeps true).

// expanded is the template after the transform.
type expanded struct {
	Resources map[string]*resource
}

type resource struct {
	Type, Condition, DeletionPolicy, UpdateReplacePolicy string
	Properties                                           map[string]any
}

func readExpanded(t *testing.T) *expanded {
	t.Helper()
	text, err := os.ReadFile("../../build/expanded.json")
	require.NoError(t, err)
	var e expanded
	require.NoError(t, json.Unmarshal(text, &e))
	return &e
}

// of yields the resources of a type, in the order of their names.
func (e *expanded) of(kind string) []string {
	var names []string
	for name, r := range e.Resources {
		if r.Type == kind {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// refs are the parameters and names that calls.txt was recorded with.
func refs() map[string]string {
	return map[string]string{
		"AWS::Partition": "aws", "AWS::Region": "eu-central-1", "AWS::AccountId": "123456789012",
		"Sender": "notices@lapse.example", "SenderIdentity": "lapse.example", "MailSet": "lapse-dev",
		"KeysetKeyArn": keysetKey, "ReportBucket": reportBucket,
	}
}

// text writes a value with its references: "Table.Arn" for an attribute, the parameter's value or the name for a Ref.
func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case map[string]any:
		if name, ok := v["Ref"].(string); ok {
			if known, ok := refs()[name]; ok {
				return known
			}
			return name
		}
		if sub, ok := v["Fn::Sub"].(string); ok {
			for name, known := range refs() {
				sub = strings.ReplaceAll(sub, "${"+name+"}", known)
			}
			return sub
		}
		if get, ok := v["Fn::GetAtt"].([]any); ok {
			return text(get[0]) + "." + text(get[1])
		}
	}
	return fmt.Sprint(value)
}

// texts writes one value, or each of a list.
func texts(value any) []string {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var all []string
	for _, v := range list {
		all = append(all, text(v))
	}
	return all
}

// at follows names through objects.
func at(value any, names ...string) any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// right is one statement of a role.
type right struct {
	sid, effect        string
	actions, resources []string
	// conditions are values by operator and key.
	conditions map[string]map[string][]string
}

// rights are the statements of a role, and what is wrong with how the role has them.
func (e *expanded) rights(role string) ([]right, []string) {
	r := e.Resources[role]
	if r == nil {
		return nil, []string{role + " is no role here"}
	}
	var faults []string
	if r.Properties["ManagedPolicyArns"] != nil {
		faults = append(faults, role+" has policies that nobody here wrote")
	}
	policies, _ := r.Properties["Policies"].([]any)
	var all []right
	for _, p := range policies {
		statements, _ := at(p, "PolicyDocument", "Statement").([]any)
		for _, s := range statements {
			one := right{sid: role + "/" + text(at(s, "Sid")), effect: text(at(s, "Effect")), actions: texts(at(s, "Action")),
				resources: texts(at(s, "Resource")), conditions: map[string]map[string][]string{}}
			operators, _ := at(s, "Condition").(map[string]any)
			for operator, keys := range operators {
				one.conditions[operator] = map[string][]string{}
				for key, values := range keys.(map[string]any) {
					one.conditions[operator][key] = texts(values)
				}
			}
			all = append(all, one)
		}
	}
	return all, faults
}

// covers reports whether the statement is about the call: its action on its resource, with every condition fulfilled.
func (r right) covers(c call) bool {
	if !slices.Contains(r.actions, c.action) || !slices.Contains(r.resources, c.resource) {
		return false
	}
	for operator, keys := range r.conditions {
		for key, values := range keys {
			if !fulfilled(operator, values, c.seen, key) {
				return false
			}
		}
	}
	return true
}

// unseen are rights that the functions' own requests do not use, each with whose request does.
func unseen(function, action, resource string) bool {
	queue := map[string]string{"intake": "IntakeQueue.Arn", "delivery": "DeliveryQueue.Arn",
		"dispatch": "TickQueue.Arn"}[function]
	switch action {
	case "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes":
		return resource == queue // Lambda polls the queue with the function's role
	case "logs:CreateLogStream", "logs:PutLogEvents":
		return resource == strings.ToUpper(function[:1])+function[1:]+"Logs.Arn" // Lambda writes the function's output there
	}
	return false
}

// functionFaults holds one function's role against its calls.
func (e *expanded) functionFaults(resource string, calls []call) []string {
	function := strings.ToLower(strings.TrimSuffix(resource, "Function"))
	role := strings.TrimSuffix(text(e.Resources[resource].Properties["Role"]), ".Arn")
	all, faults := e.rights(role)
	if want := strings.TrimSuffix(resource, "Function") + "Role"; role != want {
		faults = append(faults, fmt.Sprintf("%s has the role %s, not one of its own", resource, role))
	}
	calls = slices.DeleteFunc(slices.Clone(calls), func(c call) bool { return c.function != function })
	for _, c := range calls {
		allowed := slices.ContainsFunc(all, func(r right) bool { return r.effect == "Allow" && r.covers(c) })
		if denied := slices.ContainsFunc(all, func(r right) bool { return r.effect == "Deny" && r.covers(c) }); !allowed ||
			denied {
			faults = append(faults, fmt.Sprintf("%s does not allow: %s", role, c))
		}
	}
	for _, r := range all {
		if r.effect != "Allow" {
			continue
		}
		for _, action := range r.actions {
			for _, target := range r.resources {
				one := right{actions: []string{action}, resources: []string{target}, conditions: r.conditions}
				if !slices.ContainsFunc(calls, one.covers) && !unseen(function, action, target) {
					faults = append(faults, fmt.Sprintf("%s allows what nothing uses: %s on %s", r.sid, action, target))
				}
			}
		}
	}
	return faults
}

// roleFaults holds that every role names what it allows, and that the functions' roles deny what must never be.
func (e *expanded) roleFaults() []string {
	var faults []string
	for _, role := range e.of("AWS::IAM::Role") {
		all, more := e.rights(role)
		faults = append(faults, more...)
		for _, r := range all {
			for _, action := range r.actions {
				if strings.Contains(action, "*") {
					faults = append(faults, fmt.Sprintf("%s: wildcard action %s", r.sid, action))
				}
				for _, target := range r.resources {
					// The quota is the account's; the action knows no resources. The report's files stand below two prefixes.
					files := strings.HasPrefix(target, "arn:aws:s3:::"+reportBucket+"/p")
					if strings.Contains(target, "*") && action != "ses:GetSendQuota" && !files {
						faults = append(faults, fmt.Sprintf("%s: wildcard resource for %s", r.sid, action))
					}
				}
			}
		}
		never := slices.ContainsFunc(all, func(r right) bool {
			return r.effect == "Deny" && len(r.conditions) == 0 && slices.Contains(r.actions, "dynamodb:Scan") &&
				slices.Contains(r.actions, "dynamodb:DeleteTable")
		})
		if role != "TickRole" && role != "ReportScheduleRole" && !never {
			faults = append(faults, role+" does not deny Scan and DeleteTable")
		}
	}
	return faults
}

// faults is all that is wrong with the template.
func (e *expanded) faults(t *testing.T) []string {
	t.Helper()
	faults := slices.Concat(e.roleFaults(), e.queueFaults(), e.tickFaults(), e.dataFaults(),
		e.metricFaults(lines(t, metricsFile)))
	for _, function := range e.of("AWS::Lambda::Function") {
		faults = append(faults, e.functionFaults(function, readCalls(t))...)
		if !e.hasDeadLetters(function) {
			faults = append(faults, function+" has no dead-letter path")
		}
	}
	return faults
}

func TestExpandedTemplate(t *testing.T) {
	e := readExpanded(t)
	require.Equal(t, []string{"ApiFunction", "DeliveryFunction", "DispatchFunction", "IntakeFunction", "ReportFunction",
		"VerifyFunction"},
		e.of("AWS::Lambda::Function"))
	require.Equal(t, []string{"ApiRole", "DeliveryRole", "DispatchRole", "IntakeRole", "ReportRole", "ReportScheduleRole",
		"TickRole", "VerifyRole"},
		slices.Sorted(slices.Values(e.of("AWS::IAM::Role"))))
	require.Empty(t, e.faults(t))
}

// statement finds a statement of the template by its id, to change it.
func (e *expanded) statement(t *testing.T, role, sid string) map[string]any {
	t.Helper()
	policy := e.Resources[role].Properties["Policies"].([]any)[0]
	for _, s := range at(policy, "PolicyDocument", "Statement").([]any) {
		if text(at(s, "Sid")) == sid {
			return s.(map[string]any)
		}
	}
	require.Fail(t, "no statement", "%s/%s", role, sid)
	return nil
}

// TestExpandedTemplateShowsPlantedDefects plants defects in a copy of the template, one at a time: each is found.
func TestExpandedTemplateShowsPlantedDefects(t *testing.T) {
	for want, plant := range map[string]func(e *expanded){
		"ApiRole/Matters allows what nothing uses: dynamodb:DeleteItem on Table.Arn": func(e *expanded) {
			s := e.statement(t, "ApiRole", "Matters")
			s["Action"] = append(s["Action"].([]any), "dynamodb:DeleteItem")
		},
		"DeliveryRole does not allow: delivery dynamodb:DeleteItem Table.Arn dynamodb:LeadingKeys=A#": func(e *expanded) {
			e.statement(t, "DeliveryRole", "Agenda")["Action"] = []any{}
		},
		"IntakeRole does not allow: intake dynamodb:PutItem Table.Arn dynamodb:LeadingKeys=J#": func(e *expanded) {
			e.statement(t, "IntakeRole", "Refusals")["Action"] = []any{}
		},
		"DispatchRole/Announce allows what nothing uses: events:PutEvents on Other.Arn": func(e *expanded) {
			e.statement(t, "DispatchRole", "Announce")["Resource"] = []any{"Bus.Arn", "Other.Arn"}
		},
		"ApiRole/WrapKeysets: wildcard resource for kms:Encrypt": func(e *expanded) {
			s := e.statement(t, "ApiRole", "WrapKeysets")
			s["Resource"] = []any{s["Resource"], "arn:aws:kms:eu-central-1:123456789012:key/*"}
		},
		"TickRole/Tick: wildcard action sqs:*": func(e *expanded) {
			e.statement(t, "TickRole", "Tick")["Action"] = "sqs:*"
		},
		"TickRole does not allow: sqs:SendMessage on TickQueue.Arn": func(e *expanded) {
			e.statement(t, "TickRole", "Tick")["Action"] = "lambda:InvokeFunction"
		},
		"TickRole allows what the schedule does not do: sqs:SendMessage on IntakeQueue.Arn": func(e *expanded) {
			e.statement(t, "TickRole", "Tick")["Resource"] = []any{"TickQueue.Arn", "IntakeQueue.Arn"}
		},
		"others may put ticks on the queue": func(e *expanded) {
			policy := e.Resources["TickQueuePolicy"].Properties["PolicyDocument"].(map[string]any)
			policy["Statement"].([]any)[0].(map[string]any)["Effect"] = "Allow"
		},
		"DispatchRole does not allow: dispatch sqs:SendMessage TickQueue.Arn": func(e *expanded) {
			e.statement(t, "DispatchRole", "TickForGroups")["Action"] = []any{}
		},
		"ReportRole does not allow: report s3:GetObject arn:aws:s3:::lapse-dev-report/private/* " +
			"aws:ResourceAccount=123456789012": func(e *expanded) {
			e.statement(t, "ReportRole", "Snapshots")["Action"] = []any{}
		},
		"ReportRole/Snapshots allows what nothing uses: s3:DeleteObject on arn:aws:s3:::lapse-dev-report/private/*": func(
			e *expanded) {
			e.statement(t, "ReportRole", "Snapshots")["Action"] = []any{"s3:GetObject", "s3:DeleteObject"}
		},
		"IntakeRole does not deny Scan and DeleteTable": func(e *expanded) {
			e.statement(t, "IntakeRole",
				"Never")["Action"] = []any{}
		},
		"ApiRole has policies that nobody here wrote": func(e *expanded) {
			e.Resources["ApiRole"].Properties["ManagedPolicyArns"] = []any{"a"}
		},
		"queue TickQueue has no policy": func(e *expanded) { delete(e.Resources, "TickQueuePolicy") },
		"queue DeliveryDeadLetters has no policy": func(e *expanded) {
			delete(e.Resources, "DeliveryDeadLettersPolicy")
		},
		"queue IntakeQueue has no dead-letter queue": func(e *expanded) {
			delete(e.Resources["IntakeQueue"].Properties,
				"RedrivePolicy")
		},
		"DispatchFunction has no dead-letter path": func(e *expanded) {
			delete(e.Resources["TickQueue"].Properties, "RedrivePolicy")
		},
		"Table is not retained": func(e *expanded) { e.Resources["Table"].UpdateReplacePolicy = "" },
		"Table has a stream": func(e *expanded) {
			e.Resources["Table"].Properties["StreamSpecification"] = map[string]any{}
		},
		"log group ApiLogs is kept for ever": func(e *expanded) {
			delete(e.Resources["ApiLogs"].Properties,
				"RetentionInDays")
		},
		"log group DeliveryLogs is kept for less than 400 days": func(e *expanded) {
			e.Resources["DeliveryLogs"].Properties["RetentionInDays"] = 365.0
		},
		"queue DeliveryQueue goes with the stack": func(e *expanded) {
			e.Resources["DeliveryQueue"].DeletionPolicy = ""
		},
		"log group ApiLogs goes with the stack": func(e *expanded) {
			e.Resources["ApiLogs"].UpdateReplacePolicy = "Delete"
		},
		"queue IntakeDeadLetters takes messages of 256 KB only": func(e *expanded) {
			delete(e.Resources["IntakeDeadLetters"].Properties, "MaximumMessageSize")
		},
		"nothing writes the metric OrdersLost": func(e *expanded) {
			e.Resources["UnreadAlarm"].Properties["MetricName"] = "OrdersLost"
		},
		"Tick has a name that a second stage would have too": func(e *expanded) {
			e.Resources["TickSchedule"].Properties["Name"] = "Tick"
		},
		"nothing reads the metric SweepsFinished, or nothing writes it": func(e *expanded) {
			e.Resources["NoSweepAlarm"].Properties["MetricName"] = "SweepsEnded"
			p := e.Resources["Dashboard"].Properties
			p["DashboardBody"] = strings.ReplaceAll(text(p["DashboardBody"]), "SweepsFinished", "SweepsEnded")
		},
	} {
		t.Run(want, func(t *testing.T) {
			e := readExpanded(t)
			plant(e)
			require.Contains(t, e.faults(t), want)
		})
	}
}

// TestExpandedTemplateShowsAMovedRightTwice: what is moved from one function's role to another's shows on both sides.
func TestExpandedTemplateShowsAMovedRightTwice(t *testing.T) {
	e := readExpanded(t)
	receipts := e.statement(t, "ApiRole", "Receipts")
	moved := maps.Clone(receipts)
	receipts["Action"] = []any{"dynamodb:GetItem"}
	statements := at(e.Resources["DeliveryRole"].Properties["Policies"].([]any)[0], "PolicyDocument").(map[string]any)
	moved["Action"] = []any{"dynamodb:PutItem"}
	statements["Statement"] = append(statements["Statement"].([]any), moved)
	require.ElementsMatch(t, []string{
		"ApiRole does not allow: api dynamodb:PutItem Table.Arn dynamodb:LeadingKeys=E#",
		"DeliveryRole/Receipts allows what nothing uses: dynamodb:PutItem on Table.Arn",
	}, e.faults(t))
}
