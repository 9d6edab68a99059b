package seal

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// OpenKey opens what wraps the matters' keysets: the KMS key of that id, or the key file where the id is empty. A
// missing file is made.
func OpenKey(cfg aws.Config, kmsKeyID, file string) (KeyWrapper, error) {
	if kmsKeyID != "" {
		return &KMSKey{Client: kms.NewFromConfig(cfg), KeyID: kmsKeyID}, nil
	}
	return OpenFileKey(file)
}
