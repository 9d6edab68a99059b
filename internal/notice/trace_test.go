package notice_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"lapse/internal/notice"
)

// logged is the line that a function writes for the acceptance.
func logged(t *testing.T, a notice.Trace) string {
	t.Helper()
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info(a.Line(), a.Args()...)
	return strings.TrimSpace(out.String())
}

func aTrace() notice.Trace {
	return notice.Trace{
		Notice: notice.ID(nil, "mat-2026-0001", "d1", "u1"), Attempt: strings.Repeat("0a", 16),
		MessageID: "0107019c0a7d-4b0a7c52-000000", At: moveStart, Due: moveStart, Rules: "r1",
		Contact: "7.1", Spare: true,
	}
}

func TestAnAcceptanceIsReadInEveryWrappingOfCloudWatch(t *testing.T) {
	want := aTrace()
	line := logged(t, want)
	quoted := strconv.Quote(line + "\n")
	for name, text := range map[string]string{
		"as it was written": line,
		"filter-log-events": `{"logStreamName":"s","timestamp":1,"message":` + quoted + `,"eventId":"e"}`,
		"Insights":          `{"@timestamp":"2026-03-01 10:00:00.000","@message":` + quoted + `}`,
		"an object within":  `{"timestamp":"2026-03-01T10:00:00Z","level":"INFO","message":` + line + `}`,
		"an export to S3":   "2026-03-01T10:00:00.000Z " + line,
		"twice":             fmt.Sprintf(`{"@message":%q}`, `{"message":`+quoted+`}`),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := notice.ReadTrace([]byte(text))
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestALineAboutSomethingElseIsToldApart(t *testing.T) {
	for _, line := range []string{`{"msg":"sweep finished","report":{}}`, `{"message":"START RequestId: 1"}`, `{}`,
		`{"message":{"type":"platform.report"}}`} {
		_, err := notice.ReadTrace([]byte(line))
		require.ErrorIs(t, err, notice.ErrOtherLine, line)
	}
}

// Lines are kept for 400 days: those of before attempts had contacts are read for as long.
func TestALineOfBeforeThereWereContactsIsRead(t *testing.T) {
	line := strings.Replace(logged(t, aTrace()), `,"contact":"7.1","spare":true`, "", 1)
	require.NotContains(t, line, "contact")
	want := aTrace()
	want.Contact, want.Spare = "", false
	got, err := notice.ReadTrace([]byte(line))
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestAContactThatIsNoPlaceIsMalformed(t *testing.T) {
	for _, contact := range []string{"reader@example.com", "7", "7.", ".1", "7.1.1", "7.1 ", "seven.1", "1234567890.1"} {
		a := aTrace()
		a.Contact = contact
		_, err := notice.ReadTrace([]byte(logged(t, a)))
		require.EqualError(t, err, "contact is missing or malformed", contact)
	}
}

func TestAMalformedAcceptanceIsNone(t *testing.T) {
	for field, value := range map[string]any{
		"notice": "mat-2026-0001", "attempt": "0A", "messageId": "reader@example.com", "at": "2026-03-01T10:00:00.5Z",
		"due": "0001-01-01T00:00:00Z",
	} {
		for _, v := range []any{nil, value, 7} {
			var all map[string]any
			require.NoError(t, json.Unmarshal([]byte(logged(t, aTrace())), &all))
			if all[field] = v; v == nil {
				delete(all, field)
			}
			line, err := json.Marshal(all)
			require.NoError(t, err)
			_, err = notice.ReadTrace(line)
			require.Error(t, err, "%s %v", field, v)
			require.NotErrorIs(t, err, notice.ErrOtherLine)
			require.NotContains(t, err.Error(), "@")
		}
	}
	for _, line := range []string{"", "notice sent", `"notice sent"`, `[]`, logged(t, aTrace())[:80]} {
		_, err := notice.ReadTrace([]byte(line))
		require.Error(t, err, line)
		require.NotErrorIs(t, err, notice.ErrOtherLine)
	}
}

// A restored table shows the notice as it stood before: whatever the state, an acceptance that it does not know of came
// after it.
func TestAnAcceptanceFromTheLogMovesWhatTheRestoredTableHas(t *testing.T) {
	for name, before := range map[string][]notice.Op{
		"not tried yet": nil, "being tried": {notice.OpClaim}, "of unknown outcome": {notice.OpClaim, notice.OpUnsure},
		"failed since for want of a contact": {notice.OpFail}, "held": {notice.OpHold},
		"sent, and put back since": {notice.OpClaim, notice.OpComplete}, "delivered, and put back since": {notice.OpClaim,
			notice.OpComplete, notice.OpDelivery},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCourse(t)
			for _, op := range before {
				token := "a"
				if op == notice.OpFail || op == notice.OpHold {
					token = ""
				}
				m := notice.Act{Op: op, Token: token, At: moveStart, Next: moveStart, MessageID: "message of a", Version: 1}
				after, effect := c.n.Apply(m)
				require.True(t, effect != notice.Refused, "%s", op)
				c.n = after
			}
			for range 2 {
				c.do("b", notice.OpRestore)
				require.Equal(t, notice.Sent, c.n.State)
				require.Equal(t, "message of b", c.n.MessageID)
				require.Equal(t, "b", c.n.Token, "its evaluation is the one that is shown")
				require.Equal(t, moveStart.Add(time.Minute), c.n.SentAt, "the first time counts")
			}
			c.do("b", notice.OpDelivery)
			require.Equal(t, notice.Delivered, c.n.State, "later signs find the attempt")
		})
	}
}

func TestAcceptancesFromTheLogComeInAnyOrder(t *testing.T) {
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		n := notice.Notice{State: notice.Scheduled}
		for _, token := range order {
			m := notice.Act{Op: notice.OpRestore, Token: token, MessageID: token,
				At: moveStart.Add(map[string]time.Duration{"a": 1, "b": 2}[token] * time.Hour)}
			after, effect := n.Apply(m)
			require.Equal(t, notice.Applied, effect)
			n = after
		}
		require.Equal(t, "b", n.MessageID, "the last mail counts")
		require.Len(t, n.Attempts, 2)
		require.Equal(t, "a", n.Attempts[0].Token)
	}
}

func TestADoubtIsReadAsItWasWritten(t *testing.T) {
	want := aTrace()
	want.MessageID = ""
	line := logged(t, want)
	require.Contains(t, line, `"msg":"notice unknown"`)
	got, err := notice.ReadTrace([]byte(line))
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.True(t, got.Unknown())
	_, err = notice.ReadTrace([]byte(strings.Replace(line, "notice unknown", "notice sent", 1)))
	require.EqualError(t, err, "messageId is missing or malformed")
	_, err = notice.ReadTrace([]byte(strings.Replace(logged(t, aTrace()), "notice sent", "notice unknown", 1)))
	require.EqualError(t, err, "messageId is missing or malformed")
}

// restored applies what the log tells of an attempt: accepted, where it has a message id, or unknown.
func restored(n *notice.Notice, token, messageID string, hours int) {
	at := moveStart.Add(time.Duration(hours) * time.Hour)
	m := notice.Act{Op: notice.OpRestore, Token: token, MessageID: messageID, At: at, Reason: notice.ReasonRestored}
	if messageID == "" {
		m.Op, m.Next = notice.OpDoubt, at.Add(notice.ReconcileWindow)
	}
	*n, _ = n.Apply(m)
}

// Whatever the state, an attempt that the restored table does not know came after it, so that it had been open then.
// Only a running attempt is left to its lease, and a hold to who holds it; what is final stays.
func TestADoubtFromTheLogOpensWhatTheRestoredTableHas(t *testing.T) {
	for state, want := range map[notice.State]notice.State{
		notice.Scheduled: notice.Unknown, notice.Retry: notice.Unknown, notice.Unknown: notice.Unknown,
		notice.Sent:        notice.Unknown,
		notice.Unconfirmed: notice.Unknown, notice.Delivered: notice.Unknown, notice.Bounced: notice.Unknown,
		notice.Failed:  notice.Unknown,
		notice.Sending: notice.Sending, notice.Held: notice.Held, notice.Complained: notice.Complained,
		notice.Cancelled: notice.Cancelled,
		notice.Withheld:  notice.Withheld,
	} {
		n := notice.Notice{State: state}
		for range 2 {
			restored(&n, "b", "", 1)
			require.Equal(t, want, n.State, "from %s", state)
			require.Equal(t, 1, n.Unknowns(), "from %s", state)
			require.Len(t, n.Attempts, 1)
			require.Equal(t, notice.OutcomeUnknown, n.Attempts[0].Outcome)
			require.Equal(t, want == notice.Unknown, n.Token == "b")
		}
	}
}

// The clock of who heard of the acceptance may be behind that of who made the attempt.
func TestAnAcceptanceWinsOverADoubtOfItsAttemptByAnyClock(t *testing.T) {
	for _, hours := range []int{1, 2, 3} {
		n := notice.Notice{State: notice.Scheduled}
		restored(&n, "a", "", 2)
		restored(&n, "a", "m", hours)
		require.Equal(t, notice.Sent, n.State)
		require.Equal(t, notice.OutcomeAccepted, n.Attempts[0].Outcome)
		require.Equal(t, 1, n.Unknowns(), "as it was in the lost table")
	}
}

func TestDoubtsAndAcceptancesFromTheLogComeInAnyOrder(t *testing.T) {
	for name, c := range map[string]struct {
		a, b  string // the message ids of the attempt at hour 1 and of the one at hour b
		hours int
		state notice.State
		token string
	}{
		"two doubts":                          {"", "", 2, notice.Unknown, "b"},
		"a mail after a doubt":                {"", "m", 2, notice.Sent, "b"},
		"a doubt after a mail that came back": {"m", "", 2, notice.Unknown, "b"},
		"a doubt and a mail of one second":    {"", "m", 1, notice.Sent, "b"},
	} {
		for _, reversed := range []bool{false, true} {
			n := notice.Notice{State: notice.Scheduled}
			steps := []func(){func() { restored(&n, "a", c.a, 1) }, func() { restored(&n, "b", c.b, c.hours) }}
			if reversed {
				steps[0], steps[1] = steps[1], steps[0]
			}
			for _, step := range append(steps, steps...) {
				step()
			}
			require.Equal(t, c.state, n.State, "%s, reversed %v", name, reversed)
			require.Equal(t, c.token, n.Token, "%s, reversed %v", name, reversed)
			require.Len(t, n.Attempts, 2)
			require.Equal(t, "a", n.Attempts[0].Token)
		}
	}
}
