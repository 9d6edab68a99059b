package site

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"lapse/internal/calendar"
	"lapse/internal/inquire"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// stamp is an instant in words, with its exact form for programs.
type stamp struct{ ISO, Text string }

// minute writes an instant in UTC to the minute, second to the second, day as its UTC date.
func minute(t time.Time) stamp { return written(t, "2 Jan 2006, 15:04 UTC") }
func second(t time.Time) stamp { return written(t, "2 Jan 2006, 15:04:05 UTC") }
func day(t time.Time) stamp    { return written(t, "2 Jan 2006") }

func written(t time.Time, layout string) stamp {
	t = t.UTC()
	return stamp{t.Format(time.RFC3339), t.Format(layout)}
}

const longDay = "2 January 2006"

// chip is a short state in a rounded border. Class is "hold", "clear", "alarm", "quiet" or none.
type chip struct{ Class, Text string }

// spaced writes a code as words.
func spaced[T ~string](code T) string { return strings.ReplaceAll(string(code), "_", " ") }

// capital writes the first letter as a capital.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

func instrument(i matter.Instrument) string {
	switch i {
	case matter.MLAT:
		return "mutual legal assistance request"
	case matter.CloudAct:
		return "CLOUD Act order"
	case matter.EPOC:
		return "European production order"
	case matter.EPOCPR:
		return "European preservation order"
	case matter.NSL:
		return "national security letter"
	case matter.FISA:
		return "FISA order"
	case matter.Emergency:
		return "emergency request"
	case matter.Preservation:
		return "preservation request"
	case matter.OtherInstrument:
		return "other request"
	}
	return spaced(i)
}

// kindWords says what a restraint is. Its origin tells a law that nobody has verified, and a paper that could not be
// read, from secrecy by statute.
func kindWords(kind matter.OrderKind, origin matter.Origin) string {
	switch {
	case origin == matter.OriginUnverified:
		return "no verified rule"
	case origin == matter.OriginUnstated:
		return "no law named"
	case origin == matter.OriginUnreadable:
		return "unreadable order"
	case origin == matter.OriginUnapproved:
		return "emergency disclosure, not approved"
	case kind == matter.Certification:
		return "agency certification"
	}
	if ours, is := kind.Exception(); is {
		return "our exception, " + spaced(ours)
	}
	return spaced(kind)
}

func orderChip(s matter.OrderState) chip {
	switch s {
	case matter.OrderReceived:
		return chip{"alarm", "unread"}
	case matter.OrderInForceDeficient:
		return chip{"alarm", "in force, deficient"}
	case matter.OrderOpenEnded:
		return chip{"hold", "open-ended"}
	case matter.OrderPendingStart:
		return chip{"hold", "starts later"}
	case matter.OrderInForce, matter.OrderPlea:
		return chip{"hold", spaced(s)}
	}
	return chip{"", spaced(s)}
}

// over reports whether an order in this state forbids nothing any more.
func over(s matter.OrderState) bool {
	switch s {
	case matter.OrderExpired, matter.OrderEnded, matter.OrderVoid:
		return true
	}
	return false
}

func findingChip(s matter.Status) chip {
	switch s {
	case matter.Pass:
		return chip{"clear", "passes"}
	case matter.Fail:
		return chip{"alarm", "fails"}
	case matter.NeedsPerson:
		return chip{"hold", "needs a person"}
	case matter.Unknown:
		return chip{"hold", "unknown"}
	case matter.NotApplicable:
		return chip{"quiet", "does not apply"}
	case matter.NotEffective:
		return chip{"quiet", "not yet law"}
	}
	return chip{"", spaced(s)}
}

// standing returns the chip of a notice's state now.
func standing(n inquire.NoticeView) chip {
	if n.Overdue {
		return chip{"alarm", "overdue"}
	}
	return noticeChip(n.NoticeBrief)
}

// noticeChip returns the chip of a notice's state. A notice without a due has no known end.
func noticeChip(n ledger.NoticeBrief) chip {
	switch n.State {
	case notice.Delivered:
		return chip{"clear", "delivered"}
	case notice.Sent, notice.Unconfirmed, notice.ToldOtherwise:
		return chip{"clear", spaced(n.State)}
	case notice.Failed, notice.Bounced, notice.Complained, notice.Unknown:
		return chip{"alarm", spaced(n.State)}
	case notice.Cancelled, notice.Withheld:
		return chip{"", spaced(n.State)}
	}
	if n.Due == nil {
		return chip{"alarm", "held, no end"}
	}
	return chip{"hold", spaced(n.State)}
}

func matterChip(s matter.State) chip {
	switch s {
	case matter.AwaitingRequest:
		return chip{"hold", "awaiting the request"}
	case matter.Disclosed, matter.Approved:
		return chip{"hold", spaced(s)}
	}
	return chip{"", spaced(s)}
}

// reason says why a notice is in its state.
func reason(code notice.Reason) string {
	switch code {
	case notice.ReasonDelivered:
		return "" // the state says it
	case notice.ReasonNoContact:
		return "no verified address to write to"
	case notice.ReasonAttempts:
		return "every allowed attempt may have reached SES"
	case notice.ReasonRejected:
		return "SES refused this message"
	case notice.ReasonHardBounce:
		return "the address does not exist"
	case notice.ReasonSoftBounce:
		return "the mail came back: the mailbox is full, or its server is away"
	case notice.ReasonContent:
		return "the receiving server refuses the mail's content or size"
	case notice.ReasonSuppressed:
		return "the address is on a suppression list"
	}
	return spaced(code)
}

// count writes a number as a word where that reads well.
func count(n int) string {
	words := [...]string{"none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
		"twelve"}
	if n >= 0 && n < len(words) {
		return words[n]
	}
	return fmt.Sprint(n)
}

// plural writes a number with the singular or the plural.
func plural(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}

// list names the first few and counts the rest.
func list(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and " + fmt.Sprint(len(names)-most) + " more"
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// distance writes how far ahead or back an instant lies, in whole days. It counts in Unix seconds, because orders reach
// further than a time.Duration.
func distance(t, now time.Time) string {
	days := int((t.Unix() - now.Unix()) / 86400)
	switch {
	case days > 0:
		return fmt.Sprintf("in %d %s", days, plural(days, "day", "days"))
	case days < 0:
		return fmt.Sprintf("%d %s ago", -days, plural(-days, "day", "days"))
	case t.After(now):
		return "within a day"
	}
	return "now"
}

// court is a court's zone, or none.
type court struct {
	name string
	loc  *time.Location
}

// courtOf loads the zone. An unknown name gives no zone.
func courtOf(zone string) court {
	if zone == "" {
		return court{}
	}
	loc, err := calendar.Load(zone)
	if err != nil {
		return court{}
	}
	return court{zone, loc}
}

// city returns the last part of the zone's name.
func (c court) city() string {
	return strings.ReplaceAll(c.name[strings.LastIndexByte(c.name, '/')+1:], "_", " ")
}

// edge is one end of a restraint: the local day in words, and the instant.
type edge struct {
	// Day is the day and time in the court's zone, "" if no zone is known.
	Day, Zone string
	At        stamp
}

// from and until write an edge. A local midnight is the start of its day, or the end of the day before.
func (c court) from(t time.Time) edge  { return c.edge(t, t, "start of day") }
func (c court) until(t time.Time) edge { return c.edge(t, t.Add(-time.Second), "end of day") }

func (c court) edge(t, within time.Time, words string) edge {
	e := edge{At: minute(t)}
	if c.loc == nil {
		return e
	}
	local := t.In(c.loc)
	e.Zone, e.Day = c.name, local.Format("2 Jan 2006, 15:04")
	if local.Hour() == 0 && local.Minute() == 0 {
		e.Day = within.In(c.loc).Format("2 Jan 2006") + ", " + words
	}
	return e
}

// sentence writes an instant within a sentence, in the court's zone if it is known.
func (c court) sentence(t time.Time) string {
	if c.loc == nil {
		return t.UTC().Format(longDay + ", 15:04 UTC")
	}
	return t.In(c.loc).Format(longDay+", 15:04") + " in " + c.city()
}
