package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// keysPart is the control item with the wrapped keys of letters.
const keysPart = "KEYS"

// keysRevision and signingKeys are attributes in the conditions of puts of keys.
const keysRevision, signingKeys = "rv", "sg"

// issuedKey is that of an issued letter. The page that checks letters may read partitions of this prefix only, so the
// published keys stand in one as well. No digest is the word "keys".
func issuedKey(pair string) key { return key{"V#" + pair, "V"} }

func keySetKey() key { return issuedKey("keys") }

// proofs keeps what shows that a letter is genuine.
type proofs struct{ *requester }

// PutIssued implements store.Proofs.
func (s *proofs) PutIssued(ctx context.Context, i store.Issued) error {
	it := newItem(issuedKey(i.Pair))
	it.putText("on", i.On)
	it.putText("ad", i.Address)
	err := unless(s.put(ctx, &dynamodb.PutItemInput{Item: it,
		ConditionExpression: aws.String("attribute_not_exists(PK)")}))
	if err != nil {
		return fmt.Errorf("keep that a letter was issued: %w", err)
	}
	return nil
}

// Issued implements store.Proofs.
func (s *proofs) Issued(ctx context.Context, pair string) (store.Issued, error) {
	it, err := s.get(ctx, issuedKey(pair))
	if err != nil {
		return store.Issued{}, fmt.Errorf("read whether a letter was issued: %w", err)
	}
	return store.Issued{Pair: pair, Address: it.text("ad"), On: it.text("on")}, nil
}

// signingKey is the stored form of store.SigningKey.
type signingKey struct {
	Public    []byte    `json:"public"`
	Wrapped   []byte    `json:"wrapped,omitempty"`
	NotBefore time.Time `json:"nbf,omitzero"`
	Expires   time.Time `json:"exp,omitzero"`
}

// LetterKeys implements store.Proofs.
func (s *proofs) LetterKeys(ctx context.Context) (store.LetterKeys, error) {
	it, err := s.get(ctx, controlKey(keysPart))
	if errors.Is(err, store.ErrNotFound) {
		return store.LetterKeys{}, nil
	}
	if err != nil {
		return store.LetterKeys{}, fmt.Errorf("read the keys of letters: %w", err)
	}
	rd := reader{item: it}
	var signing []signingKey
	rd.document(signingKeys, &signing)
	k := store.LetterKeys{Revision: rd.int(keysRevision), Reference: it.bytes("re"), Code: it.bytes("co")}
	for _, x := range signing {
		k.Signing = append(k.Signing, store.SigningKey(x))
	}
	if rd.err != nil {
		return store.LetterKeys{}, fmt.Errorf("read the keys of letters: %w", rd.err)
	}
	return k, nil
}

// PutLetterKeys implements store.Proofs.
func (s *proofs) PutLetterKeys(ctx context.Context, k store.LetterKeys) error {
	it := newItem(controlKey(keysPart))
	it.putInt(keysRevision, k.Revision)
	it.putBytes("re", k.Reference)
	it.putBytes("co", k.Code)
	var signing []signingKey
	for _, x := range k.Signing {
		signing = append(signing, signingKey(x))
	}
	if err := it.putDocument(signingKeys, signing); err != nil {
		return fmt.Errorf("put the keys of letters: %w", err)
	}
	// The last alternative is a repetition whose answer was lost.
	condition := "#r = :before OR (#r = :r AND #s = :s)"
	if k.Revision == 1 {
		condition = "attribute_not_exists(PK) OR (#r = :r AND #s = :s)"
	}
	values := item{":r": it[keysRevision], ":s": it[signingKeys]}
	if k.Revision > 1 {
		values[":before"] = whole(k.Revision - 1)
	}
	err := s.put(ctx, &dynamodb.PutItemInput{Item: it, ConditionExpression: &condition,
		ExpressionAttributeNames:  map[string]string{"#r": keysRevision, "#s": signingKeys},
		ExpressionAttributeValues: values})
	if refused(err) {
		err = store.ErrRace
	}
	if err != nil {
		return fmt.Errorf("put the keys of letters: %w", err)
	}
	return nil
}

// KeySet implements store.Proofs.
func (s *proofs) KeySet(ctx context.Context) ([]byte, error) {
	it, err := s.get(ctx, keySetKey())
	if err != nil {
		return nil, fmt.Errorf("read the published keys: %w", err)
	}
	return it.bytes("ks"), nil
}

// PutKeySet implements store.Proofs.
func (s *proofs) PutKeySet(ctx context.Context, revision int, set []byte) error {
	it := newItem(keySetKey())
	it.putInt(keysRevision, revision)
	it.putBytes("ks", set)
	err := unless(s.put(ctx, &dynamodb.PutItemInput{Item: it,
		ConditionExpression:       aws.String("attribute_not_exists(PK) OR #r < :r"),
		ExpressionAttributeNames:  map[string]string{"#r": keysRevision},
		ExpressionAttributeValues: item{":r": it[keysRevision]}}))
	if err != nil {
		return fmt.Errorf("publish the keys of letters: %w", err)
	}
	return nil
}
