package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"lapse/events"
	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// approvals records the events that wait for a second person, and what that person decides.
type approvals struct{ planner }

// waiting finds the approval that an event waits for already: by its source and id, whoever posts it, or by its
// content. Nil where there is none.
func (p approvals) waiting(ctx context.Context, ev event.Event) (*ledger.Approval, error) {
	if !p.Principals || !mayWait(ev.Type) {
		return nil, nil
	}
	return p.asked(ctx, ev)
}

// asked is waiting for an event of any type.
func (p approvals) asked(ctx context.Context, ev event.Event) (*ledger.Approval, error) {
	all, err := p.Store.Approvals(ctx, ev.Matter)
	if err != nil {
		return nil, fmt.Errorf("read the approvals of %s: %w", ev.Matter, err)
	}
	key, now := ledger.ReceiptKey(ev.Source, ev.ID), p.Now()
	for i := range all {
		a := &all[i]
		if !a.Waits(now) {
			continue
		}
		if a.Key() == key && a.Posted.Digest != ev.Digest {
			return nil, fault("/id", "an event with this source and id is recorded with other content")
		}
		if a.Key() == key || a.Posted.Content == ev.Content {
			return a, nil
		}
	}
	return nil, nil
}

// waitingFor finds the approval whose event will have the receipt's key; nil where none waits.
func (p approvals) waitingFor(ctx context.Context, matterID, key string) (*ledger.Approval, error) {
	all, err := p.Store.Approvals(ctx, matterID)
	if err != nil {
		return nil, fmt.Errorf("read the approvals of %s: %w", matterID, err)
	}
	i := slices.IndexFunc(all, func(a ledger.Approval) bool { return a.Key() == key && a.Waits(p.Now()) })
	if i < 0 {
		return nil, nil
	}
	return &all[i], nil
}

// ask plans the record of an event that waits. planned is what it would do now.
func (p approvals) ask(ctx context.Context, planned *draft) (*draft, *ledger.Approval, error) {
	ev := planned.ev
	h, err := p.head(ctx, ev.Matter)
	if err == nil && h.Version != planned.head().Version-1 {
		err = store.ErrRace
	}
	if err != nil {
		return nil, nil, wrap(err, "read matter %s", ev.Matter)
	}
	// Only now all that the head's version recorded can be read, so only now it is sure that nobody has asked before.
	if a, err := p.asked(ctx, ev); a != nil || err != nil {
		return nil, a, err
	}
	d := p.begin(ev, h)
	d.before = planned.before
	a := d.approval()
	a.Expires = a.At.Add(ledger.ApprovalTime)
	d.row(agenda.ForApproval(h.Matter, a.ID, a.Expires, d.head().Version))
	if err := d.asks(a); err != nil {
		return nil, nil, err
	}
	return d, a, nil
}

// approval is the approval that the draft's event asks for.
func (d *draft) approval() *ledger.Approval {
	ev, version := d.ev, d.head().Version
	sum := sha256.Sum256([]byte(d.head().Matter + "\x00" + ledger.ReceiptKey(ev.Source, ev.ID) + "\x00" +
		strconv.Itoa(version)))
	return &ledger.Approval{
		Matter: d.head().Matter, ID: hex.EncodeToString(sum[:10]), State: ledger.ApprovalAsked, At: d.now,
		Version: version, Revision: version, Persons: d.decided(),
		Posted: ledger.Posted{
			Type: ev.Type, Source: ev.Source, ID: ev.ID, Digest: ev.Digest, Content: ev.Content, Actor: ev.Actor,
			Door: ev.Door, Principal: ev.Principal, Time: ev.Time, Data: ev.Raw, Extensions: ev.Extensions,
		},
	}
}

// asks makes the draft the record that its event waits. Its entry says so, so that nobody takes it for the event.
func (d *draft) asks(a *ledger.Approval) error {
	data, err := matter.JSON(struct {
		Approval string          `json:"approval"`
		Type     event.Type      `json:"type"`
		Data     json.RawMessage `json:"data"`
	}{a.ID, a.Posted.Type, a.Posted.Data})
	if err != nil {
		return fmt.Errorf("encode what approval %s asks: %w", a.ID, err)
	}
	d.change.Entry.Type, d.change.Entry.Data = ledger.EntryAsked, data
	d.wait(a)
	return nil
}

// wait puts the approval into the change, with the row that counts it once it is overdue.
func (d *draft) wait(a *ledger.Approval) {
	d.change.Approval, d.unanswered = a, true
	d.change.Entry.Approval = &ledger.EntryApproval{ID: a.ID, Step: ledger.StepAsked}
	d.row(agenda.ForApproval(a.Matter, a.ID, a.Overdue(), a.Version))
}

// given plans what follows from an approval.
func (r recorder) given(ctx context.Context, ev event.Event, data *event.ApprovalGivenData) (Result, error) {
	p := approvals{planner{records(r)}}
	if ev.Person == "" {
		return Result{}, fmt.Errorf("an approval is given over HTTP by somebody who was authenticated: %w", event.ErrConflict)
	}
	h, err := p.head(ctx, ev.Matter)
	a := ledger.Approval{}
	if err == nil {
		a, err = p.Store.Approval(ctx, ev.Matter, data.Approval)
	}
	if errors.Is(err, store.ErrNotFound) {
		return Result{}, fmt.Errorf("matter %s has no approval %s: %w", ev.Matter, data.Approval, event.ErrConflict)
	}
	if err != nil {
		return Result{}, fmt.Errorf("read approval %s of %s: %w", data.Approval, ev.Matter, err)
	}
	if res, done, err := r.givenBefore(ctx, ev, &a); done {
		return res, err
	}
	if err := p.takes(&a, ev); err != nil {
		return Result{}, err
	}
	a.Revision, a.Persons = h.Version+1, append(a.Persons, ev.Person)
	a.Given = append(a.Given, ledger.Given{
		At: matter.Ceil(p.Now()), Source: ev.Source, ID: ev.ID, Digest: ev.Digest, Actor: ev.Actor, Principal: ev.Principal,
		Person: ev.Person, Reason: data.Reason,
	})
	if a.Needs() > 0 {
		return r.step(ctx, p.begin(ev, h), &a, ledger.StepGiven)
	}
	res, err := r.take(ctx, ev, h, a)
	if !refuses(err) {
		return res, err
	}
	a.State, a.Refusal = ledger.ApprovalRefused, err.Error()
	if _, closed := r.step(ctx, p.begin(ev, h), &a, ledger.StepRefused); closed != nil {
		return Result{}, closed
	}
	return Result{}, err
}

// refuses reports whether an event was refused for what it says, or for what is recorded.
func refuses(err error) bool {
	_, bad := errors.AsType[*event.Faults](err)
	return bad || errors.Is(err, event.ErrConflict) || errors.Is(err, event.ErrPredecessor)
}

// givenBefore answers the repetition of an approval that had no answer of its own.
func (r recorder) givenBefore(ctx context.Context, ev event.Event, a *ledger.Approval) (Result, bool, error) {
	i := slices.IndexFunc(a.Given, func(g ledger.Given) bool { return g.Source == ev.Source && g.ID == ev.ID })
	switch {
	case i < 0:
		return Result{}, false, nil
	case a.Given[i].Digest != ev.Digest:
		return Result{}, true, fault("/id", "an event with this source and id is recorded with other content")
	case a.Waits(r.Now()):
		return Result{Waiting: a.Answer()}, true, nil
	case a.State == ledger.ApprovalTaken:
		res, err := r.recordedBefore(ctx, ev, a.Key())
		return res, true, err
	}
	return Result{}, false, nil
}

// takes returns event.ErrConflict where the approval takes no decision of the event's principal.
func (p approvals) takes(a *ledger.Approval, ev event.Event) error {
	why := ""
	switch {
	case a.State == ledger.ApprovalTaken:
		why = "has taken effect already"
	case a.State == ledger.ApprovalRefused:
		why = "is closed, because its event was refused: " + a.Refusal
	case !a.Waits(p.Now()):
		why = "has lapsed"
	case slices.Contains(a.Persons, ev.Person):
		why = "needs another principal, because this one has decided"
	default:
		return nil
	}
	return fmt.Errorf("approval %s %s: %w", a.ID, why, event.ErrConflict)
}

// second asks for the second person that the plan needs.
func (r recorder) second(ctx context.Context, p plan) (Result, error) {
	d, a, err := approvals{planner{records(r)}}.ask(ctx, p.draft)
	if err != nil {
		return Result{}, err
	}
	if d == nil {
		return Result{Waiting: a.Answer()}, nil
	}
	return r.commit(ctx, plan{draft: d})
}

// step records one step of an approval that leaves everything else as it is.
func (r recorder) step(ctx context.Context, d *draft, a *ledger.Approval, step ledger.ApprovalStep) (Result, error) {
	d.change.Approval, d.unanswered = a, true
	d.change.Entry.Approval = &ledger.EntryApproval{ID: a.ID, Step: step, Given: a.Given}
	return r.commit(ctx, plan{draft: d})
}

// overtaken refuses an approved event that would end a hold on which a person has decided since it was asked for. The
// person who asked did not know that decision, and the one who approves is not shown it.
func (p planner) overtaken(ctx context.Context, ev event.Event, a *ledger.Approval) error {
	switch data := ev.Data.(type) {
	case *event.OrderAssessedData:
		orders, err := p.Store.Orders(ctx, a.Matter)
		if err != nil {
			return fmt.Errorf("read the orders of matter %s: %w", a.Matter, err)
		}
		o := orderOf(orders, data.OrderID)
		later := func(x matter.Assessment) bool { return x.Version > a.Version }
		if o != nil && slices.ContainsFunc(o.Assessments, later) {
			return fmt.Errorf("order %s was assessed again after approval %s was asked for: %w", o.ID, a.ID,
				event.ErrConflict)
		}
	case *event.NoticeActData:
		n, err := p.Store.Notice(ctx, data.NoticeID)
		if err != nil {
			return fmt.Errorf("read notice %s: %w", data.NoticeID, err)
		}
		if ev.Type == event.NoticeReleased && n.Decision > a.Version {
			return fmt.Errorf("notice %s was decided about again after approval %s was asked for: %w", n.ID, a.ID,
				event.ErrConflict)
		}
	}
	return nil
}

// take makes an approved event take effect. It is judged anew under the records of this moment.
func (r recorder) take(ctx context.Context, given event.Event, h matter.Head, a ledger.Approval) (Result, error) {
	posted := a.Posted
	ev, err := events.Restore(event.Event{
		ID: posted.ID, Source: posted.Source, Type: posted.Type, Matter: a.Matter, Actor: posted.Actor, Time: posted.Time,
		Raw: posted.Data, Extensions: posted.Extensions, Digest: posted.Digest, Content: posted.Content,
		Caller: event.Caller{Door: posted.Door, Principal: posted.Principal}, Approved: true,
	})
	if err != nil {
		return Result{}, err
	}
	if err := (planner{records(r)}).overtaken(ctx, ev, &a); err != nil {
		return Result{}, err
	}
	var p plan
	other := given
	if a.Restraint != "" {
		p, err = disclosurePlanner{planner{records(r)}}.approved(ctx, given, &a)
		other = ev
	} else {
		p, err = r.plan(ctx, ev)
	}
	switch {
	case err != nil:
		return Result{}, err
	case p.recorded != "":
		return Result{}, fmt.Errorf("what approval %s asks for is recorded: %w", a.ID, event.ErrConflict)
	case p.head().Version != h.Version+1:
		return Result{}, fmt.Errorf("approval %s: %w", a.ID, store.ErrRace)
	}
	a.State = ledger.ApprovalTaken
	p.change.Approval = &a
	p.change.Entry.Approval = &ledger.EntryApproval{ID: a.ID, Step: ledger.StepTaken, Given: a.Given}
	p.other = &other
	return r.commit(ctx, p)
}
