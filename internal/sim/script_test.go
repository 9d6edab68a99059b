package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"lapse/events"
	"lapse/internal/agenda"
	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/law"
	"lapse/internal/matter"
	"lapse/internal/memory"
	"lapse/internal/seal"
	"lapse/internal/store"
)

// posting is an event of the legal system on its way to intake.
type posting struct {
	at  time.Time
	id  string
	raw []byte
	// wait is how long its sender waited when it was refused last.
	wait time.Duration
	// bus is set where it comes over the bus.
	bus bool
	// perhaps is set where it may be refused for what happened before it.
	perhaps bool
	// decide, doubt and object stand for no event: a person looks what there is to decide, or what may have been sent, or
	// somebody who was told ahead objects.
	decide, doubt, object bool
}

// beginning is a matter ready to disclose, as intake recorded it once; runs begin by writing it again.
type beginning struct {
	size     int
	opened   matter.Head
	subjects []matter.Subject
	changes  []store.Change
}

// kept is a store that keeps what intake writes.
type kept struct {
	*memory.Store
	*beginning
}

func (k kept) Open(ctx context.Context, h matter.Head) (matter.Head, error) {
	k.opened = h
	return k.Store.Open(ctx, h)
}

func (k kept) PutSubjects(ctx context.Context, list []matter.Subject) ([]string, error) {
	k.subjects = append(k.subjects, list...)
	return k.Store.PutSubjects(ctx, list)
}

func (k kept) Commit(ctx context.Context, c store.Change) error {
	c.Rows = slices.DeleteFunc(c.Rows, func(r agenda.Row) bool { return r.Kind == agenda.Announce })
	k.changes = append(k.changes, c)
	return k.Store.Commit(ctx, c)
}

// decoded keeps events that were decoded once: the same ones come in many runs, and what they say does not depend on
// the clock here.
type decoded struct {
	events sync.Map
	kept   atomic.Int64
}

// mostDecoded bounds what is kept, at 3 KB each.
const mostDecoded = 20_000

func (d *decoded) decode(raw []byte, now time.Time) (event.Event, error) {
	if ev, ok := d.events.Load(string(raw)); ok {
		return ev.(event.Event), nil
	}
	ev, err := events.Decode(raw, now)
	if err == nil && d.kept.Add(1) < mostDecoded {
		d.events.Store(string(raw), ev)
	}
	return ev, err
}

func newSetup() (*setup, error) {
	book, err := law.Load()
	if err != nil {
		return nil, err
	}
	s := &setup{book: book}
	s.sealer, s.opener = &seal.Sealer{Key: unwrapped{}}, &seal.Opener{Key: unwrapped{}}
	for _, x := range []struct {
		*beginning
		size int
		intake.Sealer
	}{
		{&s.small, 20, plain{s.sealer}}, {&s.big, 60, plain{s.sealer}}, {&s.huge, 250, plain{s.sealer}},
		{&s.one, 1, plain{s.sealer}}, {&s.sealed, 20, s.sealer},
	} {
		b, size := x.beginning, x.size
		b.size = size
		k := kept{&memory.Store{}, b}
		svc := &intake.Service{
			Now: func() time.Time { return dawn.Add(-time.Hour) }, Store: k,
			Sealer: x.Sealer, Mailboxes: named{}, Law: book, Policy: "policy-1", Salt: unsalted,
			Log: slog.New(slog.DiscardHandler),
		}
		decision := map[string]any{"decision": "comply", "reason": "the paper is in order"}
		all := [][]byte{scriptEvent("request", "request.received", request(size)),
			scriptEvent("decision", "request.decided", decision)}
		if size == 1 {
			all = append(all, scriptEvent("disclosure", "disclosure.made",
				disclosure("d1", []string{person(0)}, dawn.Add(-2*time.Hour))))
		}
		for _, raw := range all {
			if _, err := svc.Take(context.Background(), raw, "http", ""); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// put writes the beginning into a new store.
func (b *beginning) put(w *world) {
	ctx := context.Background()
	_, err := w.store.Open(ctx, b.opened)
	_, err2 := w.store.PutSubjects(ctx, b.subjects)
	all := errors.Join(err, err2)
	for _, c := range b.changes {
		all = errors.Join(all, w.store.Commit(ctx, c))
	}
	if all != nil {
		w.fail("simulator", "write the beginning: %v", all)
	}
}

type object = map[string]any

func scriptEvent(id, kind string, data object) []byte {
	b, err := json.Marshal(object{
		"specversion": "1.0", "id": id, "source": "legal.example", "type": "lapse." + kind +
			".v1", "subject": mat, "actor": "counsel:ak", "data": data,
	})
	if err != nil {
		panic(err) // objects of this simulator are JSON
	}
	return b
}

func issuer() object {
	return object{"name": "District Court", "role": "judge", "country": "US", "zone": "America/New_York"}
}

// request is about so many people; nobody can be written to about the last of the first 20, yet.
func request(size int) object {
	var people []object
	for i := range size {
		if slices.Contains(tenant(), person(i)) {
			people = append(people, employee(i))
			continue
		}
		p := object{"id": person(i), "accountClass": "consumer", "language": "en", "contacts": posted(i)}
		people = append(people, p)
	}
	return object{
		"reference": "26-mc-1", "instrument": "search_warrant", "issuer": issuer(),
		"receivedAt": instant(dawn.Add(-2 * time.Hour)),
		"dataSought": []object{{"category": "subscriber"}}, "subjects": people, "signed": true,
		"legalBasis": "18 U.S.C. 2703(a)",
	}
}

func person(i int) string { return fmt.Sprintf("u%02d", i) }

// posted are the contacts of a person in the request: every third has a second one to try.
func posted(i int) []object {
	if slices.Contains(tenant(), person(i)) {
		return employee(i)["contacts"].([]object)
	}
	if slices.Contains(family(), person(i)) {
		return []object{contact(familysMail, true)}
	}
	first := contact(person(i)+"@example.com", i != 19)
	if i%3 == 0 {
		return []object{first, contact(person(i)+".second@example.com", true)}
	}
	return []object{first}
}

func contact(email string, verified bool) object {
	return object{"role": "user", "email": email, "verified": verified}
}

// anew are the contacts of a person after the script's n-th change of any.
func anew(i, n int, verified bool) []object {
	return []object{contact(fmt.Sprintf("%s.%d@example.com", person(i), n), verified)}
}

// reach notes where the request says that people can be written to.
func (w *world) reach(size int) {
	for i := range size {
		w.livesAt(person(i), posted(i))
	}
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// scene is a course of events that many runs play by chance.
type scene string

const (
	// putOff is an end that is put off and comes back just as it is reached: rows are moved by two, to and fro.
	putOff scene = "put off"
	// longList is an order whose list stands in an item of its own, and comes just when the notices it covers go out.
	longList scene = "long list"
)

// write makes the run's events: orders that come, are extended, and end around the minutes at which sweeps begin.
func (w *world) write(b *beginning) {
	// Most runs are short, so that there are many.
	minute := func(from, to int) time.Time {
		to = max(from, min(to, int(w.calm.Sub(dawn)/time.Minute)-1))
		return dawn.Add(time.Duration(from+w.rng.IntN(to-from+1)) * time.Minute)
	}
	near := func(t time.Time) time.Time { return t.Add(time.Duration(w.rng.IntN(7000)-3000) * time.Millisecond) }
	var open, endless []string
	order := func(at time.Time, extends string, end object, covers ...object) {
		id := fmt.Sprintf("ord-%d", len(open)+1)
		open = append(open, id)
		if end["kind"] == "none" || w.rng.IntN(8) == 0 {
			endless = append(endless, id)
		}
		data := object{"orderId": id, "kind": "court_order", "issuer": issuer(), "covers": w.covers(b), "end": end,
			"signed": true}
		if len(covers) > 0 {
			data["covers"] = covers[0]
		}
		if extends != "" {
			data["extends"] = extends
		}
		w.post(at, "order.received", data)
	}
	for range w.rng.IntN(3) {
		order(dawn.Add(time.Duration(w.rng.IntN(20))*time.Second), "", w.ending(minute))
	}
	if w.rng.IntN(4) == 0 || w.mutant.scene == putOff {
		end := minute(2, 12)
		order(dawn, "", object{"kind": "instant", "at": instant(end)})
		order(end.Add(-time.Duration(w.rng.IntN(100))*time.Second), open[len(open)-1],
			object{"kind": "instant", "at": instant(end.Add(3 * time.Hour))})
		w.lift(end.Add(time.Duration(w.rng.IntN(15000)-2000)*time.Millisecond), open[len(open)-1],
			end.Add(-time.Duration(w.rng.IntN(60))*time.Second))
	}
	first := 1 + w.rng.IntN(19)
	second := near(minute(0, 3))
	last := 20
	if b.size > 100 {
		first, last = 125, b.size
	}
	begin := dawn.Add(time.Duration(w.rng.IntN(30)) * time.Second)
	if w.mutant.scene == "" && w.rng.IntN(8) == 0 {
		begin, second = w.tellAhead(minute), near(minute(3, 9))
	}
	w.disclose(begin, "d1", 0, first)
	w.disclose(second, "d2", first, last)
	if b.size > 51 && w.rng.IntN(3) == 0 || w.mutant.scene == longList {
		at := minutely(second.Add(3 * time.Second)).Add(time.Duration(w.rng.IntN(4000)) * time.Millisecond)
		order(at, "", object{"kind": "none"}, everybody(b.size))
	}
	for range w.rng.IntN(4) {
		at := near(minute(1, 12))
		switch w.rng.IntN(6) {
		case 0, 1:
			order(at, "", w.ending(minute))
		case 2:
			if len(open) > 0 {
				order(at, open[w.rng.IntN(len(open))], w.ending(minute))
			}
		case 3, 4:
			if len(open) > 0 {
				w.lift(at, open[w.rng.IntN(len(open))], at.Add(time.Duration(w.rng.IntN(5)-2)*time.Minute))
			}
		case 5:
			w.post(at, "request.amended", object{"subjects": []object{{"id": person(3), "accountClass": "consumer",
				"contacts": anew(3, w.events, true)}}})
		}
	}
	if w.rng.IntN(2) == 0 {
		w.post(near(minute(0, 14)), "contact.changed", object{"subjectId": person(19), "contacts": anew(19, w.events, true)})
	}
	w.persons(minute)
	w.papersOfAllKinds(minute)
	w.peopleChange(minute)
	for _, id := range open {
		if slices.Contains(endless, id) {
			w.lift(w.calm.Add(time.Second), id, w.calm)
			continue
		}
		// Counsel reads every order, for one whose end had passed when it was recorded holds until then.
		w.post(w.calm.Add(time.Second), "order.assessed", object{"orderId": id, "verdict": "binding",
			"reason": "the court confirmed the dates", "approvedBy": []string{"counsel:ak"}})
	}
}

func (w *world) disclose(at time.Time, id string, from, to int) {
	var ids []string
	for i := from; i < to; i++ {
		ids = append(ids, person(i))
	}
	w.post(at, "disclosure.made", disclosure(id, ids, dawn.Add(-time.Minute)))
}

// disclosure is one that is recorded whatever ground to challenge an order brings before it.
func disclosure(id string, ids []string, at time.Time) object {
	return object{
		"note": "handed over before the orders were read", "approvedBy": []string{"counsel:ak", "counsel:bl"},
		"disclosureId": id, "basis": "compelled", "at": instant(at), "categories": []string{"subscriber"}, "content": false,
		"subjects": ids,
	}
}

func (w *world) lift(at time.Time, id string, effective time.Time) {
	w.post(at, "order.ended", object{
		"orderId": id, "how": "lifted", "effectiveAt": instant(effective), "documentSha256": digest,
		"approvedBy": []string{"counsel:ak", "counsel:bl"},
	})
}

const digest = "285072fc8ec97c60d3d1a37230b24f64d523e7192cb67ef9d5456342d057a0f6"

// everybody names all people of a matter one by one.
func everybody(size int) object {
	ids := make([]string, size)
	for i := range ids {
		ids[i] = person(i)
	}
	return object{"subjects": ids}
}

// covers is everybody, a few, or more than a head keeps in itself.
func (w *world) covers(b *beginning) object {
	n := w.rng.IntN(3)
	if n == 0 {
		return object{"subjects": "all"}
	}
	// Of few lists, so that many runs have the same.
	few := rand.New(rand.NewPCG(w.rng.Uint64N(16), uint64(b.size)))
	size := 1 + few.IntN(12)
	if n == 2 && b.size > 51 {
		size = 52 + few.IntN(b.size-52)
	}
	all := few.Perm(min(b.size, max(20, size)))[:size]
	var ids []string
	for _, i := range all {
		ids = append(ids, person(i))
	}
	return object{"subjects": ids}
}

// ending is a paper's end: on the minute, near it, in three hours, or none.
func (w *world) ending(minute func(from, to int) time.Time) object {
	at := minute(1, 12)
	switch w.rng.IntN(5) {
	case 0:
		return object{"kind": "none"}
	case 1:
		at = dawn.Add(3 * time.Hour)
	case 2:
		at = at.Add(time.Duration(w.rng.IntN(12)) * 5 * time.Second)
	}
	return object{"kind": "instant", "at": instant(at)}
}

func (w *world) post(at time.Time, kind string, data object) {
	id := fmt.Sprintf("ev-%d", w.events)
	w.events++
	w.posted = append(w.posted, id)
	w.means(id, kind, data)
	w.send(posting{at: at, id: id, raw: scriptEvent(id, kind, data), bus: w.rng.IntN(8) == 0})
}

// delivered brings an event to its door.
func (w *world) delivered(ctx context.Context, l *life, p posting) error {
	if p.bus && !p.perhaps {
		return w.taker(l).Deliver(ctx, intake.Message{Raw: p.raw})
	}
	_, err := w.taker(l).Take(ctx, p.raw, "http", "")
	return err
}

func (w *world) send(p posting) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i, _ := slices.BinarySearchFunc(w.script, p.at.Add(1), func(x posting, t time.Time) int { return x.at.Compare(t) })
	w.script = slices.Insert(w.script, i, p)
}

// nextPosting is when the next event comes.
func (w *world) nextPosting() (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.script) == 0 {
		return time.Time{}, false
	}
	return w.script[0].at, true
}

// takePosting takes an event. A sender that gets no answer posts the same event again.
func (w *world) takePosting(ctx context.Context, l *life) {
	w.mu.Lock()
	p := w.script[0]
	w.script = slices.Delete(w.script, 0, 1)
	w.mu.Unlock()
	if p.decide || p.doubt || p.object {
		w.look(p)
		return
	}
	err := w.delivered(ctx, l, p)
	if !l.dead && err == nil {
		return
	}
	if !l.dead && p.perhaps && errors.Is(err, event.ErrConflict) {
		w.posted = slices.DeleteFunc(w.posted, func(id string) bool { return id == p.id })
		return
	}
	if _, bad := errors.AsType[*event.Faults](err); bad || errors.Is(err, event.ErrConflict) {
		w.fail("simulator", "event %s refused: %v", p.id, err)
	}
	w.remark("event %s again: %v", p.id, err)
	p.wait = min(3*time.Second+2*p.wait, 10*time.Minute)
	p.at = w.now.Add(p.wait)
	w.send(p)
}
