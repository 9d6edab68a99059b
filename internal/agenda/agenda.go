// Package agenda holds the rows of the agenda: the list, by time, of everything that Lapse has to visit.
package agenda

import (
	"hash/fnv"
	"strconv"
	"time"
)

// Kind says what an agenda row asks the dispatcher to do.
type Kind string

// The kinds of agenda row. All but Notice are work. Every sweep does work first, and neither quota nor pause stops it.
const (
	Notice      Kind = "notice"
	MakeNotices Kind = "make-notices"
	Replan      Kind = "re-plan"
	Order       Kind = "order"
	Exception   Kind = "exception"
	Erase       Kind = "erase"
	Announce    Kind = "announce"
	Approval    Kind = "approval"
	Count       Kind = "count"
	Moved       Kind = "moved"
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{Notice, MakeNotices, Replan, Order, Exception, Erase, Announce, Approval, Count, Moved}
}

// NoticeShards and WorkShards are the numbers of agenda partitions. 16 shards carry 16,000 row deletions a second, more
// than any SES quota.
const (
	NoticeShards = 16
	WorkShards   = 4
)

// Row is one line of the agenda: visit this thing at this instant. A row is a hint, and the item it points to is the
// authority. The constructors make rows. Their callers round At up to whole seconds.
type Row struct {
	At   time.Time
	Kind Kind
	// Matter is empty only for the announcement of a refused event.
	Matter string
	// Ref names the item that the row points to. It is the notice's id, or the digest of a refused event, or the id of an
	// order, exception, disclosure or subject within the matter. It is empty if Version names the item.
	Ref string
	// Part is the part of the disclosure whose notices are to be made.
	Part int
	// Version is the recorded version of the matter that is to be planned anew or announced. Of a Moved row it is the one
	// whose changed contact is to be announced, 0 once that is done.
	Version int
	// Planned is the head version that the row was planned under, Revision that of the notice as it was planned, 0 where
	// that is left open. Both tell rows of one thing at one instant apart, so that who deletes the row he has read deletes
	// none that somebody has put since. A revision that the notice has not reached yet means that the row was put ahead of
	// the notice's change: it stays until then.
	Planned, Revision int
	// Retries counts the consecutive attempts that SES refused or that did not reach SES. Losing the count only shortens
	// the next wait.
	Retries int
	// MissingSince is since when the row's item is missing, zero while it exists.
	MissingSince time.Time
	// Cursor says how far a long piece of work has come. CursorHead is the head version that it holds under, 0 for any.
	Cursor     string
	CursorHead int
}

// ForNotice returns the row that visits the notice.
func ForNotice(matterID, noticeID string, at time.Time, planned int) Row {
	return Row{At: at, Kind: Notice, Matter: matterID, Ref: noticeID, Planned: planned}
}

// ForMakeNotices returns the row that makes the notices of a part of a disclosure.
func ForMakeNotices(matterID, disclosure string, part int, at time.Time, planned int) Row {
	return Row{At: at, Kind: MakeNotices, Matter: matterID, Ref: disclosure, Part: part, Planned: planned}
}

// ForReplan returns the row that plans the notices of the matter anew for the recorded version.
func ForReplan(matterID string, version int, at time.Time) Row {
	return Row{At: at, Kind: Replan, Matter: matterID, Version: version, Planned: version}
}

// ForAnnounce returns the row that tells the bus about the recorded version.
func ForAnnounce(matterID string, version int, at time.Time) Row {
	return Row{At: at, Kind: Announce, Matter: matterID, Version: version, Planned: version}
}

// ForRefused returns the row that tells the bus about the refused event with the digest.
func ForRefused(digest string, at time.Time) Row {
	return Row{At: at, Kind: Announce, Ref: digest}
}

// ForOrder returns the row that visits the order.
func ForOrder(matterID, order string, at time.Time, planned int) Row {
	return Row{At: at, Kind: Order, Matter: matterID, Ref: order, Planned: planned}
}

// ForException returns the row that visits the exception.
func ForException(matterID, exception string, at time.Time, planned int) Row {
	return Row{At: at, Kind: Exception, Matter: matterID, Ref: exception, Planned: planned}
}

// ForApproval returns the row that visits the approval.
func ForApproval(matterID, approval string, at time.Time, planned int) Row {
	return Row{At: at, Kind: Approval, Matter: matterID, Ref: approval, Planned: planned}
}

// ForMoved returns the row that looks after the contacts of a subject after the recorded version changed them. Somebody
// may have to be told of that.
func ForMoved(matterID, subject string, version int, at time.Time) Row {
	return Row{At: at, Kind: Moved, Matter: matterID, Ref: subject, Version: version, Planned: version}
}

// ForErase returns the row that erases the contacts of the subject.
func ForErase(matterID, subject string, at time.Time, planned int) Row {
	return Row{At: at, Kind: Erase, Matter: matterID, Ref: subject, Planned: planned}
}

// ForCount returns the row that reckons what the transparency report counts of the matter.
func ForCount(matterID string, at time.Time, planned int) Row {
	return Row{At: at, Kind: Count, Matter: matterID, Planned: planned}
}

// Work reports whether the row stands in the work partitions.
func (r Row) Work() bool { return r.Kind != Notice }

// Shard returns the row's partition within its class, by a hash of its id.
func (r Row) Shard() int {
	h := fnv.New32a()
	h.Write([]byte(r.ID()))
	if r.Work() {
		return int(h.Sum32() % WorkShards)
	}
	return int(h.Sum32() % NoticeShards)
}

// ID names the item that the row points to, for logs, answers and keys. Nothing parses it again.
func (r Row) ID() string {
	switch {
	case r.Kind == Notice:
		return r.Ref
	case r.Kind == MakeNotices:
		return r.Matter + "." + r.Ref + "#" + strconv.Itoa(r.Part)
	case r.Kind == Count:
		return r.Matter
	case r.Matter == "":
		return "refused." + r.Ref
	case r.Ref == "":
		return r.Matter + "@" + strconv.Itoa(r.Version)
	}
	return r.Matter + "." + r.Ref
}
