package dynamo

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
)

// Size is the number of bytes that DynamoDB bills for an item.
func Size(it map[string]types.AttributeValue) int { return size(it) }

// HeadSize is the same for a head that keeps all its lists.
func HeadSize(t *testing.T, h matter.Head) int {
	it, err := headItem(h, nil)
	require.NoError(t, err)
	return size(it)
}
