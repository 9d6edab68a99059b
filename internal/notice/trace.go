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

// SentLine and UnknownLine are the messages of the log lines that tell of an accepted mail, and of one that SES may
// have taken; docs/runbook.md filters by them.
const (
	SentLine    = "notice sent"
	UnknownLine = "notice unknown"
)

// Trace is what has to be known of an attempt in a table that was restored to an instant before it: SES took its mail,
// or may have. It is logged, so that it outlives the table, and holds no address.
type Trace struct {
	Notice  string `json:"notice"`
	Attempt string `json:"attempt"`
	// MessageID is the id that SES gave to the mail, "" where nobody knows whether it took it.
	MessageID string `json:"messageId"`
	// At is when the acceptance was recorded; where nobody knows of one, when the attempt began: whoever finds that out,
	// and however late, writes the same line, and attempts stand in the order of their claims. In whole seconds, UTC.
	At time.Time `json:"at"`
	// Due and Rules are those of the evaluation that the attempt rested on.
	Due   time.Time `json:"due"`
	Rules string    `json:"rules"`
	// Contact and Spare are the attempt's: a revision and a place, never an address. Older lines have neither.
	Contact string `json:"contact"`
	Spare   bool   `json:"spare"`
}

// Unknown reports whether nobody knows that SES took the mail.
func (t Trace) Unknown() bool { return t.MessageID == "" }

// Line is the message of the log line.
func (t Trace) Line() string {
	if t.Unknown() {
		return UnknownLine
	}
	return SentLine
}

// Args are the attributes of the log line, for slog.
func (t Trace) Args() []any {
	return []any{
		slog.String("notice", t.Notice), slog.String("attempt", t.Attempt), slog.String("messageId", t.MessageID),
		slog.Time("at", t.At), slog.Time("due", t.Due), slog.String("rules", t.Rules),
		slog.String("contact", t.Contact), slog.Bool("spare", t.Spare),
	}
}

// ErrOtherLine says that a log line is well-formed and tells of no attempt.
var ErrOtherLine = errors.New("a log line about something else")

// ReadTrace reads one line of the log, as it was written or in what CloudWatch wraps it in: an object with the line as
// "message" or "@message" (filter-log-events, Insights), or the line after its instant (an export to S3). Of the line
// itself nothing may be missing or malformed. The error matches ErrOtherLine where the line is another one.
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

// whole returns an error where something but the contact is missing or has another form than Lapse writes. It repeats
// no value.
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

// holds reports whether the text has from least to most bytes, all of them among these.
func holds(text string, least, most int, among string) bool {
	return len(text) >= least && len(text) <= most && strings.Trim(text, among) == ""
}
