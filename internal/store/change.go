package store

import (
	"fmt"
	"slices"

	"lapse/internal/agenda"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// The bounds of a transaction.
const (
	// MaxItems is how many items one transaction may write. DynamoDB allows 100 (TransactWriteItems). A low bound keeps
	// conflicts rare. No change may grow with the number of subjects.
	MaxItems = 16
	// MaxItemBytes is how many bytes one item may have. DynamoDB allows 400 KB, its attributes' names included. The rest
	// is left for what a later write of the same item adds.
	MaxItemBytes = 390 << 10
)

// How lists stand in items.
const (
	// ListInHead is the longest list of subjects that a head keeps itself. A longer one stands in an item of its own
	// (docs/adr/0004).
	ListInHead = 50
	// NamesInHead is the largest number of names, in all lists together, that always fits in the head. Once the head
	// exceeds 32 KB a store may keep every list apart (docs/adr/0004). Ids of 64 bytes leave room for less than 400 there.
	NamesInHead = 300
	// PendingInItem is how many subjects that wait for their event stand in one item. An event has 1,000 subjects at most.
	PendingInItem = 500
)

// Change is one recorded event's transaction: all of it becomes true, or nothing. It writes at most MaxItems items of
// at most MaxItemBytes.
type Change struct {
	// Head carries the new version, Head.Version; the change is made only if the stored version is Head.Version-1.
	Head matter.Head
	// Receipt is put if absent. A receipt without a key is not written, because its event waits for another person and has
	// no answer yet.
	Receipt ledger.Receipt
	// Given is the receipt of the approval by which the event takes effect, nil for none. It is put if absent.
	Given *ledger.Receipt
	Entry ledger.Entry
	// Approval is put as given where present.
	Approval *ledger.Approval
	// Request, Disclosure, Orders and Exception are put as given where present.
	Request    *matter.Request
	Disclosure *matter.Disclosure
	Orders     []matter.Order
	Exception  *matter.Exception
	// Subject is put as given where present: a change of one subject's contacts. One with former contacts is not put over
	// one that is Erased.
	Subject *matter.Subject
	// Decided is the notice that the change's event holds or cancels, nil for none, as it stands with the decision on it
	// (notice.Decide). It replaces the one of the revision before.
	Decided *notice.Notice
	// Rows are put as given.
	Rows []agenda.Row
}

// Items counts the items that the change writes, the receipt in any case. Where a list may stand in the head or apart,
// it counts as apart.
func (c *Change) Items() int {
	n := len([]string{"head", "receipt", "entry"}) + len(c.Orders) + len(c.Rows)
	n += (len(c.Entry.Pending) + PendingInItem - 1) / PendingInItem
	for _, present := range []bool{
		c.Given != nil, c.Approval != nil, c.Request != nil, c.Disclosure != nil, c.Exception != nil, c.Subject != nil,
		c.Decided != nil,
	} {
		if present {
			n++
		}
	}
	for i := range c.Head.Restraints {
		if r := &c.Head.Restraints[i]; r.Revision == c.Head.Version && c.Apart(r) {
			n++
		}
	}
	return n
}

// Receipts lists the receipts that the change writes.
func (c *Change) Receipts() []ledger.Receipt {
	var out []ledger.Receipt
	if c.Receipt.Key != "" {
		out = append(out, c.Receipt)
	}
	if c.Given != nil {
		out = append(out, *c.Given)
	}
	return out
}

// Room is how many items more the change may write; negative where it writes too many.
func (c *Change) Room() int { return MaxItems - c.Items() }

// Apart reports whether the lists of a restraint of the head may stand in an item of their own.
func (c *Change) Apart(r *matter.Restraint) bool {
	if LongList(r) {
		return true
	}
	names := 0
	for i := range c.Head.Restraints {
		names += listed(&c.Head.Restraints[i])
	}
	return names > NamesInHead && listed(r) > 0
}

// listed counts what the lists of a restraint hold.
func listed(r *matter.Restraint) int { return len(r.Subjects) + len(r.Unknown) + len(r.Mailboxes) }

// LongList reports whether the lists of a restraint are too long for the head, and so always stand apart.
func LongList(r *matter.Restraint) bool {
	return max(len(r.Subjects), len(r.Unknown), len(r.Mailboxes)) > ListInHead
}

// Fitting returns the longest beginning of the list more that fits beside the list in one item.
func Fitting(list, more []string) []string {
	const (
		place = 1       // bytes that a list needs for an element beside the element's own
		rest  = 1 << 10 // the item's key, and the names of its attributes
	)
	left := MaxItemBytes - rest
	for _, s := range list {
		left -= len(s) + place
	}
	i := slices.IndexFunc(more, func(s string) bool {
		left -= len(s) + place
		return left < 0
	})
	if i < 0 {
		return more
	}
	return more[:i]
}

// Wrote names the records of the change that later events are planned on, for its ledger entry.
func (c *Change) Wrote() []ledger.Wrote {
	var out []ledger.Wrote
	add := func(kind ledger.RecordKind, id string) {
		out = append(out, ledger.Wrote{Kind: kind, ID: id, Version: c.Head.Version})
	}
	if c.Request != nil {
		add(ledger.Request, "")
	}
	for i := range c.Orders {
		add(ledger.Order, c.Orders[i].ID)
	}
	if c.Exception != nil {
		add(ledger.Exception, c.Exception.ID)
	}
	if c.Disclosure != nil {
		add(ledger.Disclosure, c.Disclosure.ID)
	}
	if c.Approval != nil {
		add(ledger.Approved, c.Approval.ID)
	}
	if c.Subject != nil {
		add(ledger.Subject, c.Subject.ID)
	}
	return out
}

// Fits returns an error where the change writes more than MaxItems items. Every store asks it before it writes.
func (c *Change) Fits() error {
	if n := c.Items(); n > MaxItems {
		return fmt.Errorf("the change writes %d items, and a transaction writes %d at most", n, MaxItems)
	}
	return nil
}

// TooLarge returns an error that matches ErrTooLarge where an item of so many bytes is over MaxItemBytes.
func TooLarge(what string, size int) error {
	if size <= MaxItemBytes {
		return nil
	}
	return fmt.Errorf("%s would have %d bytes, and an item has %d at most: %w", what, size, MaxItemBytes, ErrTooLarge)
}
