package dynamo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// expression collects what one UpdateItem does and on which conditions, all of which have to hold. Names and values
// become placeholders, so that neither reserved words nor what a token holds can matter.
type expression struct {
	sets, removes, conditions []string
	*operands
}

// operands are what the placeholders stand for: "#0" for the first name, ":0" for the first value.
type operands struct {
	names  []string
	values item
}

func newExpression() *expression { return &expression{operands: &operands{values: item{}}} }

// path is the placeholder form of an attribute or, with several names, of one inside maps.
func (e *expression) path(names ...string) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = e.name(n)
	}
	return strings.Join(parts, ".")
}

func (e *expression) name(n string) string {
	i := slices.Index(e.names, n)
	if i < 0 {
		i, e.names = len(e.names), append(e.names, n)
	}
	return "#" + strconv.Itoa(i)
}

func (e *expression) value(v types.AttributeValue) string {
	p := ":" + strconv.Itoa(len(e.values))
	e.values[p] = v
	return p
}

// set writes the value at the path; a nil value, which stands for a zero one, removes what is there.
func (e *expression) set(path string, v types.AttributeValue) {
	if v == nil {
		e.removes = append(e.removes, path)
		return
	}
	e.sets = append(e.sets, path+" = "+e.value(v))
}

// require adds a condition.
func (e *expression) require(format string, args ...any) {
	e.conditions = append(e.conditions, "("+fmt.Sprintf(format, args...)+")")
}

// is is the condition that the path holds the value; a nil value stands for nothing there.
func (e *expression) is(path string, v types.AttributeValue) string {
	if v == nil {
		return "attribute_not_exists(" + path + ")"
	}
	return path + " = " + e.value(v)
}

// absentOr is the condition that nothing is at the path or that it compares with the value by the operator.
func (e *expression) absentOr(path, operator string, v types.AttributeValue) string {
	return fmt.Sprintf("attribute_not_exists(%s) OR %s %s %s", path, path, operator, e.value(v))
}

// oneOf is the condition that the path holds one of the strings.
func oneOf[S ~string](e *expression, path string, among []S) string {
	all := make([]string, len(among))
	for i, x := range among {
		all[i] = e.value(text(string(x)))
	}
	return path + " IN (" + strings.Join(all, ", ") + ")"
}

// condition is all conditions as one.
func (e *expression) condition() string { return strings.Join(e.conditions, " AND ") }

// unmet is the condition that not all conditions hold. DynamoDB refuses doubled parentheses.
func (e *expression) unmet() string {
	if len(e.conditions) == 1 {
		return "NOT " + e.conditions[0]
	}
	return "NOT (" + e.condition() + ")"
}

// input is the request that answers with the item as it stands: after the update, or as it refused it.
func (e *expression) input(k key) *dynamodb.UpdateItemInput {
	update := "SET " + strings.Join(e.sets, ", ")
	if len(e.removes) > 0 {
		update += " REMOVE " + strings.Join(e.removes, ", ")
	}
	names := make(map[string]string, len(e.names))
	for _, n := range e.names {
		names[e.name(n)] = n
	}
	return &dynamodb.UpdateItemInput{Key: k.item(), UpdateExpression: &update, ConditionExpression: aws.String(e.condition()),
		ExpressionAttributeNames: names, ExpressionAttributeValues: e.values,
		ReturnValues: types.ReturnValueAllNew, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}
}
