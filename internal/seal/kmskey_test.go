package seal_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/stretchr/testify/require"

	"lapse/internal/matter"
	"lapse/internal/seal"
)

// kmsFake speaks the two calls of KMS' JSON protocol. A ciphertext is the context, as JSON, in front of the plaintext
// turned around; like KMS it decrypts only under the context it was encrypted under.
type kmsFake struct {
	contexts []map[string]string
}

type kmsRequest struct {
	KeyId             string
	Plaintext         []byte            `json:",omitempty"`
	CiphertextBlob    []byte            `json:",omitempty"`
	EncryptionContext map[string]string `json:",omitempty"`
}

func (f *kmsFake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in kmsRequest
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.KeyId != "alias/lapse" {
		http.Error(w, `{"__type":"ValidationException"}`, http.StatusBadRequest)
		return
	}
	f.contexts = append(f.contexts, in.EncryptionContext)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	switch r.Header.Get("X-Amz-Target") {
	case "TrentService.Encrypt":
		head, _ := json.Marshal(in.EncryptionContext)
		blob := bytes.Join([][]byte{head, reversed(in.Plaintext)}, []byte{0})
		_ = json.NewEncoder(w).Encode(map[string]any{"CiphertextBlob": blob, "KeyId": in.KeyId})
	case "TrentService.Decrypt":
		head, body, _ := bytes.Cut(in.CiphertextBlob, []byte{0})
		var want map[string]string
		if json.Unmarshal(head, &want) != nil || !maps.Equal(want, in.EncryptionContext) {
			w.Header().Set("X-Amzn-Errortype", "InvalidCiphertextException")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"__type":"InvalidCiphertextException"}`))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Plaintext": reversed(body), "KeyId": in.KeyId})
	default:
		http.Error(w, `{"__type":"UnknownOperationException"}`, http.StatusBadRequest)
	}
}

func reversed(b []byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		out[len(b)-1-i] = c
	}
	return out
}

func TestKMSKeyBindsTheKeysetToItsMatter(t *testing.T) {
	fake := &kmsFake{}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	client := kms.New(kms.Options{Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	key := &seal.KMSKey{Client: client, KeyID: "alias/lapse"}
	sealer, opener := seal.Sealer{Key: key}, seal.Opener{Key: key}

	public, wrapped, err := sealer.NewKeys(t.Context(), "mat-1")
	require.NoError(t, err)
	sealed, err := sealer.Seal(public, address(t, "user@example.com"), matter.AssociatedData("mat-1", "u1", matter.User))
	require.NoError(t, err)
	got, err := opener.Open(t.Context(), "mat-1", wrapped, sealed, matter.AssociatedData("mat-1", "u1", matter.User))
	require.NoError(t, err)
	require.Equal(t, "user@example.com", got.Reveal())

	want := map[string]string{"associatedData": hex.EncodeToString([]byte("lapse/v1\x00M#mat-1\x00M\x00keyset"))}
	require.Equal(t, []map[string]string{want, want}, fake.contexts)

	_, err = opener.Open(t.Context(), "mat-2", wrapped, sealed, matter.AssociatedData("mat-1", "u1", matter.User))
	_, refused := errors.AsType[*types.InvalidCiphertextException](err)
	require.True(t, refused)
}
