// Package keyset makes what wraps the matters' keysets, for the functions that seal or open addresses.
package keyset

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"lapse/internal/config"
	"lapse/internal/seal"
)

// Wrapper is KMS where the key is there, or else the file, which is made if it is missing.
func Wrapper(cfg aws.Config, key config.Key) (seal.KeyWrapper, error) {
	if key.KMS != "" {
		return &seal.KMSKey{Client: kms.NewFromConfig(cfg), KeyID: key.KMS}, nil
	}
	return seal.OpenFileKey(key.File)
}
