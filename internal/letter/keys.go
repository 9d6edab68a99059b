package letter

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Key is a published key of letters, with the time in which mails may carry its signatures.
type Key struct {
	Public ed25519.PublicKey
	// NotBefore and Expires are whole seconds in UTC; the zero time is no bound.
	NotBefore, Expires time.Time
}

// jwk is a JSON Web Key of type OKP (RFC 8037). nbf and exp are NumericDates (RFC 7519 section 2).
type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	Use string `json:"use,omitempty"`
	Alg string `json:"alg,omitempty"`
	Kid string `json:"kid"`
	X   string `json:"x"`
	Nbf int64  `json:"nbf,omitempty"`
	Exp int64  `json:"exp,omitempty"`
}

type jwkSet struct {
	Keys []jwk `json:"keys"`
}

// KeySet writes keys as a JWK set (RFC 7517 section 5), for /.well-known/lapse-keys.json.
func KeySet(keys []Key) ([]byte, error) {
	set := jwkSet{Keys: []jwk{}}
	for _, k := range keys {
		if len(k.Public) != ed25519.PublicKeySize {
			return nil, errors.New("write a key set: a key has not 32 bytes")
		}
		set.Keys = append(set.Keys, jwk{
			Kty: "OKP", Crv: "Ed25519", Use: "sig", Alg: "EdDSA", Kid: KeyID(k.Public),
			X: base64.RawURLEncoding.EncodeToString(k.Public), Nbf: unix(k.NotBefore), Exp: unix(k.Expires),
		})
	}
	raw, err := json.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("write a key set: %w", err)
	}
	return raw, nil
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func instant(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// ReadKeySet reads the Ed25519 keys of a JWK set by key id. Keys of other types are left out; an Ed25519 key that
// cannot be read is an error.
func ReadKeySet(raw []byte) (map[string]Key, error) {
	var set jwkSet
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, fmt.Errorf("read a key set: %w", err)
	}
	keys := map[string]Key{}
	for _, k := range set.Keys {
		if k.Kty != "OKP" || k.Crv != "Ed25519" {
			continue
		}
		x, err := base64.RawURLEncoding.Strict().DecodeString(k.X)
		if err != nil || len(x) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("read a key set: key %q has not 32 bytes in base64url", clean(k.Kid))
		}
		if _, again := keys[k.Kid]; again || k.Kid == "" {
			return nil, fmt.Errorf("read a key set: the id %q is missing or stands twice", clean(k.Kid))
		}
		keys[k.Kid] = Key{Public: x, NotBefore: instant(k.Nbf), Expires: instant(k.Exp)}
	}
	if len(keys) == 0 {
		return nil, errors.New("read a key set: no Ed25519 key is in it")
	}
	return keys, nil
}

// valid reports whether the key may have signed a mail of that date.
func (k Key) valid(date time.Time) bool {
	return !date.Before(k.NotBefore) && (k.Expires.IsZero() || date.Before(k.Expires))
}
