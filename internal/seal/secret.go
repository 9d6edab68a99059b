package seal

import "context"

// SecretWrapper wraps secrets that belong to no matter, by name. A secret unwraps under its own name only, and never as
// a keyset.
type SecretWrapper interface {
	WrapSecret(ctx context.Context, name string, plain []byte) ([]byte, error)
	UnwrapSecret(ctx context.Context, name string, wrapped []byte) ([]byte, error)
}

// secretContext binds a wrapped secret to its name and to the control item that it stands in, as wrappingContext binds
// a keyset to its matter. Tests and the roles in template.yaml fix it.
func secretContext(name string) []byte { return []byte("lapse/v1\x00C\x00KEYS\x00" + name) }

// Key wraps keysets and secrets.
type Key interface {
	KeyWrapper
	SecretWrapper
}
