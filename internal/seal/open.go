package seal

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// OpenKey opens the key that wraps the matters' keysets and the secrets of letters: the KMS key of that id, or the key
// file if the id is empty. It makes a missing file.
func OpenKey(cfg aws.Config, kmsKeyID, file string) (Key, error) {
	if kmsKeyID != "" {
		return &KMSKey{Client: kms.NewFromConfig(cfg), KeyID: kmsKeyID}, nil
	}
	return OpenFileKey(file)
}
