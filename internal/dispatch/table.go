package dispatch

import "context"

// The reasons why a sweep sends nothing from a table that is a copy, or may be one. They stand in Report.Paused.
const (
	restoredTable = "restored_table"
	unknownTable  = "unknown_table"
)

// checkTable returns why this table may send nothing, or "". A copy may not: it lacks what was sent since from the
// table that its control state names (Restorer). A table that was never swept is no copy.
func (p *pass) checkTable(ctx context.Context, named string) string {
	id, err := p.store.TableID(ctx)
	if err == nil && named == "" {
		named, err = id, p.store.PutTable(ctx, id)
	}
	switch {
	case err != nil:
		p.recordFailure("tell the table from a copy", "", err)
		return unknownTable
	case named != id:
		p.log.Error("sweep: this table is a copy of another; nothing is sent from it until an operator resumes", "named",
			named, "id", id)
		return restoredTable
	}
	return ""
}
