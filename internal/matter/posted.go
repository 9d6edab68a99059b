package matter

import (
	"encoding/json"
)

// PostedOrder is the data of order.received, as posted.
type PostedOrder struct {
	OrderID       string       `json:"orderId"`
	Kind          OrderKind    `json:"kind"`
	Issuer        Issuer       `json:"issuer"`
	Covers        PostedCovers `json:"covers"`
	End           End          `json:"end"`
	LegalBasis    string       `json:"legalBasis,omitempty"`
	Docket        string       `json:"docket,omitempty"`
	Signed        *bool        `json:"signed,omitempty"`
	SignedOn      Date         `json:"signedOn,omitzero"`
	ServedOn      Date         `json:"servedOn,omitzero"`
	StartsOn      Date         `json:"startsOn,omitzero"`
	Silence       string       `json:"silence,omitempty"`
	Grounds       []string     `json:"grounds,omitempty"`
	CourtFindings string       `json:"courtFindings,omitempty"`
	NamesProcess  *bool        `json:"namesProcess,omitempty"`
	Extends       string       `json:"extends,omitempty"`
	Document      string       `json:"documentSha256,omitempty"`
}

// PostedCovers is the field covers of an event: "all" or a list of subject ids, and perhaps roles.
type PostedCovers struct {
	Subjects   CoveredSubjects `json:"subjects"`
	Recipients []Role          `json:"recipients,omitempty"`
}

// CoveredSubjects is "all" or a list of ids.
type CoveredSubjects struct {
	All bool
	IDs []string
}

// MarshalJSON writes "all" or the list.
func (c CoveredSubjects) MarshalJSON() ([]byte, error) {
	if c.All {
		return []byte(`"all"`), nil
	}
	return JSON(c.IDs)
}

// UnmarshalJSON reads "all" or the list.
func (c *CoveredSubjects) UnmarshalJSON(b []byte) error {
	if string(b) == `"all"` {
		*c = CoveredSubjects{All: true}
		return nil
	}
	return json.Unmarshal(b, &c.IDs)
}
