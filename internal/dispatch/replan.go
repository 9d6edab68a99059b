package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/store"
)

// replannedAtOnce is how many notices one sweep plans anew for one change, so that sending is not starved.
const replannedAtOnce = 10_000

// replan plans the notices anew that the recorded change may concern. Every unfinished one gets a row where the
// restraints now say, whether it seems to have one or not, and mails that an order came too late for are found. New
// contacts concern their subject, whichever event brings them. They concern everybody where they changed whom a
// restraint covers. The subjects that the change left pending are written first, and a person's decision is carried
// out.
func (w *workPass) replan(ctx context.Context, row agenda.Row) error {
	id, version := row.Matter, row.Version
	entry, err := w.store.Entry(ctx, id, version)
	if err != nil {
		return fmt.Errorf("read ledger entry %d of matter %s: %w", version, id, err)
	}
	if err := w.writePending(ctx, &entry); err != nil {
		return err
	}
	if err := w.carryOut(ctx, &entry); err != nil {
		return err
	}
	head, err := w.freshHead(ctx, id)
	if err != nil {
		return err
	}
	if head.Version < version || torn(head) {
		return fmt.Errorf("re-plan %s: %w", row.ID(), errUnseen)
	}
	switch entry.Type {
	case event.ContactChanged:
		err = w.replanSubject(ctx, &entry, head)
	case event.RequestAmended:
		err = w.replanAmended(ctx, &entry, head)
	default:
		return w.replanMatter(ctx, row, head)
	}
	if err != nil {
		return err
	}
	// Others share a mailbox or a tenant with those subjects, if a restraint names them. A later change of the restraint
	// has a re-plan row of its own.
	if slices.ContainsFunc(head.Restraints, func(r matter.Restraint) bool { return r.Changed() == version }) {
		return w.replanMatter(ctx, row, head)
	}
	return w.deleteRow(ctx, row)
}

// writePending writes the subjects that an amendment's entry still holds.
func (w *workPass) writePending(ctx context.Context, entry *ledger.Entry) error {
	skipped, err := owed.WritePendingSubjects(ctx, w.store, entry)
	if len(skipped) > 0 {
		w.log.Info("sweep: amended subjects were changed again since", "matter", entry.Matter, "version", entry.Seq,
			"subjects", strings.Join(skipped, " "))
	}
	return err
}

// replanMatter is a re-plan of all notices, from where the row's cursor says. The cursor is saved only after its page
// is planned, so a sweep that was cut off in between is followed by one that plans the page again.
func (w *workPass) replanMatter(ctx context.Context, row agenda.Row, head *matter.Head) error {
	id := head.Matter
	row.MissingSince = time.Time{}
	for planned := 0; ; {
		page, next, err := w.store.Notices(ctx, id, row.Cursor, pageSize)
		if err != nil {
			return fmt.Errorf("read the notices of matter %s: %w", id, err)
		}
		if err := w.replanPage(ctx, page, head); err != nil {
			return err
		}
		if next == "" {
			return w.deleteRow(ctx, row)
		}
		row.Cursor = next
		if err := w.store.PutRows(ctx, row); err != nil {
			return fmt.Errorf("save the cursor of row %s: %w", row.ID(), err)
		}
		if planned += len(page); planned >= replannedAtOnce || w.over() {
			return nil
		}
	}
}

// subjectsOf reads the subjects of some notices of a matter.
func (p *pass) subjectsOf(ctx context.Context, id string, some []notice.Notice) (map[string]matter.Subject, error) {
	ids := make([]string, len(some))
	for i := range some {
		ids[i] = some[i].Subject
	}
	subjects, err := p.store.Subjects(ctx, id, ids)
	if err != nil {
		return nil, fmt.Errorf("read the subjects of some notices of matter %s: %w", id, err)
	}
	return subjects, nil
}

// replanPage puts the rows of some notices where this head says.
func (w *workPass) replanPage(ctx context.Context, page []notice.Notice, head *matter.Head) error {
	subjects, err := w.subjectsOf(ctx, head.Matter, page)
	if err != nil {
		return err
	}
	if err := owed.Each(len(page), w.workers, func(i int) error {
		return w.recordLateOrder(ctx, &page[i], head)
	}); err != nil {
		return err
	}
	rows := make([]agenda.Row, 0, len(page))
	for i := range page {
		subject := subjects[page[i].Subject]
		if row, ok := w.plannedRow(&page[i], &subject, head); ok {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := w.store.PutRows(ctx, rows...); err != nil {
		return fmt.Errorf("put the rows of notices of matter %s: %w", head.Matter, err)
	}
	return nil
}

// replanSubject plans the notices of the one subject whose contacts the entry changed. Those that are still owed are
// put back, where the new contacts hold a verified one for them. A notice that is not made yet is made under the new
// contacts.
func (w *workPass) replanSubject(ctx context.Context, entry *ledger.Entry, head *matter.Head) error {
	var data struct {
		SubjectID string `json:"subjectId"`
	}
	if err := json.Unmarshal(entry.Data, &data); err != nil {
		return fmt.Errorf("read the data of ledger entry %d of matter %s: %w", entry.Seq, entry.Matter, err)
	}
	subjects, err := w.store.Subjects(ctx, entry.Matter, []string{data.SubjectID})
	if err != nil {
		return fmt.Errorf("read a subject of matter %s: %w", entry.Matter, err)
	}
	if subjects[data.SubjectID].Revision < entry.Seq {
		return fmt.Errorf("read the contacts of ledger entry %d of matter %s: %w", entry.Seq, entry.Matter, errUnseen)
	}
	return w.replanAbout(ctx, entry.Matter, head, data.SubjectID)
}

// replanAmended plans the notices of the subjects that the amendment names, as replanSubject does.
func (w *workPass) replanAmended(ctx context.Context, entry *ledger.Entry, head *matter.Head) error {
	var data struct {
		Subjects []struct {
			ID string `json:"id"`
		} `json:"subjects"`
	}
	if err := json.Unmarshal(entry.Data, &data); err != nil {
		return fmt.Errorf("read the data of ledger entry %d of matter %s: %w", entry.Seq, entry.Matter, err)
	}
	ids := make([]string, len(data.Subjects))
	for i, s := range data.Subjects {
		ids[i] = s.ID
	}
	return w.replanAbout(ctx, entry.Matter, head, ids...)
}

// replanAbout plans the notices about the subjects. Those that are still owed are put back, where there is a contact
// for them.
func (w *workPass) replanAbout(ctx context.Context, id string, head *matter.Head, subjects ...string) error {
	if len(subjects) == 0 {
		return nil
	}
	notices, _, err := w.noticesAbout(ctx, head, subjects...)
	if err != nil {
		return err
	}
	for i := range notices {
		if notices[i], _, err = w.revive(ctx, &notices[i], head.Version); err != nil {
			return err
		}
	}
	return w.replanPage(ctx, notices, head)
}

// noticesAbout reads the notices about the subjects in all disclosures of the matter, and counts those not made yet.
func (w *workPass) noticesAbout(ctx context.Context, head *matter.Head, subjects ...string) (made []notice.Notice,
	unmade int, err error) {
	id := head.Matter
	all, err := w.store.Disclosures(ctx, id, "")
	if err != nil {
		return nil, 0, fmt.Errorf("read the disclosures of matter %s: %w", id, err)
	}
	for i := range all {
		for _, subject := range all[i].Targets {
			if !slices.Contains(subjects, subject) {
				continue
			}
			n, err := w.store.Notice(ctx, notice.ID(head.Salt, id, all[i].ID, subject))
			switch {
			case errors.Is(err, store.ErrNotFound):
				unmade++
			case err != nil:
				return nil, 0, fmt.Errorf("read a notice of matter %s: %w", id, err)
			default:
				made = append(made, n)
			}
		}
	}
	return made, unmade, nil
}
