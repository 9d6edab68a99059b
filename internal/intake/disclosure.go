package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
	"lapse/internal/restraint"
)

// listed is how many notices an answer lists at most.
const listed = 100

// disclosed records that data was handed over. From this transaction on the obligation exists: the notices follow in
// chunks, before the answer where time allows, else by the sweep.
func (s *Service) disclosed(ctx context.Context, ev event.Event, data *event.DisclosureMadeData) (plan, error) {
	h, req, err := s.existing(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	parts, err := s.Store.Disclosures(ctx, ev.Matter, data.DisclosureID)
	if err != nil {
		return plan{}, fmt.Errorf("read disclosure %s of %s: %w", data.DisclosureID, ev.Matter, err)
	}
	digest, err := factsDigest(data.DisclosureFacts)
	if err != nil {
		return plan{}, err
	}
	if len(parts) > 0 && parts[0].Digest != digest {
		return plan{}, fmt.Errorf("disclosure %s: %w", data.DisclosureID, event.ErrConflict)
	}
	ids, recorded := fresh(parts, data.Subjects)
	if recorded != "" {
		return plan{recorded: recorded}, nil
	}
	// The further parts of a disclosure are owed like the first, whatever counsel has decided since.
	if data.Basis == "compelled" && len(parts) == 0 && (req.Decision == nil || !req.Decision.Decision.Complies()) {
		return plan{}, fmt.Errorf("a compelled disclosure follows a decision to comply: %w", event.ErrPredecessor)
	}
	subjects, unknown, err := s.lookup(ctx, ev.Matter, ids)
	if err != nil {
		return plan{}, err
	}
	if len(unknown) > 0 {
		return plan{}, fmt.Errorf("the request does not know subject %s (an amendment adds subjects): %w",
			strings.Join(unknown, ", "), event.ErrPredecessor)
	}
	d := s.begin(ev, h)
	disc := &matter.Disclosure{
		Matter: h.Matter, ID: data.DisclosureID, Part: len(parts) + 1, Facts: data.DisclosureFacts, Digest: digest,
		Recorded: d.now, Version: d.head().Version, Receipt: ledger.ReceiptKey(ev.Source, ev.ID),
	}
	for _, id := range ids {
		sub := subjects[id]
		disc.Targets = append(disc.Targets, sub.Target())
	}
	d.count(disc)
	d.brief(disc)
	owed := len(disc.Targets)
	for _, p := range parts {
		owed += len(p.Targets)
	}
	if err := s.forecast(ctx, d, owed); err != nil {
		return plan{}, err
	}
	if err := s.expectEnds(ctx, d, h.LastDisclosed); err != nil {
		return plan{}, err
	}
	d.change.Disclosure = disc
	row := agenda.ForMakeNotices(h.Matter, disc.ID, disc.Part, d.now, d.head().Version)
	d.row(row)
	return plan{draft: d, after: s.makeNotices(d, disc, subjects, row)}, nil
}

// count takes the disclosure into the head.
func (d *draft) count(disc *matter.Disclosure) {
	h := d.head()
	h.State = matter.Disclosed
	h.Notices += len(disc.Targets)
	if disc.Part == 1 {
		h.Disclosures++
	}
	if at := matter.Ceil(disc.Facts.At); at.After(h.LastDisclosed) {
		h.LastDisclosed = at
	}
}

// roomForEnds is what a disclosure's ten items leave for the rows of orders whose end it decides.
const roomForEnds = 5

// expectEnds puts the rows of the orders that count from a disclosure where they end now: at once, if this one happened
// so long ago that an order which had no known end, or a later one, is over. before is when the last disclosure was
// until now. Where there are more than fit, the others are found at their next review.
func (s *Service) expectEnds(ctx context.Context, d *draft, before time.Time) error {
	h := d.head()
	if !slices.ContainsFunc(h.Restraints, func(r matter.Restraint) bool {
		return r.Paper.End.From == "disclosed" &&
			!r.Void
	}) {
		return nil
	}
	orders, err := s.Store.Orders(ctx, h.Matter)
	if err != nil {
		return fmt.Errorf("read the orders of %s: %w", h.Matter, err)
	}
	room := roomForEnds
	for i := range orders {
		o := &orders[i]
		r, ok := h.Restraint(o.ID)
		if !ok || r.Paper.End.From != "disclosed" || r.Void || room == 0 {
			continue
		}
		at, open := d.eval.NextOrderVisit(o, h, d.now)
		if until := d.eval.Ends(r, before).Until; !open && (until.IsZero() || until.After(d.now)) {
			at, open = d.now, true
		}
		if open {
			d.row(agenda.ForOrder(h.Matter, o.ID, at, d.head().Version))
			room--
		}
	}
	return nil
}

// factsDigest identifies what a disclosure says apart from its subjects.
func factsDigest(f matter.DisclosureFacts) (string, error) {
	b, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("digest a disclosure: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// fresh returns the posted subjects that no part has yet, or, where there are none, the receipt of the part that has
// them.
func fresh(parts []matter.Disclosure, posted []string) ([]string, string) {
	have := map[string]int{}
	for i, p := range parts {
		for _, t := range p.Targets {
			have[t.Subject] = i
		}
	}
	var ids []string
	for _, id := range posted {
		if _, ok := have[id]; !ok {
			ids = append(ids, id)
		}
	}
	if len(ids) > 0 || len(parts) == 0 {
		return ids, ""
	}
	return nil, parts[have[posted[0]]].Receipt
}

// brief lists the disclosure's notices in the answer, with their dues as things stand.
func (d *draft) brief(disc *matter.Disclosure) {
	total := len(disc.Targets)
	d.answer.NoticesTotal = &total
	for _, t := range disc.Targets[:min(total, listed)] {
		n := notice.New(disc, t, "", "")
		d.answer.Notices = append(d.answer.Notices, d.noticeBrief(&n))
	}
}

func (d *draft) noticeBrief(n *notice.Notice) ledger.NoticeBrief {
	b := ledger.NoticeBrief{ID: n.ID, Disclosure: n.Disclosure, Subject: n.Subject, Recipient: n.Recipient, State: n.State}
	if due, known := d.eval.NoticeDue(n, d.head(), d.now); known {
		b.Due = matter.Instant(due)
	}
	return b
}

// timeToMake is what has to be left of the caller's time to go on making notices before the answer.
const timeToMake = 5 * time.Second

// makeNotices makes the notices of one part in chunks and removes the make-notices row last, so that whatever a crash
// leaves undone the sweep finishes. It does so too where the matter changed meanwhile: that change's re-plan may have
// passed before these notices were there.
func (s *Service) makeNotices(d *draft, disc *matter.Disclosure, subjects map[string]matter.Subject,
	row agenda.Row) func(context.Context) {
	return func(ctx context.Context) {
		if end, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, end.Add(-timeToMake))
			defer cancel()
		}
		plan := owed.Plan{Eval: d.eval, Head: d.head(), Now: d.now, Workers: matter.ChunkSize}
		for chunk := range slices.Chunk(disc.Targets, matter.ChunkSize) {
			if ctx.Err() != nil {
				return
			}
			if err := owed.MakeNotices(ctx, s.Store, plan, disc, chunk, subjects, nil); err != nil {
				s.Log.WarnContext(ctx, "notices are left to the sweep", "matter", disc.Matter, "disclosure", disc.ID, "part",
					disc.Part, "error", err)
				return
			}
		}
		if h, err := s.Store.Head(ctx, disc.Matter); err != nil || h.Version != d.head().Version {
			return
		}
		if err := s.Store.DeleteRow(ctx, row); err != nil {
			s.Log.WarnContext(ctx, "a make-notices row is left to the sweep", "matter", disc.Matter, "disclosure", disc.ID,
				"error", err)
		}
	}
}

// searched is how many notices are looked at for those that an order covers: an order blocks at once however big its
// matter is, so its answer must not wait for all of them.
const searched = 2000

// covered lists the notices that a restraint covers, as read just before its event is recorded, in the answer.
func (s *Service) covered(ctx context.Context, d *draft, id string) error {
	d.answer.Notices = []ledger.NoticeBrief{}
	r, _ := d.head().Restraint(id)
	only := matter.Head{Restraints: []matter.Restraint{*r}}
	after := ""
	for looked := 0; d.head().Notices > 0 && looked < searched; looked += 2 * listed {
		page, next, err := s.Store.Notices(ctx, d.head().Matter, after, 2*listed)
		if err != nil {
			return fmt.Errorf("list the notices of %s: %w", d.head().Matter, err)
		}
		for i := range page {
			if len(d.eval.Covering(&only, restraint.TargetOf(&page[i]))) == 0 {
				continue
			}
			if d.answer.Notices = append(d.answer.Notices, d.noticeBrief(&page[i])); len(d.answer.Notices) == listed {
				return nil
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
	return nil
}
