package dynamo_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo"
)

// described answers DescribeTable with one description.
type described struct {
	dynamo.API
	table *types.TableDescription
}

func (d described) DescribeTable(
	context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options),
) (*dynamodb.DescribeTableOutput, error) {
	return &dynamodb.DescribeTableOutput{Table: d.table}, nil
}

// TestTheTableIsNamedByItsIdOrByItsArnAndCreation: a copy has another name, whichever of the two an engine knows.
func TestTheTableIsNamedByItsIdOrByItsArnAndCreation(t *testing.T) {
	made := time.Date(2026, 3, 1, 10, 0, 0, 123e6, time.UTC)
	arn := "arn:aws:dynamodb:ddblocal:000000000000:table/lapse"
	table := func(id, arn string, made *time.Time) *types.TableDescription {
		return &types.TableDescription{TableId: aws.String(id), TableArn: aws.String(arn), CreationDateTime: made}
	}
	for point, c := range map[string]struct {
		table *types.TableDescription
		want  string
	}{
		"DynamoDB has ids":        {table("id-1", arn, &made), "id-1"},
		"DynamoDB Local has none": {table("", arn, &made), arn + "@2026-03-01T10:00:00.123Z"},
		"a copy was created later": {table("", arn, aws.Time(made.Add(time.Millisecond))),
			arn + "@2026-03-01T10:00:00.124Z"},
		"the ARN alone is that of a copy": {table("", arn, nil), ""},
		"the time alone is anybody's":     {table("", "", &made), ""},
		"no description":                  {nil, ""},
	} {
		t.Run(point, func(t *testing.T) {
			got, err := dynamo.New(described{table: c.table}, "lapse").TableID(t.Context())
			require.Equal(t, c.want, got)
			if c.want == "" {
				require.ErrorContains(t, err, "read the id of table lapse: the description has none")
				return
			}
			require.NoError(t, err)
		})
	}
}
