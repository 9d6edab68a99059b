package dispatch_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"lapse/internal/agenda"
	"lapse/internal/memory"
)

// TestAPageThatIsNotPlannedIsPlannedAgain: the cursor of a re-plan passes no page before each notice of it has its row
// under the new restraints, whichever page fails (law 2).
func TestAPageThatIsNotPlannedIsPlannedAgain(t *testing.T) {
	for name, page := range map[string]int{"the first page": 0, "a page between": 1, "the last page": 2} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			all := names(250)
			w.open(all...)
			w.order("ord-1", start.AddDate(0, 0, 90))
			w.disclose("d1", all...)
			w.sweep()
			ids := make([]string, len(all))
			for i, u := range all {
				ids[i] = w.notice("d1", u).ID
			}
			slices.Sort(ids)
			unlucky := ids[page*100+7]

			later := start.AddDate(0, 0, 180)
			w.order("ord-2", later)
			failed := false
			w.store.Fault = func(op, key string) memory.Effect {
				if op == "PutRow" && key == unlucky && !failed {
					failed = true
					return memory.FailBefore
				}
				return memory.None
			}
			require.Equal(t, 1, w.faultySweep().Errors)
			require.True(t, failed)
			require.Len(t, w.work(agenda.Replan), 1, "the row stays until every page is planned")
			w.sweep()
			require.Empty(t, w.work(agenda.Replan))
			for _, id := range ids {
				rows := w.rows(id)
				require.Equal(t, later, rows[len(rows)-1].At, "notice %s", id)
			}
		})
	}
}
