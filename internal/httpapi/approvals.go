package httpapi

import "net/http"

// getApprovals lists what waits for another person.
func (a *API) getApprovals(w http.ResponseWriter, r *http.Request) {
	cursor, limit, err := page(r)
	if err != nil {
		WriteProblem(w, a.problem(r, err))
		return
	}
	v, err := a.Inquire.Approvals(r.Context(), cursor, limit)
	a.answer(w, r, v, err)
}
