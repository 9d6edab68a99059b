package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"lapse/events"
	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/owed"
	"lapse/internal/restraint"
	"lapse/internal/store"
)

// The codes of warnings about notices in advance.
const (
	// NoAdvanceNotice: the decision wishes notices in advance, and nobody is told ahead.
	NoAdvanceNotice = "no_advance_notice"
	// AnswerDueBefore: the authority wants its answer before those who are told ahead had their time to object.
	AnswerDueBefore = "answer_due_before"
	// ObjectionStands: somebody objected, and the decision of one person does not end that.
	ObjectionStands = "objection_stands"
)

// answerObjections lets a decision by two persons end the objections. One person alone may decide, and they stand.
func (p requestPlanner) answerObjections(d *draft, req *matter.Request, data *event.RequestDecidedData) {
	switch {
	case len(req.Objections) == 0:
	case p.Principals:
		d.two, req.Objections = true, nil
	case events.Persons(data.ApprovedBy) >= 2:
		req.Objections = nil
	default:
		d.warn(ObjectionStands, "Somebody who was told ahead objects. Two persons have to decide about that.")
	}
}

// advance plans the notices in advance that a decision asks for, and says from when data may be handed over. A window
// that an earlier decision opened stays, unless two persons shorten it.
func (p requestPlanner) advance(ctx context.Context, d *draft, req *matter.Request,
	data *event.RequestDecidedData) (*matter.Disclosure, map[string]matter.Subject, error) {
	d.answer.DisclosableFrom = ledger.DisclosableFrom(time.Time{})
	wished := data.AdvanceNotice && data.Decision.Complies()
	var announced *matter.Disclosure
	var subjects map[string]matter.Subject
	if wished && req.Advance == nil && req.Instrument != matter.Emergency && d.head().State != matter.Disclosed {
		var err error
		if announced, subjects, err = p.announcement(ctx, d); err != nil {
			return nil, nil, err
		}
		if len(announced.Targets) == 0 {
			announced = nil
		} else {
			until := matter.Ceil(d.now.Add(p.objectionTime()))
			if due := matter.Ceil(req.ResponseDue); due.After(until) {
				until = due
			}
			req.Advance = &matter.Advance{Announcement: announced.ID, At: d.now, Until: until}
		}
	}
	if req.Advance == nil {
		if data.AdvanceNotice {
			d.warn(NoAdvanceNotice, "Nobody is told ahead: there is nobody whom nothing covers, the request is an emergency, "+
				"data was handed over already, or the decision is not to comply. A notice follows the disclosure.")
		}
		return nil, nil, nil
	}
	if err := p.window(d, req, data); err != nil {
		return nil, nil, err
	}
	d.answer.DisclosableFrom = ledger.DisclosableFrom(req.Advance.Until)
	return announced, subjects, nil
}

// objectionDays is how many days those who are told ahead have to object. objectionTime is that time; a day is 24
// hours.
func (s *Service) objectionDays() int { return cmp.Or(s.AdvanceDays, matter.AdvanceDays) }

func (s *Service) objectionTime() time.Duration {
	return time.Duration(s.objectionDays()) * 24 * time.Hour
}

// window applies what the decision says of the end of the time to object.
func (p requestPlanner) window(d *draft, req *matter.Request, data *event.RequestDecidedData) error {
	a := *req.Advance
	if until := matter.Ceil(data.AdvanceUntil); !data.AdvanceUntil.IsZero() {
		if until.Before(a.Until) {
			const fewer = "two different persons have to approve an earlier end of the time to object"
			if err := p.needsTwo(d, data.ApprovedBy, fewer); err != nil {
				return err
			}
		}
		a.Until = until
	}
	req.Advance = &a
	if due := req.ResponseDue; !due.IsZero() && due.Before(a.At.Add(p.objectionTime())) {
		d.warn(AnswerDueBefore, "The answer is due on "+due.UTC().Format(time.RFC3339)+", before those who are told ahead "+
			fmt.Sprintf("had %d days to object. Ask the authority for more time, or let two persons set advanceUntil.",
				p.objectionDays()))
	}
	return nil
}

// announcement is the record of those of the matter who can be told ahead: the subjects that nothing covers now.
func (p requestPlanner) announcement(ctx context.Context, d *draft) (*matter.Disclosure, map[string]matter.Subject,
	error) {
	h := d.head()
	ids, err := p.named(ctx, h.Matter, h.Version)
	if err != nil {
		return nil, nil, err
	}
	subjects, unknown, err := p.lookup(ctx, h.Matter, ids)
	if err != nil {
		return nil, nil, err
	}
	out := &matter.Disclosure{
		Matter: h.Matter, ID: matter.AnnouncementID(h.Version), Part: 1, Advance: true,
		Facts: matter.DisclosureFacts{At: d.now}, Recorded: d.now, Version: h.Version,
	}
	for _, id := range ids {
		sub := subjects[id]
		if slices.Contains(unknown, id) {
			continue
		}
		n := notice.New(out, h.Salt, id, "", "")
		if restraint.Clear(d.eval.Covering(h, restraint.TargetOf(&n, &sub)), n.Opens(), d.now) {
			out.Targets = append(out.Targets, id)
		}
	}
	return out, subjects, nil
}

// entriesAtOnce is how many ledger entries are read in one go.
const entriesAtOnce = 100

// named lists the subjects that the recorded request and its amendments name, in their order.
func (p planner) named(ctx context.Context, id string, version int) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	for after := 0; after < version-1; {
		entries, err := p.Store.Entries(ctx, id, after, entriesAtOnce)
		if err != nil || len(entries) == 0 {
			return out, wrap(err, "read the ledger of %s", id)
		}
		for i := range entries {
			e := &entries[i]
			after = e.Seq
			if t := event.Type(e.Type); t != event.RequestReceived && t != event.RequestAmended {
				continue
			}
			var data struct {
				Subjects []struct {
					ID string `json:"id"`
				} `json:"subjects"`
			}
			if err := json.Unmarshal(e.Data, &data); err != nil {
				return nil, fmt.Errorf("read whom ledger entry %d of %s names: %w", e.Seq, id, err)
			}
			for _, s := range data.Subjects {
				if !seen[s.ID] {
					seen[s.ID] = true
					out = append(out, s.ID)
				}
			}
		}
	}
	return out, nil
}

// inTime refuses to hand over data of somebody who was told ahead before the time to object is over, or while an
// objection stands. What was handed over already is recorded where two persons say so, with a note. So is an emergency
// disclosure, which two persons decide in any case.
func (p disclosurePlanner) inTime(ctx context.Context, d *draft, req *matter.Request,
	data *event.DisclosureMadeData, targets []string) error {
	early, err := p.toldAhead(ctx, d, req, data.At, targets)
	if err != nil {
		return err
	}
	var objected []string
	for _, o := range req.Objections {
		if slices.Contains(targets, o.Subject) {
			objected = append(objected, o.Subject)
		}
	}
	var why []string
	if len(early) > 0 {
		why = append(why, fmt.Sprintf("the time to object runs until %s for %s", req.Advance.Until.Format(time.RFC3339),
			strings.Join(early, ", ")))
	}
	if len(objected) > 0 {
		why = append(why, "an objection stands of "+strings.Join(objected, ", "))
	}
	if len(why) == 0 {
		return nil
	}
	reason := strings.Join(why, "; ")
	if data.Basis != matter.BasisEmergency {
		if data.Note == "" || !p.Principals && events.Persons(data.ApprovedBy) < 2 {
			return fmt.Errorf("%s. What was handed over already needs a note, and two in approvedBy: %w", reason,
				event.ErrConflict)
		}
		d.two = d.two || p.Principals
	}
	d.warn(AgainstPolicy, "Data was handed over although "+reason+".")
	return nil
}

// toldAhead lists those of the targets who were told ahead, or may have been, and whose time to object was not over at
// the instant.
func (p disclosurePlanner) toldAhead(ctx context.Context, d *draft, req *matter.Request, at time.Time,
	targets []string) ([]string, error) {
	if req.Advance == nil || !at.Before(req.Advance.Until) {
		return nil, nil
	}
	var mu sync.Mutex
	var out []string
	err := owed.Each(len(targets), matter.ChunkSize, func(i int) error {
		id := notice.ID(d.head().Salt, req.Matter, req.Advance.Announcement, targets[i])
		n, err := p.Store.Notice(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err == nil && n.MayBeKnown() {
			mu.Lock()
			out = append(out, targets[i])
			mu.Unlock()
		}
		return wrap(err, "read notice %s", id)
	})
	slices.Sort(out)
	return out, err
}

// objected records that somebody who was told ahead objects. Nothing of theirs is handed over until two persons decide
// about the request again.
func (p noticePlanner) objected(ctx context.Context, ev event.Event, data *event.NoticeActData) (plan, error) {
	d, n, err := p.about(ctx, ev, data.NoticeID)
	switch {
	case err != nil:
		return plan{}, err
	case n.Kind != notice.Advance:
		return plan{}, fault("/data/noticeId", "is no notice in advance, and data was handed over already")
	case !n.MayBeKnown():
		return plan{}, fmt.Errorf("notice %s, which nobody was sent yet: %w", n.ID, event.ErrConflict)
	}
	req, err := p.request(ctx, d.head())
	if err != nil {
		return plan{}, err
	}
	req.Objections = append(slices.Clone(req.Objections), matter.Objection{
		Notice: n.ID, Subject: n.Subject, Reason: data.Reason, At: d.now, Actor: ev.Actor,
	})
	req.Version = d.head().Version
	d.change.Request = req
	subjects, _, err := p.lookup(ctx, n.Matter, []string{n.Subject})
	if err != nil {
		return plan{}, err
	}
	about := subjects[n.Subject]
	d.answer.Notices = []ledger.NoticeBrief{d.noticeBrief(&n, &about)}
	return plan{draft: d}, nil
}

// announce completes the change of a decision that has people told ahead.
func (p requestPlanner) announce(d *draft, announced *matter.Disclosure,
	subjects map[string]matter.Subject) func(context.Context) {
	if announced == nil {
		return nil
	}
	d.change.Disclosure = announced
	d.head().Announced, d.head().Notices = true, d.head().Notices+len(announced.Targets)
	d.brief(announced, subjects)
	row := agenda.ForMakeNotices(announced.Matter, announced.ID, announced.Part, d.now, d.head().Version)
	d.row(row)
	return p.makeNotices(d, announced, subjects, row)
}
