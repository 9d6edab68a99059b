package transparency

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Format names the form of a snapshot and of the files made from it. A change that old snapshots would not survive
// needs a new one.
const Format = "lapse-report-v1"

// DefaultLicence is the SPDX id of the data's licence where nothing else is set.
const DefaultLicence = "CC-BY-4.0"

// Publisher says who publishes, where, and under which licence. It is part of every snapshot, so that a revision can be
// printed again when the settings have changed.
type Publisher struct {
	// Name is the provider's.
	Name string `json:"name"`
	// Base is the address of the report's folder and ends with "/": "https://transparency.example/" or
	// "/local/report/".
	Base string `json:"base"`
	// Licence is an SPDX id, DefaultLicence where it is empty; LicenceURL is where its text stands.
	Licence    string `json:"licence,omitempty"`
	LicenceURL string `json:"licenceUrl,omitempty"`
	// Sample marks every page and file as sample data.
	Sample bool `json:"sample,omitempty"`
}

// Snapshot is one frozen revision of one half. Everything published about it derives from this, and from nothing else.
// It holds no count that is not published: the exact values beneath suppressed cells and bands are gone.
type Snapshot struct {
	Format    string    `json:"format"`
	Half      Half      `json:"half"`
	Revision  int       `json:"revision"`
	Reason    string    `json:"reason,omitempty"`
	FrozenAt  time.Time `json:"frozenAt"`
	Publisher Publisher `json:"publisher"`
	Draft     bool      `json:"draft,omitempty"`
	// Structure and Window are those of the bands.
	Structure int     `json:"structure"`
	Window    string  `json:"window"`
	Tables    []Table `json:"tables"`
	// InProcess lists the requests not processed by the half's end.
	InProcess []OpenRequests `json:"inProcess"`
	Summary   Summary        `json:"summary"`
	// Before is the summary of the newest revision of the half before, nil where there is none.
	Before *Summary `json:"before,omitempty"`
	// Revisions are the revisions up to this one, and Changes the cells that differ from the one before.
	Revisions []Revision `json:"revisions"`
	Changes   []Change   `json:"changes"`
}

// OpenRequests counts requests of one country and type that were received and not processed.
type OpenRequests struct {
	Country     string `json:"country"`
	RequestType string `json:"request_type"`
	InProcess   int    `json:"in_process"`
}

// Revision is one line of a half's history. SHA256 is the hash of its snapshot; the newest has none yet.
type Revision struct {
	N        int       `json:"revision"`
	FrozenAt time.Time `json:"frozenAt"`
	Reason   string    `json:"reason,omitempty"`
	SHA256   string    `json:"sha256,omitempty"`
}

// Summary is what the first screen says. Medians and maxima are nil under their minimum of cases.
type Summary struct {
	Half             Half `json:"half"`
	Received         int  `json:"received"`
	Processed        int  `json:"processed"`
	InProcess        int  `json:"inProcess"`
	WithData         int  `json:"requestsWithData"`
	Accounts         int  `json:"accountsWithData"`
	Disclosed        int  `json:"disclosed"`
	OwedAtStart      int  `json:"owedAtStart"`
	ToldBefore       int  `json:"toldBefore"`
	ToldAt           int  `json:"toldAt"`
	ToldAfter        int  `json:"toldAfter"`
	ToldOtherwise    int  `json:"toldOtherwise"`
	Cancelled        int  `json:"cancelled"`
	Owed             int  `json:"owed"`
	Overdue          int  `json:"overdue"`
	Unconfirmed      int  `json:"unconfirmed"`
	MedianAfterEnd   *int `json:"medianDaysAfterEnd"`
	OrdersReceived   int  `json:"ordersReceived"`
	OrdersDeficient  int  `json:"ordersDeficient"`
	OrdersChallenged int  `json:"ordersChallenged"`
	OrdersInForce    int  `json:"ordersInForce"`
	OrdersEndless    int  `json:"ordersWithoutEnd"`
	MedianOrderDays  *int `json:"medianOrderDays"`
}

// Told is the number of units told in the half, by mail or otherwise.
func (s *Summary) Told() int { return s.ToldBefore + s.ToldAt + s.ToldAfter + s.ToldOtherwise }

// Encode writes the snapshot: JSON, the same bytes for the same snapshot.
func (s *Snapshot) Encode() ([]byte, error) { return encode(s) }

// SHA256 is the hash of the encoded snapshot, in hex.
func (s *Snapshot) SHA256() (string, error) {
	raw, err := s.Encode()
	if err != nil {
		return "", err
	}
	return digest(raw), nil
}

// DecodeSnapshot reads what Encode wrote, strictly.
func DecodeSnapshot(raw []byte) (*Snapshot, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	s := new(Snapshot)
	if err := dec.Decode(s); err != nil {
		return nil, fmt.Errorf("decode snapshot: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("decode snapshot: text after the object")
	}
	return s, s.valid()
}

// valid reports a snapshot whose tables do not have their columns.
func (s *Snapshot) valid() error {
	if s.Format != Format || s.Revision < 1 || len(s.Revisions) != s.Revision {
		return fmt.Errorf("snapshot of %s, revision %d: form %q is not %s", s.Half, s.Revision, s.Format, Format)
	}
	for i, schema := range Schemas() {
		if i >= len(s.Tables) || s.Tables[i].Name != schema.Name {
			return fmt.Errorf("snapshot of %s: table %s is not in its place", s.Half, schema.Name)
		}
		for _, row := range s.Tables[i].Rows {
			if len(row) != len(schema.Columns) {
				return fmt.Errorf("snapshot of %s: a row of %s has %d cells", s.Half, schema.Name, len(row))
			}
		}
	}
	return nil
}

// table is a table of the snapshot, by name.
func (s *Snapshot) table(name string) View {
	for _, t := range s.Tables {
		if t.Name == name {
			return t.view()
		}
	}
	return View{Schema: schemaOf(name)}
}

// encode writes indented JSON without escaping what HTML would need, and a line feed at its end.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
