package store

import (
	"context"
	"time"
)

const (
	// ReportShards is the number of partitions that a half-year's ordinary rows stand in.
	ReportShards = 16
	// ReportSecret is the partition of the rows of national security, after the ordinary ones.
	ReportSecret = ReportShards
)

// ReportRow is what the transparency report needs of one matter, or a part of it, in one half-year.
type ReportRow struct {
	// Half is the half-year, as "2026-H1".
	Half string
	// Matter is the matter's id. Part counts its rows from 0, Parts says how many there are.
	Matter      string
	Part, Parts int
	// Secret rows stand in the partition ReportSecret, the others in one of the ordinary ones.
	Secret bool
	// Version is the head version that the row was reckoned under, Counted the instant at which its reading began, Opened
	// that of the matter's first event. UTC, whole seconds.
	Version         int
	Counted, Opened time.Time
	// Settled is true where the facts change no more without another event.
	Settled bool
	// Facts is the JSON of a facts.Row, at most MaxItemBytes. It holds no name, no address and no document.
	Facts []byte
}

// Reports keeps the rows of the transparency report. A row is identified by its Half, Matter, Part and Secret.
type Reports interface {
	// PutReport puts the row unless the stored one is newer: of a higher Version, or of the same and Counted later. Then
	// the result is nil all the same. ErrTooLarge: the row would be larger than a store keeps.
	PutReport(ctx context.Context, r ReportRow) error
	// DropReport takes the row out of ReportRows, unless the stored one is newer, as for PutReport. An older PutReport
	// does not bring it back: a matter that became one of national security stands in no ordinary partition again,
	// however late a count of before writes its rows.
	DropReport(ctx context.Context, r ReportRow) error
	// ReportRows returns a page of the rows of one partition of the half (0 to ReportSecret), by matter and part
	// ascending, and the cursor of the next.
	ReportRows(ctx context.Context, half string, shard int, after string, limit int) ([]ReportRow, string, error)
}
