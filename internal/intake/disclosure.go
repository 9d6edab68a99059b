package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/owed"
)

// disclosurePlanner plans the event that data was handed over.
type disclosurePlanner struct{ planner }

// made records that data was handed over. From this transaction on the obligation exists: the notices follow in chunks,
// before the answer where time allows, else by the sweep.
func (p disclosurePlanner) made(ctx context.Context, ev event.Event, data *event.DisclosureMadeData) (plan, error) {
	h, req, err := p.existing(ctx, ev.Matter)
	if err != nil {
		return plan{}, err
	}
	parts, err := p.Store.Disclosures(ctx, ev.Matter, data.DisclosureID)
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
	ids, recorded := unrecorded(parts, data.Subjects, data.NoData)
	if recorded != "" {
		return plan{recorded: recorded}, nil
	}
	// The further parts of a disclosure are owed like the first, whatever counsel has decided since.
	if data.Basis == matter.BasisCompelled && len(parts) == 0 &&
		(req.Decision == nil || !req.Decision.Decision.Complies()) {
		return plan{}, fmt.Errorf("a compelled disclosure follows a decision to comply: %w", event.ErrPredecessor)
	}
	subjects, unknown, err := p.lookup(ctx, ev.Matter, ids)
	switch {
	case err != nil:
		return plan{}, err
	case len(unknown) > 0:
		return plan{}, fmt.Errorf("the request does not know subject %s (an amendment adds subjects): %w",
			strings.Join(unknown, ", "), event.ErrPredecessor)
	}
	d := p.begin(ev, h)
	disc := &matter.Disclosure{
		Matter: h.Matter, ID: data.DisclosureID, Part: len(parts) + 1, Facts: data.DisclosureFacts, Digest: digest,
		Recorded: d.now, Version: d.head().Version, Receipt: ledger.ReceiptKey(ev.Source, ev.ID),
	}
	for _, id := range ids {
		if slices.Contains(data.NoData, id) {
			disc.NoData = append(disc.NoData, id)
			continue
		}
		disc.Targets = append(disc.Targets, id)
	}
	if err := p.reconcile(ctx, d, &req, disc); err != nil {
		return plan{}, err
	}
	if err := p.permitted(ctx, d, &req, data, disc, subjects); err != nil {
		return plan{}, err
	}
	return p.owe(ctx, d, disc, parts, subjects)
}

// permitted asks whether policy lets the data be handed over. What was handed over all the same needs two persons.
func (p disclosurePlanner) permitted(ctx context.Context, d *draft, req *matter.Request,
	data *event.DisclosureMadeData, disc *matter.Disclosure, subjects map[string]matter.Subject) error {
	if data.Basis == matter.BasisCompelled {
		if err := p.guard(ctx, d, req, data, disc, subjects); err != nil {
			return err
		}
	}
	if err := p.inTime(ctx, d, req, data, disc.Targets); err != nil {
		return err
	}
	if data.Basis == matter.BasisEmergency {
		return p.emergency(d, data, disc)
	}
	return nil
}

// owe completes the change that records one part of a disclosure, and the answer. parts are those before it.
func (p disclosurePlanner) owe(ctx context.Context, d *draft, disc *matter.Disclosure, parts []matter.Disclosure,
	subjects map[string]matter.Subject) (plan, error) {
	before := d.head().LastDisclosed
	d.count(disc)
	d.brief(disc, subjects)
	owed := len(disc.Targets)
	for _, part := range parts {
		owed += len(part.Targets)
	}
	if err := p.forecast(ctx, d, owed); err != nil {
		return plan{}, err
	}
	targets := make([]matter.Subject, len(disc.Targets))
	for i, t := range disc.Targets {
		targets[i] = subjects[t]
	}
	d.warnOfNobody(targets)
	d.change.Disclosure = disc
	row := agenda.ForMakeNotices(disc.Matter, disc.ID, disc.Part, d.now, d.head().Version)
	d.row(row)
	if err := p.expectEnds(ctx, d, before); err != nil { // the last, because it takes what room the others leave
		return plan{}, err
	}
	return plan{draft: d, after: p.makeNotices(d, disc, subjects, row)}, nil
}

// count takes the disclosure into the head.
func (d *draft) count(disc *matter.Disclosure) {
	h := d.head()
	if disc.Part == 1 {
		h.Disclosures++
	}
	if len(disc.Targets) == 0 {
		return // nothing was held of anybody, so nobody is owed a notice
	}
	h.State = matter.Disclosed
	h.Notices += len(disc.Targets)
	if at := matter.Ceil(disc.Facts.At); at.After(h.LastDisclosed) {
		h.LastDisclosed = at
	}
}

// expectEnds puts the rows of the orders that count from a disclosure where they end now. A row comes up at once if the
// disclosure happened so long ago that an order is over which had no known end, or a later one. before is when the last
// disclosure was until now. Where there are more rows than fit, the other orders are found at their next review.
func (p disclosurePlanner) expectEnds(ctx context.Context, d *draft, before time.Time) error {
	h := d.head()
	counts := func(r matter.Restraint) bool { return r.Paper.End.FromDisclosure() && !r.Void }
	if !slices.ContainsFunc(h.Restraints, counts) {
		return nil
	}
	orders, err := p.Store.Orders(ctx, h.Matter)
	if err != nil {
		return fmt.Errorf("read the orders of %s: %w", h.Matter, err)
	}
	for i := range orders {
		o := &orders[i]
		r, ok := h.Restraint(o.ID)
		if !ok || !counts(*r) || d.change.Room() <= 0 {
			continue
		}
		at, open := d.eval.NextOrderVisit(o, h, d.now)
		if until := d.eval.Ends(r, before).Until; !open && !over(until, d.now) {
			at, open = d.now, true
		}
		if open {
			d.row(agenda.ForOrder(h.Matter, o.ID, at, d.head().Version))
		}
	}
	return nil
}

// factsDigest identifies what a disclosure says apart from its subjects.
func factsDigest(f matter.DisclosureFacts) (string, error) {
	b, err := matter.JSON(f)
	if err != nil {
		return "", fmt.Errorf("digest a disclosure: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// reconcile opens a closed request again where the disclosure contradicts its outcome.
func (p disclosurePlanner) reconcile(ctx context.Context, d *draft, req *matter.Request,
	disc *matter.Disclosure) error {
	if req.Closing == nil {
		return nil
	}
	all, err := p.Store.Disclosures(ctx, disc.Matter, "")
	if err != nil {
		return fmt.Errorf("read the disclosures of %s: %w", disc.Matter, err)
	}
	d.reopen(req, append(all, *disc))
	return nil
}

// unrecorded returns the posted subjects that no part has yet, or, where there are none, the receipt of the part that
// has them. A subject first posted as noData is posted anew if a later part has its data.
func unrecorded(parts []matter.Disclosure, posted, noData []string) ([]string, string) {
	have := map[string]int{}
	for i, p := range parts {
		for _, id := range p.NoData {
			if _, told := have[id]; !told && slices.Contains(noData, id) {
				have[id] = i
			}
		}
		for _, t := range p.Targets {
			have[t] = i
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
		if err := s.Store.DeleteRows(ctx, row); err != nil {
			s.Log.WarnContext(ctx, "a make-notices row is left to the sweep", "matter", disc.Matter, "disclosure", disc.ID,
				"error", err)
		}
	}
}
