// Package publish makes the transparency report: it counts the rows of a half-year, freezes the count into a snapshot,
// prints the snapshot's files, and puts them where readers find them.
//
// # Order
//
// The snapshot goes first, private, and only if there is none of its revision. All files derive from it. The files of
// the revision go next, then those of the half, the first page last. So two runs at once make one revision, a reader
// finds no page that leads nowhere, and a run that was cut off anywhere is repeated to the same bytes.
//
// # The record of a publication
//
// Each snapshot names the hash of the one before of its half, with its instant and reason. So the snapshots are the
// ledger of what was published: none can be changed or left out unnoticed.
package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"lapse/internal/store"
	"lapse/internal/transparency"
)

// Service publishes reports. Every field is needed.
type Service struct {
	// Now is the wall clock.
	Now    func() time.Time
	Rows   store.Reports
	Folder Folder
	Log    *slog.Logger

	Settings Settings
}

// Settings are what an operator decides about the report.
type Settings struct {
	Publisher transparency.Publisher
	Security  transparency.SecurityRules
	Guide     transparency.Guide
	// Policies are the versions of the policy, newest first.
	Policies []transparency.PolicyText
}

// Folder is where the report stands. Paths have slashes. Files under Public are for everybody, files under Private are
// not.
type Folder interface {
	// Get returns a file's bytes. The error matches fs.ErrNotExist where there is none.
	Get(ctx context.Context, path string) ([]byte, error)
	// PutNew puts the file if there is none of its path, whole or not at all. The error matches fs.ErrExist where there is
	// one.
	PutNew(ctx context.Context, f transparency.File) error
	// Put puts the file, or replaces it, whole or not at all.
	Put(ctx context.Context, f transparency.File) error
	// List returns the paths of all files below the prefix, in no order.
	List(ctx context.Context, prefix string) ([]string, error)
}

// The prefixes of what everybody may read, and of the snapshots.
const (
	Public  = "public/"
	Private = "private/"
)

// Result is one publication.
type Result struct {
	Half     transparency.Half `json:"half"`
	Revision int               `json:"revision"`
	// SHA256 is the hash of the snapshot, in hex.
	SHA256 string `json:"sha256"`
	// Files are the paths of the revision's files, below the half's folder.
	Files []string `json:"files"`
	// New is true where this call made the revision.
	New bool `json:"-"`
}

// The errors that callers tell apart, beside those of transparency.Freeze.
var (
	// ErrNothing: nothing had been recorded by the half's end, and no half before it is published.
	ErrNothing = errors.New("nothing was recorded by the end of the half")
	// ErrUnsettled: some matters are not counted yet as they stood after the half.
	ErrUnsettled = errors.New("some matters are still to be counted")
)

// Freeze makes the next revision of the half, or publishes the newest again where nothing changed. Halves before it
// that are not published come first. The error matches transparency.ErrNotOver, transparency.ErrNoReason, ErrNothing or
// ErrUnsettled, holds a transparency.CrossCheckError, or is one of the store or the folder.
func (s *Service) Freeze(ctx context.Context, h transparency.Half, reason string) (Result, error) {
	if s.Now().Before(h.End()) {
		return Result{}, fmt.Errorf("freeze %s: %w", h, transparency.ErrNotOver)
	}
	if err := s.finish(ctx); err != nil {
		return Result{}, err
	}
	missing, err := s.missing(ctx, h)
	if err != nil {
		return Result{}, fmt.Errorf("freeze %s: %w", h, err)
	}
	for _, earlier := range missing {
		if earlier == h {
			break
		}
		if _, err := s.freeze(ctx, earlier, ""); err != nil {
			return Result{}, err
		}
	}
	return s.freeze(ctx, h, reason)
}

// Due freezes every half whose instant has come and that has no revision yet.
func (s *Service) Due(ctx context.Context) ([]Result, error) {
	if err := s.finish(ctx); err != nil {
		return nil, err
	}
	missing, err := s.missing(ctx, s.newestDue())
	if errors.Is(err, ErrNothing) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for reports that are due: %w", err)
	}
	var made []Result
	for _, half := range missing {
		r, err := s.freeze(ctx, half, "")
		if err != nil {
			return made, err
		}
		made = append(made, r)
	}
	return made, nil
}

// Waiting reports whether a half is to be frozen whose instant has come, or a publication is to be finished.
func (s *Service) Waiting(ctx context.Context) (bool, error) {
	open, err := s.unfinished(ctx)
	if err != nil || len(open) > 0 {
		return len(open) > 0, err
	}
	known, err := s.revisions(ctx)
	return known[s.newestDue()] == 0, err
}

// Begun reports whether there is anything to publish: a revision stands, or something was counted for the present half.
func (s *Service) Begun(ctx context.Context) (bool, error) {
	known, err := s.revisions(ctx)
	if err != nil || len(known) > 0 {
		return len(known) > 0, err
	}
	h := transparency.HalfOf(s.Now())
	for shard := range store.ReportSecret + 1 {
		rows, _, err := s.Rows.ReportRows(ctx, h.String(), shard, "", 1)
		if err != nil || len(rows) > 0 {
			return len(rows) > 0, err
		}
	}
	return false, nil
}

// newestDue is the newest half whose instant to be frozen has come.
func (s *Service) newestDue() transparency.Half { return Newest(s.Now()) }

// Newest is the newest half whose instant to be frozen has come by now.
func Newest(now time.Time) transparency.Half {
	h := transparency.HalfOf(now).Previous()
	if now.Before(h.FreezeAt()) {
		return h.Previous()
	}
	return h
}

// Empty is the first page while nothing is published, with what it needs beside it.
func (s *Service) Empty() ([]transparency.File, error) {
	return transparency.Index(s.Settings.Publisher, nil, nil)
}

// missing lists the halves up to h that have no revision, oldest first: those after the newest published one, else
// those from the half of the first event on.
func (s *Service) missing(ctx context.Context, h transparency.Half) ([]transparency.Half, error) {
	known, err := s.revisions(ctx)
	if err != nil {
		return nil, err
	}
	var list []transparency.Half
	for at := h; ; at = at.Previous() {
		if known[at] > 0 || h.Start().Sub(at.Start()) > longest {
			break
		}
		list = append([]transparency.Half{at}, list...)
	}
	if len(known) > 0 {
		if len(list) > 0 && known[list[0].Previous()] == 0 {
			return nil, nil // earlier than everything that is published
		}
		return list, nil
	}
	for i, at := range list {
		began, err := s.began(ctx, at)
		if err != nil {
			return nil, err
		}
		if began {
			return list[i:], nil
		}
	}
	return nil, ErrNothing
}

// longest is how far back the first half is looked for.
const longest = 6 * 365 * 24 * time.Hour

// freeze makes the next revision of one half.
func (s *Service) freeze(ctx context.Context, h transparency.Half, reason string) (Result, error) {
	previous, before, err := s.newest(ctx, h)
	if err != nil {
		return Result{}, err
	}
	if previous == nil && before == nil {
		began, err := s.began(ctx, h)
		if err == nil && !began {
			err = ErrNothing
		}
		if err != nil {
			return Result{}, fmt.Errorf("freeze %s: %w", h, err)
		}
	}
	count, err := s.count(ctx, s.counting(h, previous), true)
	if err != nil {
		return Result{}, fmt.Errorf("freeze %s: %w", h, err)
	}
	f := transparency.Freezing{Now: s.Now(), Reason: reason, Publisher: s.Settings.Publisher, Previous: previous,
		Before: before}
	if previous != nil && reason == "" {
		f.Reason = "no reason was given" // to see whether a reason is needed at all
	}
	snapshot, err := transparency.Freeze(count, f)
	switch {
	case errors.Is(err, transparency.ErrUnchanged):
		return s.publish(ctx, previous)
	case err != nil:
		return Result{}, err
	case previous != nil && reason == "":
		return Result{}, fmt.Errorf("freeze %s: %w", h, transparency.ErrNoReason)
	}
	kept, made, err := s.keep(ctx, snapshot)
	if err != nil {
		return Result{}, err
	}
	r, err := s.publish(ctx, kept)
	r.New = made
	return r, err
}

func (s *Service) counting(h transparency.Half, previous *transparency.Snapshot) transparency.Counting {
	c := transparency.Counting{Half: h, PublishedOn: s.Now(), Security: s.Settings.Security}
	if previous != nil {
		c.FirstFrozen = previous.Revisions[0].FrozenAt
		c.PublishedOn = c.FirstFrozen
	}
	return c
}

// keep keeps the snapshot, unless another run kept one of its revision: then that one stands, and made is false.
func (s *Service) keep(ctx context.Context, snapshot *transparency.Snapshot) (kept *transparency.Snapshot, made bool,
	err error) {
	raw, err := snapshot.Encode()
	if err != nil {
		return nil, false, fmt.Errorf("keep the snapshot of %s: %w", snapshot.Half, err)
	}
	name := snapshotPath(snapshot.Half, snapshot.Revision)
	err = s.Folder.PutNew(ctx, transparency.File{Path: name, Body: raw})
	if errors.Is(err, fs.ErrExist) {
		kept, err = s.snapshot(ctx, snapshot.Half, snapshot.Revision)
		return kept, false, err
	}
	if err != nil {
		return nil, false, fmt.Errorf("keep the snapshot of %s: %w", snapshot.Half, err)
	}
	return snapshot, true, nil
}

// Draft prints the half as it would be published now, marked as a draft. Nothing of it is kept.
func (s *Service) Draft(ctx context.Context, h transparency.Half) ([]transparency.File, error) {
	previous, before, err := s.newest(ctx, h)
	if err != nil {
		return nil, err
	}
	c := s.counting(h, previous)
	if s.Now().Before(h.End()) {
		c.Cutoff = s.Now()
	}
	count, err := s.count(ctx, c, false)
	if err != nil {
		return nil, fmt.Errorf("draft %s: %w", h, err)
	}
	snapshot, err := transparency.Freeze(count, transparency.Freezing{Now: s.Now(), Publisher: s.Settings.Publisher,
		Previous: previous, Before: before, Draft: true, Reason: "draft"})
	if err != nil {
		return nil, err
	}
	return transparency.Files(snapshot)
}
