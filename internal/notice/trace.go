package notice

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// SentLine is the message of the log line about an accepted mail. UnknownLine is the message about a mail that SES may
// have taken. docs/runbook.md filters by both.
const (
	SentLine    = "notice sent"
	UnknownLine = "notice unknown"
)

// Trace describes an attempt whose mail SES took, or may have taken. A table restored to an instant before the attempt
// needs these facts. So Trace is logged, because the log outlives the table. It holds no address.
type Trace struct {
	Notice  string `json:"notice"`
	Attempt string `json:"attempt"`
	// MessageID is SES' id of the mail, "" if nobody knows whether SES took it.
	MessageID string `json:"messageId"`
	// At is when the acceptance was recorded. For an unknown outcome it is when the attempt began. So every process that
	// finds the outcome unknown writes the same line, however late. Attempts stand in the order of their claims. At is in
	// whole seconds, UTC.
	At time.Time `json:"at"`
	// Due and Rules are those of the evaluation that the attempt rested on.
	Due   time.Time `json:"due"`
	Rules string    `json:"rules"`
	// Contact and Spare are the attempt's: a revision and a place, never an address. Older lines have neither.
	Contact string `json:"contact"`
	Spare   bool   `json:"spare"`
}

// Unknown reports whether nobody knows if SES took the mail.
func (t Trace) Unknown() bool { return t.MessageID == "" }

// Line returns the message of the log line.
func (t Trace) Line() string {
	if t.Unknown() {
		return UnknownLine
	}
	return SentLine
}

// Args returns the attributes of the log line, for slog.
func (t Trace) Args() []any {
	return []any{
		slog.String("notice", t.Notice), slog.String("attempt", t.Attempt), slog.String("messageId", t.MessageID),
		slog.Time("at", t.At), slog.Time("due", t.Due), slog.String("rules", t.Rules),
		slog.String("contact", t.Contact), slog.Bool("spare", t.Spare),
	}
}

// ErrOtherLine: the log line is well-formed and is not about an attempt.
var ErrOtherLine = errors.New("a log line about something else")

// ReadTrace reads one line of the log. It takes the line as it was written, or as CloudWatch wraps it: in an object
// under "message" or "@message" (filter-log-events, Insights), or after its instant (an export to S3). No field of the
// line may be missing or malformed. The error matches ErrOtherLine for a line that is not about an attempt.
func ReadTrace(line []byte) (Trace, error) {
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
			Trace
		}
		if err := json.Unmarshal(line, &l); err != nil {
			return Trace{}, errors.New("no JSON object, or a field of the wrong form")
		}
		inner := l.Message
		if inner == nil {
			inner = l.Insights
		}
		switch {
		case l.Msg == SentLine || l.Msg == UnknownLine:
			return l.Trace, l.Trace.whole(l.Msg == UnknownLine)
		case inner == nil:
			return Trace{}, ErrOtherLine
		}
		var text string
		if line = inner; json.Unmarshal(inner, &text) == nil {
			if line = bytes.TrimSpace([]byte(text)); !bytes.HasPrefix(line, []byte("{")) {
				return Trace{}, ErrOtherLine // Lambda's own lines: START, REPORT
			}
		}
	}
	return Trace{}, ErrOtherLine
}

// whole returns an error if a field is missing or has another form than Lapse writes. Only the contact may be missing.
// The error repeats no value.
func (t Trace) whole(unknown bool) error {
	const (
		small, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
		ids           = small + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + digits + "-_."
	)
	revision, place, two := strings.Cut(t.Contact, ".")
	id, hash, _ := SplitID(t.Notice)
	for field, ok := range map[string]bool{
		"notice":    holds(id, 1, 64, ids) && holds(hash, 24, 24, small+digits),
		"attempt":   holds(t.Attempt, 32, 32, "abcdef"+digits),
		"messageId": unknown && t.Unknown() || !unknown && holds(t.MessageID, 1, 128, ids),
		"at":        !t.At.IsZero() && t.At.Nanosecond() == 0,
		"due":       !t.Due.IsZero() && t.Due.Nanosecond() == 0,
		"contact":   t.Contact == "" || two && holds(revision, 1, 9, digits) && holds(place, 1, 9, digits),
	} {
		if !ok {
			return fmt.Errorf("%s is missing or malformed", field)
		}
	}
	return nil
}

// holds reports whether the text has least to most bytes, all of them from among.
func holds(text string, least, most int, among string) bool {
	return len(text) >= least && len(text) <= most && strings.Trim(text, among) == ""
}
