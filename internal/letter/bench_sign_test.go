package letter

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkComposeSigned writes the signed mails of one draft, each with its own code.
func BenchmarkComposeSigned(b *testing.B) {
	f, h := checkable(oneOrder()), headers("person@example.org")
	d, err := Prepare(f)
	require.NoError(b, err)
	h.Signer = signer(b, 7)
	b.ReportAllocs()
	for b.Loop() {
		p := f.Personal()
		p.Code = aKey().Code(p.Reference, "attempt", h.To)
		if _, err := d.Compose(p, h); err != nil {
			b.Fatal(err)
		}
	}
}
