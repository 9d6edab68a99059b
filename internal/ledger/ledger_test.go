package ledger_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/ledger"
	"lapse/internal/matter"
)

func TestALedgerEntrysHashCoversAllButWhatIsErased(t *testing.T) {
	e := ledger.Entry{Matter: "mat-1", Seq: 2, Type: "t", Data: json.RawMessage(`{"a":1}`), Prev: "p"}
	require.NoError(t, e.Seal())
	other := e
	other.Pending = []matter.Subject{{ID: "u1"}}
	require.NoError(t, other.Seal())
	require.Equal(t, e.Hash, other.Hash)
	other.Prev = "q"
	require.NoError(t, other.Seal())
	require.NotEqual(t, e.Hash, other.Hash)
}
