package law

import (
	"lapse/internal/calendar"
	"lapse/internal/matter"
)

// Fault says whose fault a failed check is. It stands in the evidence of each failed finding, under "fault".
type Fault string

// The faults. Only a fault of the paper is a reason to reproach a court or an authority.
const (
	// FaultPaper: the paper says so, or does not say what the law asks for.
	FaultPaper Fault = "paper"
	// FaultRecord: the provider's own record lacks or contradicts something, such as the day of service.
	FaultRecord Fault = matter.FaultOfRecord
)

// faultKey is the name of the fault in a finding's evidence.
const faultKey = matter.EvidenceFault

// FaultOf is the fault of a failed finding, "" for any other.
func FaultOf(f matter.Finding) Fault {
	said, _ := f.Evidence[faultKey].(string)
	if f.Status != matter.Fail {
		return ""
	}
	return Fault(said)
}

// noteFault says whose fault a note of the calendar is. An end that the paper words so that nobody can read it is the
// paper's; a date or a place that is missing or not believed is the record's.
func noteFault(code string) Fault {
	switch code {
	case calendar.CodeEndBeforeStart, calendar.CodeEndBeforeSigning, calendar.CodeWordingUnknown,
		calendar.CodeEndUnreadable, calendar.CodeEndAbsurd:
		return FaultPaper
	}
	return FaultRecord
}

// WithFault marks a failed finding with a fault, where it names none yet. Other findings stay as they are.
func WithFault(f matter.Finding, fault Fault) matter.Finding {
	if f.Status != matter.Fail {
		return f
	}
	if f.Evidence == nil {
		f.Evidence = matter.Evidence{}
	}
	if _, said := f.Evidence[faultKey]; !said {
		f.Evidence[faultKey] = string(fault)
	}
	return f
}
