//go:build expanded

package lambdatest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	legalRole   = "arn:aws:iam::123456789012:role/legal"
	accountRole = "arn:aws:iam::123456789012:role/account"
	deployRole  = "arn:aws:iam::123456789012:role/deploy"
	adminRole   = "arn:aws:iam::123456789012:role/admin"
)

// busParameters are the parameters about the bus; without them nobody but Lapse uses it.
type busParameters map[string][]string

func allBusParameters() busParameters {
	return busParameters{
		"BusLegalRole": {legalRole}, "BusAccountRole": {accountRole}, "DeployRole": {deployRole},
		"BusLegalTypes":   {"lapse.order.received.v1", "lapse.disclosure.made.v1"},
		"BusAccountTypes": {"lapse.contact.changed.v1"},
	}
}

// holds evaluates a condition of the template.
func (p busParameters) holds(condition string) bool {
	roles := map[string]string{"LegalUsesBus": "BusLegalRole", "AccountUsesBus": "BusAccountRole",
		"HasDeployRole": "DeployRole"}
	return condition == "" || len(p[roles[condition]]) > 0
}

// values writes a value of a policy with these parameters.
func (p busParameters) values(value any) []string {
	if list, ok := value.([]any); ok {
		var all []string
		for _, v := range list {
			all = append(all, p.values(v)...)
		}
		return all
	}
	if branches, ok := at(value, "Fn::If").([]any); ok {
		if p.holds(text(branches[0])) {
			return p.values(branches[1])
		}
		return p.values(branches[2])
	}
	name, _ := at(value, "Ref").(string)
	if name == "AWS::NoValue" {
		return nil
	}
	if known, ok := p[name]; ok {
		return known
	}
	return []string{text(value)}
}

// denials are the ids of the statements of the bus that deny the call.
func (e *expanded) denials(p busParameters, c call) []string {
	var ids []string
	for _, name := range e.of("AWS::Events::EventBusPolicy") {
		r := e.Resources[name]
		if !p.holds(r.Condition) {
			continue
		}
		s := at(r.Properties, "Statement")
		one := right{actions: texts(at(s, "Action")), resources: texts(at(s, "Resource"))}
		one.conditions = map[string]map[string][]string{}
		for operator, keys := range at(s, "Condition").(map[string]any) {
			one.conditions[operator] = map[string][]string{}
			for key, values := range keys.(map[string]any) {
				one.conditions[operator][key] = p.values(values)
			}
		}
		if at(s, "Effect") == "Deny" && at(s, "Principal") == "*" && one.covers(c) {
			ids = append(ids, text(r.Properties["StatementId"]))
		}
	}
	slices.Sort(ids)
	return ids
}

// said is a call of PutEvents by the role, with sources and types of its entries.
func said(role, sources, types string) call {
	return call{action: "events:PutEvents", resource: "Bus.Arn", seen: map[string]string{
		"aws:PrincipalArn": role, "events:source": sources, "events:detail-type": types,
	}}
}

// ruled is a call about a rule on the bus by the role, for which the service called, if any.
func ruled(action, role, via string) call {
	c := call{action: "events:" + action, resource: "arn:aws:events:eu-central-1:123456789012:rule/${Bus}/*",
		seen: map[string]string{"aws:PrincipalArn": role}}
	if via != "" {
		c.seen["aws:CalledVia"] = via
	}
	return c
}

// TestExpandedBusTakesFromEachRoleItsTypes and from nobody else anything.
func TestExpandedBusTakesFromEachRoleItsTypes(t *testing.T) {
	e, order, contact := readExpanded(t), "lapse.order.received.v1", "lapse.contact.changed.v1"
	with := allBusParameters()
	for _, c := range []struct {
		point string
		call  call
		with  busParameters
		want  string
	}{
		{"a sweep announces", said("DispatchRole.Arn", "lapse", "lapse.notice.sent"), nil, ""},
		{"delivery announces", said("DeliveryRole.Arn", "lapse", "lapse.notice.delivered"), nil, ""},
		{"the legal system brings an order", said(legalRole, "legal", order), with, ""},
		{"it brings two types at once", said(legalRole, "legal", order+",lapse.disclosure.made.v1"), with, ""},
		{"it ends no order", said(legalRole, "legal", "lapse.order.ended.v1"), with, "legal-types"},
		{"nor hidden among others", said(legalRole, "legal", order+",lapse.order.ended.v1"), with, "legal-types"},
		{"it says nothing in Lapse's name", said(legalRole, "lapse", order), with, "no-false-words"},
		{"nor hidden among others of its own", said(legalRole, "legal,lapse", order), with, "no-false-words"},
		{"the account system says where people are", said(accountRole, "accounts", contact), with, ""},
		{"it brings no order", said(accountRole, "accounts", order), with, "account-types"},
		{"an administrator brings no order", said(adminRole, "legal", order), with, "nobody-else"},
		{"intake's rule takes no order of a sweep", said("DispatchRole.Arn", "lapse", order), with, ""},
		{"without a role the legal system uses HTTP", said(legalRole, "legal", order), nil, "nobody-else"},
		{"an administrator copies nothing", ruled("PutRule", adminRole, ""), with, "no-rules"},
		{"nor to another target", ruled("PutTargets", adminRole, ""), nil, "no-rules"},
		{"nobody switches intake's rule off", ruled("DisableRule", adminRole, ""), nil, "no-rules"},
		{"nor takes its target away", ruled("RemoveTargets", legalRole, ""), with, "no-rules"},
		{"nor calls through another service", ruled("PutRule", adminRole, "lambda.amazonaws.com"), nil, "no-rules"},
		{"CloudFormation deploys", ruled("PutRule", adminRole, "cloudformation.amazonaws.com"), nil, ""},
		{"CloudFormation deploys by its role", ruled("PutTargets", deployRole, ""), with, ""},
	} {
		require.Equal(t, c.want, strings.Join(e.denials(c.with, c.call), " "), c.point)
	}
}

// TestExpandedRoutesAskIAM: every route of the API demands a signature, and may call the function.
func TestExpandedRoutesAskIAM(t *testing.T) {
	e, routes := readExpanded(t), 0
	paths, _ := at(e.Resources["Api"].Properties, "Body", "paths").(map[string]any)
	for path, methods := range paths {
		for method, operation := range methods.(map[string]any) {
			routes++
			security, _ := at(operation, "security").([]any)
			require.Len(t, security, 1, path)
			require.Contains(t, security[0], "AWS_IAM", "%s %s", method, path)
		}
	}
	require.Len(t, contractTypes(), routes-2, "a route a type, one for any type and one for the rest")
	permitted := 0
	for _, name := range e.of("AWS::Lambda::Permission") {
		if text(e.Resources[name].Properties["FunctionName"]) == "ApiFunction" {
			permitted++
		}
	}
	require.Equal(t, routes, permitted)
}
