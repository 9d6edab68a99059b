package matter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// AcceptanceLine is the message of the log line that tells of an acceptance; docs/runbook.md filters by it.
const AcceptanceLine = "notice sent"

// Acceptance is what has to be known of an accepted mail in a table that was restored to an instant before it: SES took
// the mail of this attempt. It is logged, so that it outlives the table, and holds no address.
type Acceptance struct {
	Notice    string `json:"notice"`
	Attempt   string `json:"attempt"`
	MessageID string `json:"messageId"`
	// At is when the acceptance was recorded, in whole seconds, UTC.
	At time.Time `json:"at"`
	// Due and Rules are those of the evaluation that the attempt rested on.
	Due   time.Time `json:"due"`
	Rules string    `json:"rules"`
}

// Args are the attributes of the log line, for slog.
func (a Acceptance) Args() []any {
	return []any{
		slog.String("notice", a.Notice), slog.String("attempt", a.Attempt), slog.String("messageId", a.MessageID),
		slog.Time("at", a.At), slog.Time("due", a.Due), slog.String("rules", a.Rules),
	}
}

// ErrOtherLine says that a log line is well-formed and tells of no acceptance.
var ErrOtherLine = errors.New("a log line about something else")

// ReadAcceptance reads one line of the log, as it was written or in what CloudWatch wraps it in: an object with the line
// as "message" or "@message" (filter-log-events, Insights), or the line after its instant (an export to S3). Of the line
// itself nothing may be missing or malformed. The error matches ErrOtherLine where the line is another one.
func ReadAcceptance(line []byte) (Acceptance, error) {
	if i := bytes.IndexByte(line, ' '); i > 0 {
		if _, err := time.Parse(time.RFC3339, string(line[:i])); err == nil {
			line = line[i+1:]
		}
	}
	for range 3 { // a wrapping in a wrapping
		var l struct {
			Msg      string          `json:"msg"`
			Message  json.RawMessage `json:"message"`
			Insights json.RawMessage `json:"@message"`
			Acceptance
		}
		if err := json.Unmarshal(line, &l); err != nil {
			return Acceptance{}, errors.New("no JSON object, or a field of the wrong form")
		}
		inner := l.Message
		if inner == nil {
			inner = l.Insights
		}
		switch {
		case l.Msg == AcceptanceLine:
			return l.Acceptance, l.Acceptance.whole()
		case inner == nil:
			return Acceptance{}, ErrOtherLine
		}
		var text string
		if line = inner; json.Unmarshal(inner, &text) == nil {
			if line = bytes.TrimSpace([]byte(text)); !bytes.HasPrefix(line, []byte("{")) {
				return Acceptance{}, ErrOtherLine // Lambda's own lines: START, REPORT
			}
		}
	}
	return Acceptance{}, ErrOtherLine
}

// whole returns an error where something is missing or has another form than Lapse writes. It repeats no value.
func (a Acceptance) whole() error {
	const (
		small, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
		ids           = small + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + digits + "-_."
	)
	id, hash, _ := SplitNoticeID(a.Notice)
	for field, ok := range map[string]bool{
		"notice":    holds(id, 1, 64, ids) && holds(hash, 24, 24, small+digits),
		"attempt":   holds(a.Attempt, 32, 32, "abcdef"+digits),
		"messageId": holds(a.MessageID, 1, 128, ids),
		"at":        !a.At.IsZero() && a.At.Nanosecond() == 0,
		"due":       !a.Due.IsZero() && a.Due.Nanosecond() == 0,
	} {
		if !ok {
			return fmt.Errorf("%s is missing or malformed", field)
		}
	}
	return nil
}

// holds reports whether the text has from least to most bytes, all of them among these.
func holds(text string, least, most int, among string) bool {
	return len(text) >= least && len(text) <= most && strings.Trim(text, among) == ""
}
