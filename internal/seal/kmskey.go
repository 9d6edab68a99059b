package seal

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// KMS is the part of the KMS client that wraps and unwraps. KMS authenticates and logs the encryption context of both
// calls, so it must hold no personal data.
type KMS interface {
	Encrypt(ctx context.Context, in *kms.EncryptInput, optFns ...func(*kms.Options)) (*kms.EncryptOutput, error)
	Decrypt(ctx context.Context, in *kms.DecryptInput, optFns ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// KMSKey wraps with a symmetric KMS key. Wrap needs kms:Encrypt, and Unwrap needs kms:Decrypt. The encryption context
// has one entry, associatedData, in hex. That is tink's form, so tink's KMS client could read the result. A policy can
// still test the entry, because hex keeps prefixes. KMSKey is safe for concurrent use.
type KMSKey struct {
	Client KMS
	// KeyID is the key's ARN, id or alias.
	KeyID string
}

// Wrap encrypts a keyset. KMS takes at most 4,096 bytes; a keyset has about 150.
func (k *KMSKey) Wrap(ctx context.Context, matterID string, plain []byte) ([]byte, error) {
	return k.encrypt(ctx, wrappingContext(matterID), plain)
}

// WrapSecret implements SecretWrapper.
func (k *KMSKey) WrapSecret(ctx context.Context, name string, plain []byte) ([]byte, error) {
	return k.encrypt(ctx, secretContext(name), plain)
}

func (k *KMSKey) encrypt(ctx context.Context, associated, plain []byte) ([]byte, error) {
	out, err := k.Client.Encrypt(ctx, &kms.EncryptInput{
		KeyId: aws.String(k.KeyID), Plaintext: plain, EncryptionContext: encryptionContext(associated)})
	if err != nil {
		return nil, fmt.Errorf("encrypt with KMS: %w", err)
	}
	return out.CiphertextBlob, nil
}

// Unwrap decrypts a keyset that Wrap encrypted for the same matter.
func (k *KMSKey) Unwrap(ctx context.Context, matterID string, wrapped []byte) ([]byte, error) {
	return k.decrypt(ctx, wrappingContext(matterID), wrapped)
}

// UnwrapSecret implements SecretWrapper.
func (k *KMSKey) UnwrapSecret(ctx context.Context, name string, wrapped []byte) ([]byte, error) {
	return k.decrypt(ctx, secretContext(name), wrapped)
}

func (k *KMSKey) decrypt(ctx context.Context, associated, wrapped []byte) ([]byte, error) {
	out, err := k.Client.Decrypt(ctx, &kms.DecryptInput{
		KeyId: aws.String(k.KeyID), CiphertextBlob: wrapped, EncryptionContext: encryptionContext(associated)})
	if err != nil {
		return nil, fmt.Errorf("decrypt with KMS: %w", err)
	}
	return out.Plaintext, nil
}

func encryptionContext(associated []byte) map[string]string {
	return map[string]string{"associatedData": hex.EncodeToString(associated)}
}
