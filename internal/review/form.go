package review

import (
	"strings"

	"lapse/internal/law"
	"lapse/internal/matter"
)

// fields is F01. It lists the missing fields in words that can be sent to the authority.
func fields(in Input) matter.Finding {
	f := matter.Finding{Check: FieldsCheck, Severity: matter.Advice, Citation: law.OwnPolicy +
		"a request fills the published list of fields", Evidence: matter.Evidence{}}
	missing := in.Fields.missing(in.Request)
	asks := make([]string, len(missing))
	for i, w := range missing {
		asks[i] = w.Ask
	}
	if len(missing) == 0 {
		f.Status, f.Message = matter.Pass, "The request says what it has to."
		return f
	}
	f.Status, f.Evidence["missing"] = matter.Fail, missing
	sender := ""
	if len(in.Policy.Entities) > 0 {
		sender = in.Policy.Entities[0]
	}
	f.Evidence["letter"] = DeficiencyLetter(in.Request, in.Fields, sender)
	f.Message = "Ask the authority for: " + strings.Join(asks, "; ") + "."
	return f
}

// channel is O6. It fails, and raises an alarm, for a request by a channel that is not configured.
func channel(in Input) matter.Finding {
	f := matter.Finding{Check: ChannelCheck, Severity: matter.Advice, Citation: law.OwnPolicy +
		"requests come in at one point, by the configured channels"}
	switch via := in.Request.ServedVia; {
	case len(in.Policy.Channels) == 0:
		f.Status, f.Message = matter.NotApplicable, "No channels are configured, so none is judged."
	case !filled(via):
		f.Status, f.Message = matter.Unknown, "Nobody has said by which channel the request came."
	case law.Named(in.Policy.Channels, via):
		f.Status, f.Message = matter.Pass, "The request came by one of the configured channels."
	default:
		f.Status, f.Evidence = matter.Fail, matter.Evidence{"channels": in.Policy.Channels}
		f.Message = "The request came by a channel that is none of the configured ones: find out why it was taken."
	}
	return f
}
