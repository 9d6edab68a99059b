package site

import (
	"encoding/xml"
	"flag"
	"html/template"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"lapse/internal/matter"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

func at(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestAxisTicks(t *testing.T) {
	rows := []struct {
		legal, from, to string
		want            []string
	}{
		{"a week, day by day", "2026-03-02", "2026-03-09",
			[]string{"2 Mar 2026", "3 Mar", "4 Mar", "5 Mar", "6 Mar", "7 Mar", "8 Mar", "9 Mar"}},
		{"a month, by Mondays", "2026-03-02", "2026-04-03", []string{"2 Mar 2026", "9 Mar", "16 Mar", "23 Mar", "30 Mar"}},
		{"days over the end of a year", "2026-12-30", "2027-01-05",
			[]string{"30 Dec 2026", "31 Dec", "1 Jan 2027", "2 Jan", "3 Jan", "4 Jan", "5 Jan"}},
		{"a 180-day order, by months", "2026-03-01", "2026-09-10",
			[]string{"Mar 2026", "Apr", "May", "Jun", "Jul", "Aug", "Sep"}},
		{"a one-year order, by quarters from January", "2026-01-20", "2027-02-20",
			[]string{"Jan 2026", "Mar", "May", "Jul", "Sep", "Nov", "Jan 2027"}},
		{"two and a half years", "2026-03-01", "2028-10-01",
			[]string{"Mar 2026", "Jul", "Jan 2027", "Jul", "Jan 2028", "Jul"}},
		{"ten years, year by year", "2026-01-01", "2036-01-01",
			[]string{"2026", "2027", "2028", "2029", "2030", "2031", "2032", "2033", "2034", "2035", "2036"}},
		{"the longest period an end may have, a century", "2026-06-01", "2126-06-01",
			[]string{"2030", "2040", "2050", "2060", "2070", "2080", "2090", "2100", "2110", "2120"}},
		{"an end in 2999", "2026-06-01", "2999-12-31",
			[]string{"2026", "2100", "2200", "2300", "2400", "2500", "2600", "2700", "2800", "2900"}},
	}
	for _, r := range rows {
		t.Run(r.legal, func(t *testing.T) {
			s := scale{span{at(r.from), at(r.to)}, wide().least, wide().width}
			var got []string
			for _, tick := range s.ticks() {
				got = append(got, tick.label)
				require.False(t, tick.at.Before(s.from) || tick.at.After(s.to))
			}
			require.Equal(t, r.want, got)
		})
	}
}

// golden are three courses that together use the whole grammar.
func golden() map[string]course {
	return map[string]course{
		"extended": {who: "zebra7", now: at("2026-05-14"), base: at("2026-03-02"), due: at("2026-09-01"), bars: []bar{
			{"ord-1", matter.OriginOrder, matter.CourtOrder, time.Time{}, at("2026-06-01")},
			{"ord-1b", matter.OriginOrder, matter.CourtOrder, at("2026-05-28"), at("2026-09-01")},
			{"exc-1", matter.OriginException, "emergency", at("2026-03-14"), at("2026-04-27")},
		}},
		"no-end": {who: "lynx12", now: at("2026-05-14"), base: at("2026-03-02"), bars: []bar{
			{"ord-2", matter.OriginOrder, matter.CourtOrder, time.Time{}, time.Time{}},
			{"law-us-18-3123d", matter.OriginStatute, matter.Statute, time.Time{}, time.Time{}},
		}},
		"told-after-decades": {who: `owl5 & "others"`, now: at("2067-01-05"), base: at("2026-03-02"), due: at("2066-02-23"),
			toldAt: at("2066-02-23"), bars: []bar{
				{"ndo-with-a-very-long-identifier-2026-0144-1<&>", matter.OriginOrder, matter.CourtOrder, at("2026-02-20"),
					at("2066-02-23")},
			}},
	}
}

func TestGoldenTimelines(t *testing.T) {
	for name, c := range golden() {
		t.Run(name, func(t *testing.T) {
			got := strings.ReplaceAll("<div>"+string(timeline(c))+"</div>", "><", ">\n<") + "\n"
			file := filepath.Join("testdata", name+".html")
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// written texts of a picture, by the line they stand on.
type placed struct {
	from, to float64
	text     string
}

// texts reads a picture's texts with the room they take, and its height; it fails on what is no well-formed XML.
func texts(t require.TestingT, svg template.HTML) (map[string][]placed, float64) {
	var root struct {
		ViewBox string `xml:"viewBox,attr"`
		Texts   []struct {
			X      float64 `xml:"x,attr"`
			Y      string  `xml:"y,attr"`
			Anchor string  `xml:"text-anchor,attr"`
			Words  string  `xml:",chardata"`
		} `xml:"text"`
	}
	require.NoError(t, xml.Unmarshal([]byte(svg), &root), "%s", svg)
	out := map[string][]placed{}
	for _, x := range root.Texts {
		p := placed{x.X, x.X + textWidth(x.Words), x.Words}
		switch x.Anchor {
		case "middle":
			p.from, p.to = x.X-textWidth(x.Words)/2, x.X+textWidth(x.Words)/2
		case "end":
			p.from, p.to = x.X-textWidth(x.Words), x.X
		}
		out[x.Y] = append(out[x.Y], p)
	}
	box := strings.Fields(root.ViewBox)
	height, err := strconv.ParseFloat(box[3], 64)
	require.NoError(t, err)
	return out, height
}

func TestLabelsNeverOverlapOrLeaveThePicture(t *testing.T) {
	id := regexp.MustCompile(`[A-Za-z0-9_.-]{1,64}`)
	rapid.Check(t, func(t *rapid.T) {
		day := func(name string) time.Time {
			return at("2026-03-01").AddDate(0, 0, rapid.IntRange(-400, 40_000).Draw(t, name))
		}
		maybe := func(name string) time.Time {
			if rapid.Bool().Draw(t, "no "+name) {
				return time.Time{}
			}
			return day(name)
		}
		c := course{who: "u1", now: day("now"), base: maybe("base"), due: maybe("due"), toldAt: maybe("told")}
		for range rapid.IntRange(0, 5).Draw(t, "bars") {
			kind := rapid.SampledFrom([]matter.OrderKind{matter.CourtOrder, matter.Certification, matter.Statute, matter.Plea,
				"child"}).Draw(t, "kind")
			c.bars = append(c.bars, bar{rapid.StringMatching(id.String()).Draw(t, "id"), matter.OriginOrder, kind, maybe("from"),
				maybe("until")})
		}
		for _, m := range []measures{wide(), narrow()} {
			lines, height := texts(t, draw(c, m))
			for y, line := range lines {
				at, err := strconv.ParseFloat(y, 64)
				require.NoError(t, err)
				require.True(t, at >= 12 && at <= height-3, "a text at %s of %v", y, height)
				for i, p := range line {
					require.True(t, p.from >= -0.1 && p.to <= m.width+0.1, "%q leaves the %s: %v to %v", p.text, m.class, p.from, p.to)
					for _, q := range line[:i] {
						require.True(t, p.to < q.from || q.to < p.from, "%q lies on %q", p.text, q.text)
					}
				}
			}
		}
		_ = strip(c, common([]course{c}))
	})
}

func TestStretchesAnswerMayWeTell(t *testing.T) {
	c := golden()["extended"]
	got := c.stretches(span{at("2026-01-01"), at("2027-01-01")})
	require.Equal(t, []stretch{
		{at("2026-03-02"), at("2026-09-01"), false, hatchOrder},
		{at("2026-09-01"), at("2027-01-01"), true, ""},
	}, got, "an exception under an order changes nothing")
	gap := course{now: at("2026-05-14"), base: at("2026-01-10"), bars: []bar{
		{"a", matter.OriginOrder, matter.CourtOrder, time.Time{}, at("2026-02-01")},
		{"b", matter.OriginStatute, matter.Statute, at("2026-03-01"), time.Time{}},
	}}
	require.Equal(t, []stretch{
		{at("2026-01-10"), at("2026-02-01"), false, hatchOrder},
		{at("2026-02-01"), at("2026-03-01"), true, ""},
		{at("2026-03-01"), at("2027-01-01"), false, hatchStatute},
	}, gap.stretches(span{at("2026-01-01"), at("2027-01-01")}), "a gap is free")
}

// TestTokensReachContrast holds the stylesheet's colours to WCAG 2.2: 4.5 for text (1.4.3), 3 for graphics (1.4.11).
func TestTokensReachContrast(t *testing.T) {
	css, err := files.ReadFile("style.css")
	require.NoError(t, err)
	light, dark, found := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	require.True(t, found)
	dark, _, _ = strings.Cut(dark, "* {")
	base := tokens(light)
	schemes := map[string]map[string]float64{"light": base, "dark": {}}
	for k, v := range base {
		schemes["dark"][k] = v
	}
	for k, v := range tokens(dark) {
		schemes["dark"][k] = v
	}
	pairs := []struct {
		ink, ground string
		least       float64
	}{
		{"ink", "paper", 4.5}, {"ink", "sheet", 4.5}, {"ink", "alarm-wash", 4.5}, {"quiet", "paper", 4.5}, {"quiet", "sheet",
			4.5},
		{"clear", "paper", 4.5}, {"clear", "sheet", 4.5}, {"clear", "clear-wash", 4.5}, {"clear", "alarm-wash",
			4.5}, {"sheet", "clear", 4.5},
		{"hold", "sheet", 4.5}, {"hold", "paper", 4.5}, {"alarm", "sheet", 4.5}, {"alarm", "alarm-wash", 4.5},
		{"hold", "hold-wash", 3}, {"statute", "sheet", 3}, {"policy", "sheet", 3},
	}
	for name, s := range schemes {
		for _, p := range pairs {
			a, b := s[p.ink], s[p.ground]
			require.GreaterOrEqual(t, (max(a, b)+0.05)/(min(a, b)+0.05), p.least, "%s: %s on %s", name, p.ink, p.ground)
		}
	}
}

// tokens are the relative luminances of a stylesheet's colours.
func tokens(css string) map[string]float64 {
	out := map[string]float64{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{3}|[0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
		hex := m[2]
		if len(hex) == 3 {
			hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
		}
		n, _ := strconv.ParseUint(hex, 16, 32)
		l := 0.0
		for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
			c := float64(n>>(8*i)&0xff) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			l += weight * c
		}
		out[m[1]] = l
	}
	return out
}
