package site

import (
	"html/template"
	"strings"
	"time"
)

const (
	barHeight = 20
	// tornRoom is the room that a bar without a known end leaves for its question mark.
	tornRoom = 20
	laneStep = 17
)

// measures are the lengths of one kind of timeline, in units of its picture. Text is 12 high.
type measures struct {
	class string
	width float64
	// least and most bound the column of labels left of the bars. Without such a column labels stand above the bars.
	least, most float64
	// first is the ordinate of the first bar. pitch is the distance between bars. rest is the distance from the last bar's
	// place to the answer.
	first, pitch, rest int
}

// wide and narrow are the two timelines of every figure. The stylesheet shows the one that fits.
func wide() measures {
	return measures{class: "timeline wide", width: 960, least: 170, most: 285, first: 34, pitch: 32, rest: 20}
}

func narrow() measures {
	return measures{class: "timeline narrow", width: 328, first: 52, pitch: 46, rest: 8}
}

// timeline draws one course, for a wide and a narrow screen.
func timeline(c course) template.HTML {
	return draw(c, wide()) + draw(c, narrow())
}

// draw draws a bar for each restraint, the line that answers "may we tell?", and the marks on that line.
func draw(c course, m measures) template.HTML {
	left := m.least
	for _, b := range c.bars {
		left = max(left, min(textWidth(b.source+" · "+b.label())+14, m.most))
	}
	line := m.first + m.pitch*len(c.bars) + m.rest
	d := &drawing{picture: &picture{}, course: c, scale: scale{around(c.instants(), c.torn()), left, m.width}, measures: m,
		line: float64(line)}
	d.axis()
	for i, b := range c.bars {
		d.bar(b, float64(m.first+m.pitch*i))
	}
	d.answer()
	lanes := d.marks()
	return d.wrap(m.class, int(m.width), line+24+laneStep*lanes, c.sentence())
}

// drawing is one unfinished timeline. line is the ordinate of the answer.
type drawing struct {
	*picture
	course
	scale
	measures
	line float64
}

// place returns the place and the room for the label of a bar or of the answer. top and middle are the upper edge and
// the middle of that bar or line.
func (d *drawing) place(top, middle float64) (y, room float64) {
	if d.least == 0 {
		return top - 6, d.width
	}
	return middle + 4, d.left - 14
}

// axis draws the grid, and the labels that have room between the label before and the edge.
func (d *drawing) axis() {
	free := 0.0
	for _, t := range d.ticks() {
		x := d.x(t.at)
		d.path("grid", "M", x, 24, "V", d.line)
		if end := x + textWidth(t.label); x >= free && end <= d.width {
			d.text("q", x, 16, "", t.label)
			free = end + 8
		}
	}
}

// bar draws one restraint with its label. Its title holds the part of the label that has no room.
func (d *drawing) bar(b bar, y float64) {
	what := " · " + b.label()
	at, room := d.place(y, y+barHeight/2)
	d.titled(0, at, fit(b.source, room-textWidth(what))+what, b.source+what)
	x0, x1 := d.left, d.width-tornRoom-10
	if !b.from.IsZero() {
		x0 = d.x(b.from)
	}
	if b.until.IsZero() {
		x0 = min(x0, x1-12)
		d.hatched(b.hatch(), "M", x0, y, "H", x1, "l", 10, 5, -10, 5, 10, 5, -10, 5, "H", x0, "z")
		d.text("strong", d.width-tornRoom+8, y+15, "", "?")
		return
	}
	x1 = max(d.x(b.until), x0+2)
	d.hatched(b.hatch(), "M", x0, y, "H", x1, "v", barHeight, "H", x0, "z")
}

// answer draws the line: thick and clear where telling is allowed, else in the colour of a hold.
func (d *drawing) answer() {
	at, _ := d.place(d.line-4, d.line)
	d.text("", 0, at, "", "may we tell?")
	for _, s := range d.stretches(d.span) {
		class := "held"
		if s.free {
			class = "free"
		}
		d.path(class, "M", d.x(s.from), d.line, "H", d.x(s.to))
	}
}

// marks draws the flag of the due or of the telling, now, and the disclosure. It returns the number of label lanes they
// took. The line of now goes under the flag.
func (d *drawing) marks() int {
	var l lanes
	at, label := d.due, "due"
	if !d.toldAt.IsZero() {
		at, label = d.toldAt, "told"
	}
	x, width := d.x(at), textWidth(label)+36
	if x+width > d.width {
		width = -width
	}
	if !at.IsZero() {
		l.place(min(x, x+width), max(x, x+width))
	}
	now := d.x(d.now)
	half := textWidth("now") / 2
	middle := min(max(now, half), d.width-half)
	y := d.line + 27 + float64(laneStep*l.place(middle-half, middle+half))
	d.path("now", "M", now, 24, "V", y-13)
	d.text("nowlabel", middle, y, "middle", "now")
	if !at.IsZero() {
		d.flag(x, width, label)
	}
	if !d.base.IsZero() {
		d.disclosure(&l)
	}
	return len(l.taken)
}

// flag draws a pole and a flag of the given width. A negative width points to the left.
func (d *drawing) flag(x, width float64, label string) {
	dir, anchor := 1.0, ""
	if width < 0 {
		dir, anchor = -1, "end"
	}
	d.path("pole", "M", x, 28, "V", d.line+20)
	d.path("flag", "M", x, d.line+8, "v", 24, "h", width, "l", -dir*8, -8, dir*8, -8, "h", -width+dir*6, "z")
	d.text("onflag", x+dir*8, d.line+27, anchor, label)
}

// disclosure draws the dot of the disclosure and its label.
func (d *drawing) disclosure(l *lanes) {
	x, width := d.x(d.base), textWidth("handed over")
	d.circle("dot", x, d.line, 5)
	at, anchor := max(x-6, 0), ""
	from, to := at, at+width
	if to > d.width {
		at, anchor = min(x+6, d.width), "end"
		from, to = at-width, at
	}
	lane := l.place(from, to)
	d.text("q", at, d.line+27+float64(laneStep*lane), anchor, "handed over")
}

// lanes keep labels apart. Each label goes into the first lane with room.
type lanes struct{ taken [][][2]float64 }

func (l *lanes) place(from, to float64) int {
	const gap = 8
	for i, lane := range l.taken {
		free := true
		for _, t := range lane {
			free = free && (to+gap <= t[0] || t[1]+gap <= from)
		}
		if free {
			l.taken[i] = append(lane, [2]float64{from, to})
			return i
		}
	}
	l.taken = append(l.taken, [][2]float64{{from, to}})
	return len(l.taken) - 1
}

// strip draws a small course. All strips of a page share one span, so that they can be compared.
func strip(c course, s span) template.HTML {
	const width, height, middle = 160, 14, 7.0
	d := &drawing{picture: &picture{}, course: c, scale: scale{s, 0, width}, line: middle}
	all := d.stretches(s)
	for i, st := range all {
		x0, x1 := d.x(st.from), d.x(st.to)
		switch last := i == len(all)-1; {
		case st.free:
			d.path("free", "M", x0, middle, "H", x1)
		case last && d.endless():
			x0 = min(x0, width-12)
			d.hatched(st.hatch, "M", x0, 4, "H", width-6, "l", 6, 3, -6, 3, "H", x0, "z")
		default:
			d.hatched(st.hatch, "M", x0, 4, "H", max(x1, x0+2), "v", 6, "H", x0, "z")
		}
	}
	if !c.toldAt.IsZero() {
		d.circle("dot", min(max(d.x(c.toldAt), 4), width-4), middle, 4)
	}
	d.path("now", "M", d.x(c.now), 0, "V", height)
	return d.wrap("strip", width, height, strings.TrimPrefix(c.sentence(), "Timeline for "))
}

// endless reports whether nobody knows when the last hold ends.
func (c course) endless() bool {
	return c.due.IsZero() && c.torn()
}

// common returns the span of all the courses together.
func common(all []course) span {
	var instants []time.Time
	torn := false
	for _, c := range all {
		instants = append(instants, c.instants()...)
		torn = torn || c.torn()
	}
	return around(instants, torn)
}
