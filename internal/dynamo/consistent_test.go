package dynamo_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"lapse/internal/dynamo"
	"lapse/internal/worldtest"
)

// reads records, of every GetItem and Query, whether it is consistent.
type reads struct {
	dynamo.API
	consistent []bool
}

func (r *reads) GetItem(ctx context.Context, in *dynamodb.GetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	r.consistent = append(r.consistent, aws.ToBool(in.ConsistentRead))
	return r.API.GetItem(ctx, in, o...)
}

func (r *reads) Query(ctx context.Context, in *dynamodb.QueryInput,
	o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	r.consistent = append(r.consistent, aws.ToBool(in.ConsistentRead))
	return r.API.Query(ctx, in, o...)
}

// TestWhatASweepDecidesByIsReadConsistently: the final check would send under an order that an old head does not show,
// and an old page of the agenda or of the notices would leave a notice behind (laws 1 and 2).
func TestWhatASweepDecidesByIsReadConsistently(t *testing.T) {
	name := table(t)
	opened(t, over(name), worldtest.Matter)
	api := &reads{API: client()}
	s := dynamo.New(api, name)
	for method, read := range map[string]func() error{
		"the head of the final check": func() error { _, err := s.Head(t.Context(), worldtest.Matter); return err },
		"a page of the agenda": func() error {
			_, _, err := s.Rows(t.Context(), false, 0, time.Now(), "", 10)
			return err
		},
		"a page of the notices": func() error {
			_, _, err := s.Notices(t.Context(), worldtest.Matter, "", 10)
			return err
		},
	} {
		api.consistent = nil
		require.NoError(t, read(), method)
		require.NotEmpty(t, api.consistent, method)
		require.NotContains(t, api.consistent, false, method)
	}
}
