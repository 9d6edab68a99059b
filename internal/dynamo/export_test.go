package dynamo

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Size is the number of bytes that DynamoDB bills for an item.
func Size(it map[string]types.AttributeValue) int { return size(it) }
