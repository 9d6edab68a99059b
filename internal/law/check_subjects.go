package law

import (
	"fmt"
	"strings"

	"lapse/internal/matter"
)

// checkSubjects is K15. An id may become known later, so it is unknown rather than failed. The order covers everybody
// meanwhile.
func checkSubjects() CheckRule {
	return CheckRule{
		ID: "K15", Severity: matter.Deficient, Asks: "Does the matter know everybody it names?",
		Fails: "never: a name that is not known yet is unknown",
		Rests: OwnPolicy + "an order covers everybody while a name in it is not known",
		run: func(c reading) matter.Finding {
			var f matter.Finding
			switch {
			case c.Order.Covers.Subjects.All:
				f.Status, f.Message = matter.Pass, "The order covers everybody in the matter."
			case len(c.Unknown) == 0:
				f.Status, f.Message = matter.Pass, "The matter knows everybody the order names."
				if len(c.Tenants) > 0 {
					f.Evidence = matter.Evidence{"tenants": c.Tenants}
					f.Message += " A recipient whom they share with others of their organisation is not told about those others " +
						"either, while it holds."
				}
			default:
				f.Status, f.Evidence = matter.Unknown, matter.Evidence{"unknown": first(c.Unknown, 100), "count": len(c.Unknown)}
				f.Message = fmt.Sprintf("The matter does not know %s. Until it does, or a person has assessed the order, it "+
					"covers everybody in the matter.", strings.Join(first(c.Unknown, 5), ", "))
			}
			return f
		},
	}
}

func first(list []string, n int) []string {
	if len(list) > n {
		return append(append([]string{}, list[:n]...), "...")
	}
	return list
}
