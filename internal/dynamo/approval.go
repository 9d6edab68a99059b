package dynamo

import (
	"context"
	"fmt"

	"lapse/internal/ledger"
)

// approvals keeps what waits for a second person.
type approvals struct{ *requester }

// Approval implements store.Approvals.
func (s *approvals) Approval(ctx context.Context, id, approval string) (ledger.Approval, error) {
	return read(ctx, s.requester, fmt.Sprintf("approval %s of matter %s", approval, id), approvalKey(id, approval),
		readApproval(id))
}

// Approvals implements store.Approvals.
func (s *approvals) Approvals(ctx context.Context, id string) ([]ledger.Approval, error) {
	return readAll(ctx, s.requester, "approvals of matter "+id, under(partition(id), approvalKey(id, "").sk),
		readApproval(id))
}

func readApproval(matterID string) func(item) (ledger.Approval, error) {
	return func(it item) (ledger.Approval, error) {
		rd := reader{item: it}
		a := ledger.Approval{
			Matter: matterID, ID: it.text(sk)[len("P#"):], State: ledger.ApprovalState(rd.text("st")), At: rd.time("at"),
			Expires: rd.time("ex"), Version: rd.int("v"), Revision: rd.int("rv"), Persons: list[string](it, "pe"),
			Refusal: rd.text("rf"), Restraint: rd.text("re"),
		}
		rd.document("b", &a.Posted)
		rd.document("gi", &a.Given)
		return a, rd.err
	}
}

func approvalItem(a ledger.Approval) (item, error) {
	it := newItem(approvalKey(a.Matter, a.ID))
	it.putText("st", string(a.State))
	it.putTime("at", a.At)
	it.putTime("ex", a.Expires)
	it.putInt("v", a.Version)
	it.putInt("rv", a.Revision)
	putList(it, "pe", a.Persons)
	it.putText("rf", a.Refusal)
	it.putText("re", a.Restraint)
	err := it.putDocument("b", a.Posted)
	if err == nil && len(a.Given) > 0 {
		err = it.putDocument("gi", a.Given)
	}
	return it, err
}
