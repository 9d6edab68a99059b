package dynamo

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// size returns the number of bytes that DynamoDB bills for the item, by the rules of its developer guide ("DynamoDB
// item sizes and formats"). A number counts with its upper bound.
func size(it item) int {
	n := 0
	for name, v := range it {
		n += len(name) + valueSize(v)
	}
	return n
}

func valueSize(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return (len(v.Value)+1)/2 + 1
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberL:
		n := 3
		for _, e := range v.Value {
			n += 1 + valueSize(e)
		}
		return n
	case *types.AttributeValueMemberM:
		n := 3 + size(v.Value)
		return n + len(v.Value)
	}
	return 1
}
