package dynamo

import (
	"context"
	"errors"

	"lapse/internal/matter"
)

// Exceptions implements store.Matters.
func (s *papers) Exceptions(ctx context.Context, id string) ([]matter.Exception, error) {
	return readAll(ctx, s.requester, "exceptions of matter "+id, under(partition(id), exceptionKey(id, "").sk),
		readException(id))
}

func readException(matterID string) func(item) (matter.Exception, error) {
	return func(it item) (matter.Exception, error) {
		rd := reader{item: it}
		x := matter.Exception{Matter: matterID, ID: it.text(sk)[len("X#"):], Digest: rd.text(paperDigest),
			RequestedBy: rd.text("rb"), RequestedPerson: rd.text("rp"),
			Recorded: rd.time(paperRecorded), Version: rd.int(paperVersion), Revision: rd.int("rv"), ReviewAt: rd.time("re"),
			Receipt: rd.text(paperReceipt)}
		rd.document(paperBody, &x.Requested)
		rd.document("ap", &x.Approval)
		rd.document("rn", &x.Renewals)
		rd.document("en", &x.Ending)
		return x, rd.err
	}
}

func exceptionItem(x matter.Exception) (item, error) {
	it := newItem(exceptionKey(x.Matter, x.ID))
	it.putText(paperDigest, x.Digest)
	it.putText("rb", x.RequestedBy)
	it.putText("rp", x.RequestedPerson)
	it.putTime(paperRecorded, x.Recorded)
	it.putInt(paperVersion, x.Version)
	it.putInt("rv", x.Revision)
	it.putTime("re", x.ReviewAt)
	it.putText(paperReceipt, x.Receipt)
	return it, errors.Join(it.putDocument(paperBody, x.Requested), it.putDocument("ap", x.Approval),
		it.putDocument("rn", x.Renewals),
		it.putDocument("en", x.Ending))
}
