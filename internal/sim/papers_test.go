package sim

import (
	"slices"
	"time"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// paper is what an event of the script forbids, as the script means it. It is computed here from what was posted, so
// that a mistake of package restraint excuses no mail. Where the law leaves room it says the least that must be held.
type paper struct {
	id string
	// all covers everybody. people are those it names, roles the recipients it is narrowed to.
	all    bool
	people []string
	roles  []string
	// from and until bound what it forbids, until excluded. A zero from is the beginning, a zero until no end.
	from, until time.Time
	// stated is the end on the paper, which counts again once a person has read it.
	stated time.Time
	void   bool
	// step is when it was recorded, by the steps of the run.
	step int
}

// forever is the end of a paper without an end.
func forever() time.Time { return dawn.AddDate(10, 0, 0) }

// book keeps the papers that stand on record.
type book struct {
	papers []*paper
	// effects are what the posted events will mean once they are recorded, by event id.
	effects map[string]effect
	// handed is when each disclosure's data was handed over, by its id.
	handed map[string]time.Time
	// former are the contacts that others replaced.
	former formers
	// reached is where people can be written to.
	reached addresses
	// coming are the addresses of contacts that are being recorded.
	coming map[string][]string
	// wished is set once the wish of the one who wants to be forgotten is on record.
	wished bool
	// orders are the ids of the orders that scenes made.
	orders map[string]struct{}
}

// shown notes what a change means that is being recorded: before its transaction what it ends, for others may see that
// before all of it is there, and afterwards what it forbids.
func (w *world) shown(c store.Change, whole bool) {
	effect, ok := w.effects[c.Entry.EventID]
	if ok && effect.early != nil && !whole {
		effect.early()
	}
	if ok && effect.forbids == whole {
		delete(w.effects, c.Entry.EventID)
		effect.do(c.Entry.At)
	}
}

// effect is what an event means once it is recorded at the instant. Either it forbids, or it ends something.
type effect struct {
	forbids bool
	do      func(recorded time.Time)
	// early, if set, is what others may see of it before it is recorded.
	early func()
}

// means keeps what the event will mean once it is on record.
func (w *world) means(id, kind string, data object) {
	switch kind {
	case "order.received":
		w.effects[id] = effect{forbids: true, do: func(recorded time.Time) {
			w.papers = append(w.papers,
				w.paperOf(data, recorded))
		}}
	case "order.ended":
		w.effects[id] = effect{forbids: false, do: func(time.Time) {
			w.lifted(data["orderId"].(string),
				parsed(data["effectiveAt"]))
		}}
	case "order.assessed":
		w.effects[id] = effect{forbids: false, do: func(time.Time) { w.assessed(data) }}
	case "exception.requested":
		w.effects[id] = effect{forbids: true, do: func(recorded time.Time) {
			// Nobody approves some: those end after three days.
			p := &paper{id: data["exceptionId"].(string), until: recorded.Add(72*time.Hour - skews), step: w.steps}
			p.covers(data["covers"].(object))
			w.papers = append(w.papers, p)
		}}
	case "exception.ended":
		w.effects[id] = effect{forbids: false, do: func(now time.Time) { w.lifted(data["exceptionId"].(string), now) }}
	case "request.amended":
		s := data["subjects"].([]object)[0]
		w.effects[id] = w.moves(s["id"].(string), s["contacts"])
	case "contact.changed":
		w.effects[id] = w.moves(data["subjectId"].(string), data["contacts"])
	case "disclosure.made":
		w.handed[data["disclosureId"].(string)] = parsed(data["at"])
	}
}

func parsed(v any) time.Time {
	t, err := time.Parse(time.RFC3339, v.(string))
	if err != nil {
		panic(err) // the script writes its instants itself
	}
	return t
}

// paperOf reads an order of the script at the moment at which it is recorded.
func (w *world) paperOf(data object, recorded time.Time) *paper {
	p := &paper{id: data["orderId"].(string), stated: stated(data["end"].(object)), step: w.steps}
	p.covers(data["covers"].(object))
	if data["startsOn"] != nil {
		p.from = begins()
	}
	p.until = p.stated
	if p.until.Before(recorded) {
		p.until = forever() // a mistyped year looks so: a person reads it first
	}
	if data["kind"] == "plea" {
		p.until = earlier(p.stated, recorded.Add(10*24*time.Hour-skews))
	}
	return p
}

// begins is when a paper begins that names 3 March in Eucla, whose clocks are 8:45 h ahead: 15 minutes after dawn.
func begins() time.Time { return time.Date(2026, time.March, 2, 15, 15, 0, 0, time.UTC) }

// oneDay is the end of a day from 2 March on in New York, when papers are signed, served, and data is handed over.
func oneDay() time.Time { return time.Date(2026, time.March, 4, 5, 0, 0, 0, time.UTC) }

// stated is the end that stands on the paper.
func stated(end object) time.Time {
	switch end["kind"] {
	case "instant":
		return parsed(end["at"])
	case "period":
		return oneDay()
	}
	return forever()
}

// covers reads whom a paper covers: everybody, too, where it names somebody whom nobody knows.
func (p *paper) covers(c object) {
	p.roles, _ = c["recipients"].([]string)
	ids, named := c["subjects"].([]string)
	if !named {
		p.all = true
		return
	}
	p.people = ids
	p.all = slices.Contains(ids, stranger)
}

// lifted notes the end of an order or of an exception.
func (w *world) lifted(id string, at time.Time) {
	for _, p := range w.papers {
		if p.id == id {
			p.until, p.stated = earlier(p.until, at), earlier(p.stated, at)
		}
	}
}

// assessed notes what a person said of an order.
func (w *world) assessed(data object) {
	for _, p := range w.papers {
		if p.id != data["orderId"] {
			continue
		}
		if p.people != nil {
			p.all = false // a person has seen who is meant
		}
		switch data["verdict"] {
		case "void":
			p.void = true
		case "plea":
			p.until = earlier(p.until, w.now)
		case "binding":
			p.until = p.stated
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// forbids reports whether the paper forbids at the instant to tell the recipient about any of these people.
func (p *paper) forbids(people []string, recipient matter.Role, at time.Time) bool {
	if p.void || at.Before(p.from) || !at.Before(p.until) {
		return false
	}
	if p.roles != nil && !slices.Contains(p.roles, string(recipient)) {
		return false
	}
	return p.all || slices.ContainsFunc(people, func(id string) bool { return slices.Contains(p.people, id) })
}

// handOver is how long after its final check a mail may reach SES. Who takes longer stands still.
const handOver = 10 * time.Second

// obeyed checks a mail when SES has it: no paper that was on record before its final check forbids it between that
// check and now, and what it tells of has happened.
func (w *world) obeyed(l *life, m notice.Mail) {
	n := w.store.PeekAt(m.Notice)
	if at := w.handed[n.Disclosure]; w.now.Before(at.Add(-skews)) {
		w.fail("never early", "%s tells of data that is handed over at %s", n.ID, at.Format(time.TimeOnly))
	}
	last := earlier(w.now, l.checked.at.Add(handOver))
	role := matter.User
	if m.To.Reveal() == adminsMail {
		role = matter.Admin
	}
	people := append(w.sharers(m.To.Reveal(), l.checked.step), n.Subject)
	for _, p := range w.papers {
		if p.step >= l.checked.step {
			continue
		}
		for _, at := range []time.Time{l.checked.at, last} {
			if p.forbids(people, role, at) {
				w.fail("never early", "%s reaches SES at %s under %s, as the script means it", n.ID,
					w.now.Format(time.StampMilli), p.id)
			}
		}
	}
}
