package notice_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/notice"
	"lapse/internal/storetest"
)

var update = flag.Bool("update", false, "write testdata/acts.txt anew")

// TestEveryActFromEveryState holds what each act does to a notice against testdata/acts.txt. A line has the state and
// the op, what is special about the notice, in what the act differs from the first of its op, and then the effect:
// every field that changes. An act without a line is refused. Whoever changes the machine reads the difference.
func TestEveryActFromEveryState(t *testing.T) {
	var b strings.Builder
	taken, first := map[notice.Op]map[notice.Effect]bool{}, map[notice.Op]notice.Act{}
	written := map[string]bool{}
	for n, a := range storetest.Acts() {
		after, effect := n.Apply(a)
		if first[a.Op].Op == "" {
			first[a.Op] = a
		}
		if taken[a.Op] == nil {
			taken[a.Op] = map[notice.Effect]bool{}
		}
		taken[a.Op][effect] = true
		line := fmt.Sprintf("%s %s | %s |%s | ", n.State, a.Op, special(n), differs(a, first[a.Op]))
		switch effect {
		case notice.Refused:
			require.Equal(t, n, after)
			continue
		case notice.Repeated:
			line += "repeated"
		case notice.Applied:
			line += strings.TrimPrefix(differs(after, n), " ")
			require.Equal(t, n.Revision+1, after.Revision)
			require.Equal(t, after.State == notice.Sending,
				!after.Lease.IsZero() || n.State == notice.Sending && a.Op == notice.OpDelay,
				"a lease while sending, and only then: %s from %s", a.Op, n.State)
		}
		if !written[line] {
			b.WriteString(line + "\n")
		}
		written[line] = true
		if effect == notice.Repeated {
			require.Equal(t, n, after, "%s from %s changes nothing", a.Op, n.State)
		}
	}
	for _, row := range notice.Transitions() {
		require.True(t, taken[row.Op][notice.Applied], "%s is never applied", row.Op)
		// What the log tells of a restored table, or a person decided, is never refused.
		if row.Op != notice.OpDoubt && row.Op != notice.OpDecide {
			require.True(t, taken[row.Op][notice.Refused], "%s is never refused", row.Op)
		}
	}
	const file = "testdata/acts.txt"
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, strings.Split(string(want), "\n"), strings.Split(b.String(), "\n"),
		"if it should: go test ./internal/notice -update, and read the difference")
}

// special is what tells the notice from others in its state.
func special(n notice.Notice) string {
	var out []string
	for _, a := range n.Attempts {
		what := a.Token + string(a.Outcome)
		if !a.Bounced.IsZero() {
			what += " bounced"
		}
		out = append(out, what)
	}
	if len(n.Attempts) > 3 {
		out = []string{fmt.Sprint(len(n.Attempts), " attempts")}
	}
	if n.Decision > 0 || n.CarriedOut > 0 {
		out = append(out, fmt.Sprintf("decision %d, carried out %d", n.Decision, n.CarriedOut))
	}
	if n.Holding {
		out = append(out, "holding")
	}
	if n.LateOrder != "" {
		out = append(out, "late order")
	}
	return strings.Join(append(out, "rests on "+n.Token+n.MessageID, string(n.Reason)), ", ")
}

// differs lists the fields in which a record differs from another one, as they are in the first. The revision counts as
// the same.
func differs[T any](is, was T) string {
	var out strings.Builder
	v, other := reflect.ValueOf(is), reflect.ValueOf(was)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if name == "Revision" || reflect.DeepEqual(v.Field(i).Interface(), other.Field(i).Interface()) {
			continue
		}
		if list, ok := v.Field(i).Interface().([]notice.Attempt); ok {
			out.WriteString(attempts(list, other.Field(i).Interface().([]notice.Attempt)))
			continue
		}
		fmt.Fprintf(&out, " %s=%s", name, value(v.Field(i)))
	}
	return out.String()
}

// attempts lists the attempts that changed, and those that are gone.
func attempts(are, were []notice.Attempt) string {
	var out strings.Builder
	find := func(list []notice.Attempt, token string) (notice.Attempt, bool) {
		i := slices.IndexFunc(list, func(a notice.Attempt) bool { return a.Token == token })
		if i < 0 {
			return notice.Attempt{}, false
		}
		return list[i], true
	}
	for _, a := range are {
		if was, _ := find(were, a.Token); a != was {
			fmt.Fprintf(&out, " [%s:%s]", a.Token, differs(a, was))
		}
	}
	for _, a := range were {
		if _, there := find(are, a.Token); !there {
			fmt.Fprintf(&out, " [%s gone]", a.Token)
		}
	}
	return out.String()
}

func value(f reflect.Value) string {
	switch x := f.Interface().(type) {
	case time.Time:
		if x.IsZero() {
			return "none"
		}
		return x.UTC().Format("02T15:04:05")
	}
	return fmt.Sprintf("%v", f.Interface())
}
