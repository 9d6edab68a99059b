package transparency

import (
	"fmt"
	"html"
	"html/template"
	"strconv"
	"strings"
)

// The widths of the two forms of a chart. The stylesheet shows the narrow one on small screens.
const (
	wideChart   = 720
	narrowChart = 290
)

// bar is one bar of a chart, of one part or of several in a row.
type bar struct {
	Label string
	Parts []part
}

// part is a stretch of a bar. Its hatch carries the meaning that its colour carries.
type part struct {
	Label string
	N     int
	// Hatch is a pattern's name: clear, before, clear-light, otherwise, order, statute, exception,
	// held, lost, alarm, open.
	Hatch string
	// Filter is the attribute by which the script dims the part: "outcome=content".
	Filter string
}

func (b bar) total() int {
	n := 0
	for _, p := range b.Parts {
		n += p.N
	}
	return n
}

// picture gathers the elements of one SVG. Colours are classes of the stylesheet; nothing is styled in place.
type picture struct {
	w *words
	b strings.Builder
	// id keeps the patterns of several pictures on a page apart.
	id string
}

func (p *picture) writef(format string, args ...any) { fmt.Fprintf(&p.b, format, args...) }

// length writes a length with at most one decimal.
func length(x float64) string { return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0") }

func (p *picture) text(class, anchor string, x, y float64, s string) {
	p.writef(`<text class="%s" text-anchor="%s" x="%s" y="%s">%s</text>`, class, anchor, length(x), length(y),
		html.EscapeString(s))
}

// hatches are the patterns of the part names.
func (p *picture) hatches() {
	p.writef(`<defs>`)
	for _, h := range []struct{ name, body string }{
		{"clear-light", `<rect class="w-sheet" width="7" height="7"/><path class="l-clear" d="M0 7L7 0"/>`},
		{"before", `<rect class="f-clear" width="6" height="6"/><circle class="f-sheet" cx="3" cy="3" r="1.2"/>`},
		{"otherwise", `<rect class="w-clear" width="6" height="6"/>`},
		{"lost", `<rect class="w-sheet" width="6" height="6"/><path class="l-hold" d="M3 0V6"/>`},
		{"order", `<rect class="w-hold" width="6" height="6"/><path class="l-hold" d="M-1 7L7-1M2 10L10 2"/>`},
		{"statute", `<rect class="w-sheet" width="6" height="6"/><path class="l-statute" d="M0 3H6M3 0V6"/>`},
		{"exception",
			`<rect class="w-sheet" width="7" height="7"/><circle class="f-policy" cx="3.5" cy="3.5" r="1.8"/>`},
		{"held", `<rect class="w-sheet" width="6" height="6"/><path class="l-hold" d="M0 3H6"/>`},
		{"alarm", `<rect class="w-alarm" width="6" height="6"/><path class="l-alarm" d="M0 0L6 6M0 6L6 0"/>`},
		{"open", `<rect class="w-sheet" width="6" height="6"/>`},
	} {
		p.writef(`<pattern id="%s-%s" width="%s" height="%s" patternUnits="userSpaceOnUse">%s</pattern>`, p.id, h.name,
			patternSize(h.name), patternSize(h.name), h.body)
	}
	p.writef(`</defs>`)
}

// swatch is a small sample of a hatch of the picture with the id.
func swatch(id, hatch string) template.HTML {
	fill := ""
	if hatch != "clear" {
		fill = fmt.Sprintf(` fill="url(#%s-%s)"`, id, hatch)
	}
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 20 14" aria-hidden="true">`+
		`<rect class="b-%s" x="1" y="1" width="18" height="12"%s/></svg>`, hatch, fill))
}

func patternSize(name string) string {
	if name == "clear-light" || name == "exception" {
		return "7"
	}
	return "6"
}

// draw draws one part with its tip: the number appears when the pointer or the keyboard's focus is on it.
func (p *picture) draw(s part, x, y, width, height, tipY, chartWidth float64) {
	tip := s.Label + ": " + p.w.number(s.N)
	filter := ""
	if name, value, ok := strings.Cut(s.Filter, "="); ok {
		filter = fmt.Sprintf(` data-%s="%s"`, name, html.EscapeString(value))
	}
	p.writef(`<g class="part" tabindex="0" role="img" aria-label="%s"%s>`, html.EscapeString(tip), filter)
	fill := fmt.Sprintf(` fill="url(#%s-%s)"`, p.id, s.Hatch)
	if s.Hatch == "clear" {
		fill = ""
	}
	p.writef(`<rect class="b-%s" x="%s" y="%s" width="%s" height="%s"%s/>`, s.Hatch, length(x), length(y),
		length(width),
		length(height), fill)
	anchor, at := "start", x
	if x > chartWidth*0.6 {
		anchor, at = "end", x+width
	}
	p.text("tip", anchor, at, tipY, tip)
	p.writef(`</g>`)
}

// barChart draws horizontal bars to a common scale, in two forms. The sentence says the whole to those who do not
// see it.
func barChart(w *words, id, sentence string, bars []bar) template.HTML {
	wide := drawBars(w, id+"-w", sentence, bars, wideChart)
	narrow := drawBars(w, id+"-n", sentence, bars, narrowChart)
	return template.HTML(strings.Replace(wide, "<svg ", `<svg class="chart wide" `, 1) +
		strings.Replace(narrow, "<svg ", `<svg class="chart narrow" `, 1))
}

// drawBars draws one form: with the labels beside the bars where there is room, above them where there is none.
func drawBars(w *words, id, sentence string, bars []bar, width float64) string {
	p := &picture{w: w, id: id}
	left, top, step, height := 190.0, 24.0, 34.0, 20.0
	if width == narrowChart {
		left, step, top = 0, 52, 40
	}
	room, most := width-left-64, 1
	for _, b := range bars {
		most = max(most, b.total())
	}
	p.hatches()
	for i, b := range bars {
		y := top + float64(i)*step
		if left > 0 {
			p.text("label", "end", left-10, y+15, b.Label)
		} else {
			p.text("label", "start", 0, y-6, b.Label)
		}
		x := left
		for _, s := range b.Parts {
			if s.N == 0 {
				continue
			}
			long := max(room*float64(s.N)/float64(most), 2)
			tipY := y - 5
			if left == 0 {
				tipY = y + height + 12
			}
			p.draw(s, x, y, long, height, tipY, width)
			x += long
		}
		p.text("value", "start", x+8, y+15, w.number(b.total()))
	}
	all := top + float64(len(bars))*step
	return fmt.Sprintf(`<svg viewBox="0 0 %s %s" role="group" aria-label="%s">%s</svg>`, length(width), length(all),
		html.EscapeString(sentence), p.b.String())
}

// share is a small bar in a table's cell: n of most.
func share(n, most int) template.HTML {
	if n == 0 || most == 0 {
		return ""
	}
	long := max(100*float64(n)/float64(most), 1)
	return template.HTML(fmt.Sprintf(`<svg class="share" viewBox="0 0 100 8" `+
		`preserveAspectRatio="none" aria-hidden="true">`+
		`<rect class="b-clear" width="%s" height="8"/></svg>`, length(long)))
}

// columnsChart draws a column of parts a half-year, oldest first, in two forms. The narrow one has the newest four.
func columnsChart(w *words, id, sentence string, bars []bar) template.HTML {
	wide := drawColumns(w, id+"-w", sentence, bars, wideChart)
	narrow := drawColumns(w, id+"-n", sentence, bars[max(0, len(bars)-4):], narrowChart)
	return template.HTML(strings.Replace(wide, "<svg ", `<svg class="chart columns wide" `, 1) +
		strings.Replace(narrow, "<svg ", `<svg class="chart columns narrow" `, 1))
}

// drawColumns draws one form.
func drawColumns(w *words, id, sentence string, bars []bar, width float64) string {
	most, high := 1, 150.0
	for _, b := range bars {
		most = max(most, b.total())
	}
	p := &picture{w: w, id: id}
	p.hatches()
	step := width / float64(max(len(bars), 4))
	wide := step * 0.72
	for i, b := range bars {
		x, y := float64(i)*step, high+24
		for _, s := range b.Parts {
			if s.N == 0 {
				continue
			}
			tall := max(high*float64(s.N)/float64(most), 2)
			y -= tall
			p.draw(s, x, y, wide, tall, 12, width)
		}
		p.text("value", "start", x, y-6, w.number(b.total()))
		p.text("label", "start", x, high+44, b.Label)
		p.writef(`<path class="axis" d="M%s %sh%s"/>`, length(x), length(high+24), length(wide))
	}
	return fmt.Sprintf(`<svg viewBox="0 0 %s %s" role="group" aria-label="%s">%s</svg>`, length(width), length(high+52),
		html.EscapeString(sentence), p.b.String())
}
