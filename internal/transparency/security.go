package transparency

import (
	"fmt"
	"time"
)

// The windows of 50 U.S.C. 1874(b). Practice reports calendar halves; the statute says 180 days.
const (
	CalendarHalf = "calendar_half"
	Strict180    = "strict_180"
)

const (
	// lag is how old FISA figures must be in structures 1 and 2 (50 U.S.C. 1874(b)(1)(B)).
	lag = 180 * 24 * time.Hour
	// embargo is how long the first order to a new product stays out of them (same place).
	embargo = 540 * 24 * time.Hour
)

// SecurityRules chooses one of the four structures of 50 U.S.C. 1874(a), and the window.
type SecurityRules struct {
	// Structure is 1 to 4; 0 means 2.
	Structure int
	// Window is CalendarHalf or Strict180; "" means CalendarHalf. Structure 4 is always a calendar year.
	Window string
	// UKBands prints warrants under the Investigatory Powers Act 2016 in bands of 500. The width rests on published
	// practice; the text of regulations 7 to 10 of SI 2018/349 has not been seen, so it is off unless counsel turns
	// it on.
	UKBands bool
}

func (r SecurityRules) structure() int {
	if r.Structure == 0 {
		return 2
	}
	return r.Structure
}

func (r SecurityRules) valid() error {
	if s := r.structure(); s < 1 || s > 4 {
		return fmt.Errorf("structure %d: 50 U.S.C. 1874(a) has 1 to 4", s)
	}
	if r.Window != "" && r.Window != CalendarHalf && r.Window != Strict180 {
		return fmt.Errorf("window %q is neither %s nor %s", r.Window, CalendarHalf, Strict180)
	}
	return nil
}

// width is the width of a band by structure: 50 U.S.C. 1874(a)(1) to (4).
func (r SecurityRules) width() int { return []int{1000, 500, 250, 100}[r.structure()-1] }

// Band writes the band of a count: "0–499" for 499 at width 500. Zero falls in the first band.
func Band(n, width int) string {
	low := n / width * width
	return fmt.Sprintf("%d–%d", low, low+width-1)
}

// window is a stretch [from, until) with its label and the first day on which its figures may be published.
type window struct {
	from, until   time.Time
	label         string
	publishedFrom time.Time
}

func (w window) holds(t time.Time) bool { return !t.Before(w.from) && t.Before(w.until) }

// window is the stretch of NSLs, or of FISA process, in a report on the half that is published on the day. ok is false
// for a half whose report has none: structure 4 is yearly and stands in the reports on first halves.
func (c *Counting) window(fisa bool) (w window, ok bool) {
	r, h := c.Security, c.Half
	if r.structure() == 4 {
		year := h.Year - 2 // published in the second half of h.Year or later: a year that ended over a year before
		w.from = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
		w.until = w.from.AddDate(1, 0, 0)
		w.label, w.publishedFrom = fmt.Sprintf("%04d", year), w.until.AddDate(1, 0, 0)
		return w, h.Part == 1
	}
	lagged := fisa && r.structure() <= 2
	if r.Window == Strict180 {
		return c.strictWindow(lagged), true
	}
	if lagged {
		h = h.Previous()
	}
	w = window{from: h.Start(), until: h.End(), label: h.String(), publishedFrom: h.End()}
	if lagged {
		w.publishedFrom = h.End().AddDate(0, 0, -1).Add(lag)
	}
	return w, true
}

// strictWindow is 180 days: those before the day of publication, or those that end on a day 180 days before it.
func (c *Counting) strictWindow(lagged bool) window {
	day := c.PublishedOn.UTC().Truncate(24 * time.Hour)
	until := day
	if lagged {
		until = day.Add(-lag).AddDate(0, 0, 1)
	}
	w := window{from: until.Add(-lag), until: until, publishedFrom: day}
	w.label = w.from.Format(time.DateOnly) + "/" + until.AddDate(0, 0, -1).Format(time.DateOnly)
	return w
}

// securityTally keeps the exact counts; they never leave the count.
type securityTally struct {
	process, selectors map[string]int
	// unsorted is true once a FISA order was met whose title, or call records, nobody recorded.
	unsorted bool
}

func (t *securityTally) merge(o *securityTally) {
	for category, n := range o.process {
		t.count(category, n, o.selectors[category])
	}
	t.unsorted = t.unsorted || o.unsorted
}

func (t *securityTally) count(category string, process, selectors int) {
	if t.process == nil {
		t.process, t.selectors = map[string]int{}, map[string]int{}
	}
	t.process[category] += process
	t.selectors[category] += selectors
}

// The categories under which process is counted before it is printed.
const (
	categoryNSL         = "nsl"
	categoryContent     = "content"
	categoryNonContent4 = "noncontent_iv"
	categoryNonContent5 = "noncontent_v"
	categoryCallRecords = "noncontent_v_call_records"
	categoryProcess     = "process"
	categoryUK          = "uk"
)

// addSecurity counts a process by its receivedAt. One that was quashed is not counted.
func (c *Count) addSecurity(f *SecurityFact) {
	if f.Quashed {
		return
	}
	if f.Kind == "uk_warrant" {
		if c.Half.Holds(f.ReceivedAt) {
			c.security.count(categoryUK, 1, f.Selectors)
		}
		return
	}
	fisa := f.Kind == "fisa"
	w, ok := c.window(fisa)
	if !ok || !w.holds(f.ReceivedAt) {
		return
	}
	if c.Security.structure() >= 3 {
		c.security.count(categoryProcess, 1, f.Selectors)
		return
	}
	if fisa && f.FirstOfProduct && c.PublishedOn.Before(f.ReceivedAt.Add(embargo)) {
		return
	}
	category, ok := categoryOf(f)
	if !ok {
		c.security.unsorted = true
		return
	}
	c.security.count(category, 1, f.Selectors)
}

// categoryOf sorts a process. Titles I, III and VII are about contents; IV (pen registers) and V (records) are not. ok
// is false where the title, or a title V order's call records, are not recorded.
func categoryOf(f *SecurityFact) (category string, ok bool) {
	if f.Kind == "nsl" {
		return categoryNSL, true
	}
	switch f.Title {
	case "I", "III", "VII":
		return categoryContent, true
	case "IV":
		return categoryNonContent4, true
	case "V":
		if f.CallRecords == nil {
			return "", false
		}
		if *f.CallRecords {
			return categoryCallRecords, true
		}
		return categoryNonContent5, true
	}
	return "", false
}
