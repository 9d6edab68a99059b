package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

func names(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("%064d", i)
	}
	return list
}

func TestAChangeCountsItsItems(t *testing.T) {
	for name, row := range map[string]struct {
		change store.Change
		items  int
	}{
		"head, receipt and entry": {store.Change{}, 3},
		"an approval, and the receipt of who gave it": {store.Change{Approval: &ledger.Approval{},
			Given: &ledger.Receipt{}}, 5},
		"one of everything": {store.Change{
			Request: &matter.Request{}, Disclosure: &matter.Disclosure{}, Exception: &matter.Exception{},
			Subject: &matter.Subject{}, Decided: &notice.Notice{}, Orders: make([]matter.Order, 1), Rows: make([]agenda.Row, 1),
		}, 10},
		"each order and each row": {store.Change{Orders: make([]matter.Order, 2), Rows: make([]agenda.Row, 3)}, 8},
		"pending subjects that fit one item": {store.Change{Entry: ledger.Entry{
			Pending: make([]matter.Subject, store.PendingInItem)}}, 4},
		"pending subjects that need two": {store.Change{Entry: ledger.Entry{
			Pending: make([]matter.Subject, store.PendingInItem+1)}}, 5},
		"a list that the head keeps": {listed(2, matter.Restraint{Revision: 2, Subjects: names(store.ListInHead)}), 3},
		"a long list":                {listed(2, matter.Restraint{Revision: 2, Subjects: names(store.ListInHead + 1)}), 4},
		"a long unknown list":        {listed(2, matter.Restraint{Revision: 2, Unknown: names(store.ListInHead + 1)}), 4},
		"a long list that stays":     {listed(2, matter.Restraint{Revision: 1, Subjects: names(60)}), 3},
		"a short list of a head full of names": {listed(2, matter.Restraint{Revision: 2, Subjects: names(1)},
			matter.Restraint{Revision: 1, Subjects: names(store.NamesInHead)}), 4},
		"no list in a head full of names": {listed(2, matter.Restraint{Revision: 2, All: true},
			matter.Restraint{Revision: 1, Subjects: names(store.NamesInHead + 1)}), 3},
	} {
		require.Equal(t, row.items, row.change.Items(), name)
		require.Equal(t, store.MaxItems-row.items, row.change.Room(), name)
	}
}

// TestEveryFieldOfAChangeIsCounted: a field that Items forgets makes a transaction that is too large for the store.
func TestEveryFieldOfAChangeIsCounted(t *testing.T) {
	always := []string{"Head", "Receipt", "Entry"}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[store.Change]()) {
		if slices.Contains(always, f.Name) {
			continue
		}
		var c store.Change
		field := reflect.ValueOf(&c).Elem().FieldByIndex(f.Index)
		if f.Type.Kind() == reflect.Slice {
			field.Set(reflect.MakeSlice(f.Type, 1, 1))
		} else {
			field.Set(reflect.New(f.Type.Elem()))
		}
		require.Equal(t, len(always)+1, c.Items(), "%s is an item", f.Name)
	}
}

func listed(version int, restraints ...matter.Restraint) store.Change {
	return store.Change{Head: matter.Head{Version: version, Restraints: restraints}}
}

func TestAChangeFitsUpToTheLastItem(t *testing.T) {
	full := store.Change{Rows: make([]agenda.Row, store.MaxItems-3)}
	require.NoError(t, full.Fits())
	full.Rows = append(full.Rows, agenda.Row{})
	require.EqualError(t, full.Fits(), "the change writes 17 items, and a transaction writes 16 at most")
}

func TestAnItemIsTooLargeFromOneByteOverTheLimitOn(t *testing.T) {
	require.NoError(t, store.TooLarge("order o1", store.MaxItemBytes))
	err := store.TooLarge("order o1", store.MaxItemBytes+1)
	require.ErrorIs(t, err, store.ErrTooLarge)
	require.ErrorContains(t, err, "order o1 would have 399361 bytes")
}

func TestAsManyNamesFitAsAnItemHasRoomFor(t *testing.T) {
	all := names(4000)
	require.Equal(t, all[:10], store.Fitting(nil, all[:10]))
	require.Empty(t, store.Fitting([]string{strings.Repeat("x", store.MaxItemBytes)}, all))
	some := store.Fitting(all, all)
	require.Equal(t, all[:len(some)], some)
	bytes := (len(all) + len(some)) * 65
	require.LessOrEqual(t, bytes, store.MaxItemBytes-1<<10)
	require.Greater(t, bytes+65, store.MaxItemBytes-1<<10, "not one fewer than fit")
}
