package main

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
)

// TestTheStackRunsOnAGivenEngine tells a story on the engine that AWS_ENDPOINT_URL_DYNAMODB names, goes on there after
// a restart, and sends nothing from a copy of the table, which the engine has to tell from the original.
func TestTheStackRunsOnAGivenEngine(t *testing.T) {
	engine, data := anEngine(t), t.TempDir()
	r := start(t, data, "AWS_ENDPOINT_URL_DYNAMODB="+engine)
	r.tellStory()
	require.Equal(t, 1, r.sweep().Sent, "the user nothing covers is told at once")
	r.end(os.Interrupt)

	r = start(t, data, "AWS_ENDPOINT_URL_DYNAMODB="+engine)
	require.Empty(t, r.sweep().Paused, "a restart is no copy")
	items, err := clientOf(engine).Scan(t.Context(),
		&dynamodb.ScanInput{TableName: aws.String(tableName), ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	r.end(os.Interrupt)
	require.NoDirExists(t, data+"/engine", "no engine was started beside the given one")

	r = start(t, data, "AWS_ENDPOINT_URL_DYNAMODB="+restoredFrom(t, items.Items))
	require.Equal(t, "restored_table", r.sweep().Paused)
	require.Len(t, r.inbox(), 1, "nobody is told from a copy")
}
