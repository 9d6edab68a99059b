// Package agenda holds the rows of the agenda: the time-ordered list of everything that has to be looked at, and when.
package agenda

import (
	"hash/fnv"
	"strconv"
	"time"
)

// Kind says what an agenda row asks for.
type Kind string

// The kinds of agenda row. All but Notice are work: every sweep does them first, and neither quota nor pause stops
// them.
const (
	Notice      Kind = "notice"
	MakeNotices Kind = "make-notices"
	Replan      Kind = "re-plan"
	Order       Kind = "order"
	Exception   Kind = "exception"
	Erase       Kind = "erase"
	Announce    Kind = "announce"
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{Notice, MakeNotices, Replan, Order, Exception, Erase, Announce} }

// NoticeShards and WorkShards are the numbers of agenda partitions. 16 shards carry 16,000 row deletes a second, above
// any SES quota.
const (
	NoticeShards = 16
	WorkShards   = 4
)

// Row is one line of the agenda: visit this thing at this instant. It is a hint; the item it points to is the
// authority. The constructors make rows. At is rounded up to whole seconds by whoever makes one.
type Row struct {
	At   time.Time
	Kind Kind
	// Matter is empty for the announcement of a refused event only.
	Matter string
	// Ref is what the row points to: the notice's id; the order's, exception's, disclosure's or subject's id within the
	// matter; the digest of a refused event. It is empty where Version says it.
	Ref string
	// Part is the part of the disclosure whose notices are to be made.
	Part int
	// Version is the recorded version of the matter that is to be planned anew or announced.
	Version int
	// Planned is the head version that the row was planned under.
	Planned int
	// Retries counts the attempts in a row that SES refused or that did not reach it. Losing it only shortens the next
	// wait.
	Retries int
	// MissingSince is since when the thing that the row points to is missing, zero while it is there.
	MissingSince time.Time
	// Cursor says how far a long piece of work has come. CursorHead is the head version that it holds under, 0 for any.
	Cursor     string
	CursorHead int
}

// ForNotice is the row that visits the notice.
func ForNotice(matterID, noticeID string, at time.Time, planned int) Row {
	return Row{At: at, Kind: Notice, Matter: matterID, Ref: noticeID, Planned: planned}
}

// ForMakeNotices is the row that makes the notices of a part of a disclosure.
func ForMakeNotices(matterID, disclosure string, part int, at time.Time, planned int) Row {
	return Row{At: at, Kind: MakeNotices, Matter: matterID, Ref: disclosure, Part: part, Planned: planned}
}

// ForReplan is the row that plans the notices of the matter anew for the recorded version.
func ForReplan(matterID string, version int, at time.Time) Row {
	return Row{At: at, Kind: Replan, Matter: matterID, Version: version, Planned: version}
}

// ForAnnounce is the row that tells the bus about the recorded version.
func ForAnnounce(matterID string, version int, at time.Time) Row {
	return Row{At: at, Kind: Announce, Matter: matterID, Version: version, Planned: version}
}

// ForRefused is the row that tells the bus about the refused event with the digest.
func ForRefused(digest string, at time.Time) Row {
	return Row{At: at, Kind: Announce, Ref: digest}
}

// ForOrder is the row that visits the order.
func ForOrder(matterID, order string, at time.Time, planned int) Row {
	return Row{At: at, Kind: Order, Matter: matterID, Ref: order, Planned: planned}
}

// ForException is the row that visits the exception.
func ForException(matterID, exception string, at time.Time, planned int) Row {
	return Row{At: at, Kind: Exception, Matter: matterID, Ref: exception, Planned: planned}
}

// ForErase is the row that erases the contacts of the subject.
func ForErase(matterID, subject string, at time.Time, planned int) Row {
	return Row{At: at, Kind: Erase, Matter: matterID, Ref: subject, Planned: planned}
}

// Work reports whether the row stands in the work partitions.
func (r Row) Work() bool { return r.Kind != Notice }

// Shard is the partition of the row within its class, by hash of its id.
func (r Row) Shard() int {
	h := fnv.New32a()
	h.Write([]byte(r.ID()))
	if r.Work() {
		return int(h.Sum32() % WorkShards)
	}
	return int(h.Sum32() % NoticeShards)
}

// ID names what the row points to, for logs, answers and keys. Nobody reads it apart again.
func (r Row) ID() string {
	switch {
	case r.Kind == Notice:
		return r.Ref
	case r.Kind == MakeNotices:
		return r.Matter + "." + r.Ref + "#" + strconv.Itoa(r.Part)
	case r.Matter == "":
		return "refused." + r.Ref
	case r.Ref == "":
		return r.Matter + "@" + strconv.Itoa(r.Version)
	}
	return r.Matter + "." + r.Ref
}
