package dynamo

import (
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"

	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

func letterKey(matterID, digest string) key { return key{partition(matterID), "F#" + digest} }

// letters keeps the facts of letters. They are deflated (RFC 1951): an ordinary set then costs one write unit.
type letters struct{ *requester }

// PutLetter implements store.Letters.
func (s *letters) PutLetter(ctx context.Context, id, digest string, facts []byte) error {
	var b bytes.Buffer
	// Writing to a bytes.Buffer does not fail, and the level is one of flate's own.
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = w.Write(facts)
	_ = w.Close()
	it := newItem(letterKey(id, digest))
	it.putBytes("fa", b.Bytes())
	what := fmt.Sprintf("the facts of a letter of matter %s", id)
	if err := store.TooLarge(what, size(it)); err != nil {
		return err
	}
	err := unless(s.put(ctx, &dynamodb.PutItemInput{Item: it,
		ConditionExpression: aws.String("attribute_not_exists(PK)")}))
	if err != nil {
		return fmt.Errorf("keep %s: %w", what, err)
	}
	return nil
}

// Letter implements store.Letters.
func (s *letters) Letter(ctx context.Context, id, digest string) ([]byte, error) {
	it, err := s.get(ctx, letterKey(id, digest))
	if err != nil {
		return nil, fmt.Errorf("read the facts of a letter of matter %s: %w", id, err)
	}
	facts, err := io.ReadAll(flate.NewReader(bytes.NewReader(it.bytes("fa"))))
	if err != nil {
		return nil, fmt.Errorf("read the facts of a letter of matter %s: %w", id, err)
	}
	return facts, nil
}
