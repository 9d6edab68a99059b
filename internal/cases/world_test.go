package cases_test

import (
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/dispatch"
	"lapse/internal/inquire"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/worldtest"
)

// object is a JSON object to be posted.
type object = worldtest.Object

// morning is when every case begins.
var morning = worldtest.Start()

// world is the whole service, with the questions that the cases ask of it.
type world struct{ *worldtest.World }

func newWorld(t worldtest.T) *world {
	w := worldtest.New(t)
	w.Dispatch.Settings.Workers = 1
	return &world{w}
}

// approved is a world with a request about u1, u2 and u3 and the decision to comply.
func approved(t worldtest.T) *world {
	w := newWorld(t)
	w.Approved("u1", "u2", "u3")
	return w
}

// at sets the clock, five seconds past an instant so that the margin for clock skew is over, and sweeps until all is
// done.
func (w *world) at(t time.Time) dispatch.Report {
	w.T.Helper()
	w.Set(t.Add(5 * time.Second))
	return w.sweep()
}

func (w *world) sweep() (all dispatch.Report) {
	w.T.Helper()
	for range 3 {
		r := w.Sweep()
		all.Reviews, all.Clocks = all.Reviews+r.Reviews, all.Clocks+r.Clocks
		all.Unread, all.LateOrders = all.Unread+r.Unread, all.LateOrders+r.LateOrders
		all.OldestOverdueSeconds = max(all.OldestOverdueSeconds, r.OldestOverdueSeconds)
	}
	return all
}

// mailed lists the subjects told so far, in order.
func (w *world) mailed() []string {
	w.T.Helper()
	names := map[string]string{}
	for _, n := range w.view().Notices {
		names[n.ID] = n.Subject
	}
	out := []string{}
	for _, m := range w.SES.Mails() {
		out = append(out, names[m.Notice])
	}
	slices.Sort(out)
	return out
}

// mails lists the mails of notices that SES took, in order. Security messages to former addresses are left out.
func (w *world) mails() []worldtest.Mail {
	return slices.DeleteFunc(w.SES.Mails(), func(m worldtest.Mail) bool {
		n, err := w.Store.Notice(w.T.Context(), m.Notice)
		require.NoError(w.T, err)
		return n.Kind == notice.Moved
	})
}

func (w *world) view() inquire.MatterView {
	w.T.Helper()
	v, err := w.Inquire.Matter(w.T.Context(), worldtest.Matter, "", 1000)
	require.NoError(w.T, err)
	return v
}

// notice is the subject's only notice.
func (w *world) notice(subject string) inquire.NoticeView {
	w.T.Helper()
	return the(w, w.view().Notices, func(n inquire.NoticeView) bool { return n.Subject == subject })
}

// due wants the subject's due at the instant, "" for none known.
func (w *world) due(subject, want string) {
	w.T.Helper()
	n := w.notice(subject)
	if want == "" {
		require.Nil(w.T, n.Due)
		return
	}
	require.NotNil(w.T, n.Due)
	require.Equal(w.T, want, n.Due.Format(time.RFC3339))
}

func (w *world) order(id string) inquire.OrderView {
	w.T.Helper()
	return the(w, w.view().Orders, func(o inquire.OrderView) bool { return o.ID == id })
}

func (w *world) exception(id string) inquire.ExceptionView {
	w.T.Helper()
	return the(w, w.view().Exceptions, func(x inquire.ExceptionView) bool { return x.ID == id })
}

// the is the only one of the list that is meant.
func the[V any](w *world, list []V, meant func(V) bool) V {
	w.T.Helper()
	found := slices.DeleteFunc(slices.Clone(list), func(v V) bool { return !meant(v) })
	require.Len(w.T, found, 1)
	return found[0]
}

func (w *world) why(subject string) inquire.Why {
	w.T.Helper()
	y, err := w.Inquire.Why(w.T.Context(), worldtest.Matter, subject, "")
	require.NoError(w.T, err)
	return y
}

// agenda lists the agenda as "kind id".
func (w *world) agenda() map[string]time.Time {
	w.T.Helper()
	v, err := w.Inquire.AgendaUntil(w.T.Context(), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), "", 1000)
	require.NoError(w.T, err)
	out := map[string]time.Time{}
	for _, i := range v.Items {
		out[string(i.Kind)+" "+strings.TrimPrefix(i.ID, worldtest.Matter+".")] = i.At
	}
	return out
}

// statuses are the findings' outcomes by check.
func statuses(findings []matter.Finding) map[string]matter.Status {
	out := map[string]matter.Status{}
	for _, f := range findings {
		out[f.Check] = f.Status
	}
	return out
}
