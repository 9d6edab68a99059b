package review

import (
	"fmt"
	"strings"

	"lapse/internal/matter"
)

// DeficiencyLetter returns the letter to an authority whose request lacks required fields, "" if it lacks none. The
// letter names the request's reference, and nobody whose data is sought. sender is the provider's legal entity, as the
// letter names it.
func DeficiencyLetter(r matter.Request, required Fields, sender string) string {
	missing := required.missing(r)
	if len(missing) == 0 {
		return ""
	}
	var w strings.Builder
	fmt.Fprintf(&w, "To: %s\n", r.Issuer.Name)
	fmt.Fprintf(&w, "Your reference: %s\n\n", r.Reference)
	fmt.Fprintf(&w, "We have received your %s", strings.ReplaceAll(string(r.Instrument), "_", " "))
	if !r.ReceivedAt.IsZero() {
		fmt.Fprintf(&w, " on %s", r.ReceivedAt.UTC().Format("2 January 2006"))
	}
	w.WriteString(". We cannot process it yet, because it does not state the following:\n\n")
	for _, m := range missing {
		fmt.Fprintf(&w, "- %s\n", m.Ask)
	}
	w.WriteString("\nPlease send a corrected request that states each of them. Until then no data is handed over.\n")
	if filled(sender) {
		fmt.Fprintf(&w, "\n%s\n", strings.TrimSpace(sender))
	}
	return w.String()
}
