package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// mailboxSecret keeps the secret of mailboxes. It stands in a partition of its own, because the functions that name
// mailboxes may not write the control state.
type mailboxSecret struct{ *requester }

func mailboxKey() key { return key{"H", "H"} }

// MailboxSecret implements store.Mailboxes.
func (s *mailboxSecret) MailboxSecret(ctx context.Context) ([]byte, error) {
	it, err := s.get(ctx, mailboxKey())
	if err != nil {
		return nil, fmt.Errorf("read the secret of mailboxes: %w", err)
	}
	return it.bytes("w"), nil
}

// KeepMailboxSecret implements store.Mailboxes.
func (s *mailboxSecret) KeepMailboxSecret(ctx context.Context, wrapped []byte) error {
	it := newItem(mailboxKey())
	it.putBytes("w", wrapped)
	err := unless(s.put(ctx, &dynamodb.PutItemInput{Item: it,
		ConditionExpression: aws.String("attribute_not_exists(PK)")}))
	if err != nil {
		return fmt.Errorf("keep the secret of mailboxes: %w", err)
	}
	return nil
}
