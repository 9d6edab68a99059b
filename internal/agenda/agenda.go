// Package agenda holds the rows of the agenda: the time-ordered list of everything that has to be looked at, and when.
package agenda

import (
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// Kind says what an agenda row asks for.
type Kind string

// The kinds of agenda row. All but Notice are work: every sweep does them first, and neither quota nor pause
// stops them.
const (
	Notice      Kind = "notice"
	MakeNotices Kind = "make-notices"
	Replan      Kind = "re-plan"
	Order       Kind = "order"
	Exception   Kind = "exception"
	Erase       Kind = "erase"
	Announce    Kind = "announce"
)

// NoticeShards and WorkShards are the numbers of agenda partitions. 16 shards carry 16,000 row deletes a second,
// above any SES quota.
const (
	NoticeShards = 16
	WorkShards   = 4
)

// Row is one line of the agenda: look at this thing at this instant. It is a hint; the item it points to is the
// authority. At is rounded up to whole seconds by whoever makes it.
type Row struct {
	At   time.Time
	Kind Kind
	// ID is a notice id; "<matter>.<order>" for KindOrder; "<matter>.<exception>" for KindException; "<matter>.<disclosure>#<part>" for KindMakeNotices;
	// "<matter>@<version>" for KindReplan and KindAnnounce; "<matter>.<subject>" for KindErase.
	ID string
	// Planned is the head version the row was planned under.
	Planned int
	// Cursor is how far a long piece of work has come.
	Cursor string
}

// Work reports whether the row stands in the work partitions.
func (r Row) Work() bool { return r.Kind != Notice }

// Shard is the partition of the row within its class, by hash of its id.
func (r Row) Shard() int {
	h := fnv.New32a()
	h.Write([]byte(r.ID))
	if r.Work() {
		return int(h.Sum32() % WorkShards)
	}
	return int(h.Sum32() % NoticeShards)
}

// VersionedID is the id of rows that belong to one recorded version of a matter.
func VersionedID(matter string, version int) string { return matter + "@" + strconv.Itoa(version) }

// SplitVersionedID undoes VersionedID.
func SplitVersionedID(id string) (matter string, version int, ok bool) {
	m, v, ok := strings.Cut(id, "@")
	if !ok {
		return "", 0, false
	}
	n, err := strconv.Atoi(v)
	return m, n, err == nil
}

// PartID is the id of a make-notices row.
func PartID(matter, disclosure string, part int) string {
	return matter + "." + disclosure + "#" + strconv.Itoa(part)
}

// SplitPartID undoes PartID. Matter ids hold no dot, disclosure ids no '#'.
func SplitPartID(id string) (matter, disclosure string, part int, ok bool) {
	m, rest, ok1 := strings.Cut(id, ".")
	i := strings.LastIndexByte(rest, '#')
	if !ok1 || i < 0 {
		return "", "", 0, false
	}
	n, err := strconv.Atoi(rest[i+1:])
	return m, rest[:i], n, err == nil
}

// RefusedID is the id of the announce row of a refused bus event.
func RefusedID(digest string) string { return "refused." + digest }
