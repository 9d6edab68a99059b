package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"lapse/internal/ledger"
	"lapse/internal/matter"
	"lapse/internal/store"
)

// The attributes that several papers share.
const (
	paperDigest   = "dg"
	paperFindings = "fi"
	paperAnswer   = "an"
	paperReceipt  = "rk"
	paperVersion  = "v"
	paperRecorded = "rc"
	paperBody     = "j"
)

// read gets one item and reads it, with an error that says what was read.
func read[T any](ctx context.Context, s *requester, what string, k key, from func(item) (T, error)) (T, error) {
	var none T
	it, err := s.get(ctx, k)
	if err != nil {
		return none, fmt.Errorf("read %s: %w", what, err)
	}
	v, err := from(it)
	if err != nil {
		return none, fmt.Errorf("read %s: %w", what, err)
	}
	return v, nil
}

// readAll gets all items of the span and reads them.
func readAll[T any](ctx context.Context, s *requester, what string, in span, from func(item) (T, error)) ([]T, error) {
	items, err := s.all(ctx, in, 0)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	out := make([]T, len(items))
	for i, it := range items {
		if out[i], err = from(it); err != nil {
			return nil, fmt.Errorf("read %s, item %s: %w", what, it.text(sk), err)
		}
	}
	return out, nil
}

// papers keeps what events brought: requests, orders, exceptions, disclosures, and the receipts of their answers.
type papers struct{ *requester }

// Request implements store.Matters.
func (s *papers) Request(ctx context.Context, id string) (matter.Request, error) {
	return read(ctx, s.requester, "request of matter "+id, requestKey(id), func(it item) (matter.Request, error) {
		rd := reader{item: it}
		var r matter.Request
		rd.document(paperBody, &r)
		rd.document(paperFindings, &r.Findings)
		r.Classes, r.Challenged = list[matter.AccountClass](it, "cl"), rd.flag("cd")
		r.DecidedIn = rd.int("di")
		r.Matter, r.Digest, r.Version, r.Receipt = id, rd.text(paperDigest), rd.int(paperVersion), rd.text(paperReceipt)
		return r, rd.err
	})
}

func requestItem(matterID string, r matter.Request) (item, error) {
	it := newItem(requestKey(matterID))
	it.putText(paperDigest, r.Digest)
	it.putInt(paperVersion, r.Version)
	putList(it, "cl", r.Classes)
	it.putFlag("cd", r.Challenged)
	it.putInt("di", r.DecidedIn)
	it.putText(paperReceipt, r.Receipt)
	return it, errors.Join(it.putDocument(paperBody, r), it.putDocument(paperFindings, r.Findings))
}

// Orders implements store.Matters.
func (s *papers) Orders(ctx context.Context, id string) ([]matter.Order, error) {
	return readAll(ctx, s.requester, "orders of matter "+id, under(partition(id), orderKey(id, "").sk), readOrder(id))
}

func readOrder(matterID string) func(item) (matter.Order, error) {
	return func(it item) (matter.Order, error) {
		rd := reader{item: it}
		o := matter.Order{Matter: matterID, ID: it.text(sk)[len("O#"):], Digest: rd.text(paperDigest),
			Recorded: rd.time(paperRecorded),
			Version:  rd.int(paperVersion), Revision: rd.int("rv"), Extended: rd.flag("ex"),
			Receipt: rd.text(paperReceipt)}
		rd.document(paperBody, &o.Received)
		rd.document(paperFindings, &o.Findings)
		rd.document("as", &o.Assessments)
		rd.document("en", &o.Endings)
		rd.document("ch", &o.Challenges)
		return o, rd.err
	}
}

func orderItem(o matter.Order) (item, error) {
	it := newItem(orderKey(o.Matter, o.ID))
	it.putText(paperDigest, o.Digest)
	it.putTime(paperRecorded, o.Recorded)
	it.putInt(paperVersion, o.Version)
	it.putInt("rv", o.Revision)
	it.putFlag("ex", o.Extended)
	it.putText(paperReceipt, o.Receipt)
	return it, errors.Join(it.putDocument(paperBody, o.Received), it.putDocument(paperFindings, o.Findings),
		it.putDocument("as", o.Assessments), it.putDocument("en", o.Endings), it.putDocument("ch", o.Challenges))
}

// Disclosure implements store.Matters.
func (s *papers) Disclosure(ctx context.Context, id, disclosure string, part int) (matter.Disclosure, error) {
	return read(ctx, s.requester, fmt.Sprintf("part %d of disclosure %s of matter %s", part, disclosure, id),
		disclosureKey(id, disclosure, part), readDisclosure(id))
}

// Disclosures implements store.Matters.
func (s *papers) Disclosures(ctx context.Context, id, disclosure string) ([]matter.Disclosure, error) {
	in := under(partition(id), disclosureKey(id, "", 1).sk)
	if first := disclosureKey(id, disclosure, 1); disclosure != "" {
		// '$' sorts after '#' and so after every part, and before every longer id
		in = span{first.pk, first.sk, first.sk + "$"}
	}
	return readAll(ctx, s.requester, "disclosures of matter "+id, in, readDisclosure(id))
}

func readDisclosure(matterID string) func(item) (matter.Disclosure, error) {
	return func(it item) (matter.Disclosure, error) {
		rd := reader{item: it}
		d := matter.Disclosure{Matter: matterID, ID: rd.text("id"), Part: rd.int("pa"), Digest: rd.text(paperDigest),
			Recorded: rd.time(paperRecorded), Version: rd.int(paperVersion), Receipt: rd.text(paperReceipt)}
		rd.document(paperBody, &d.Facts)
		rd.document("ta", &d.Targets)
		d.NoData, d.Advance = list[string](it, "nd"), rd.flag("ad")
		return d, rd.err
	}
}

func disclosureItem(d matter.Disclosure) (item, error) {
	it := newItem(disclosureKey(d.Matter, d.ID, d.Part))
	it.putText("id", d.ID)
	it.putInt("pa", d.Part)
	it.putText(paperDigest, d.Digest)
	it.putTime(paperRecorded, d.Recorded)
	it.putInt(paperVersion, d.Version)
	it.putText(paperReceipt, d.Receipt)
	putList(it, "nd", d.NoData)
	it.putFlag("ad", d.Advance)
	return it, errors.Join(it.putDocument(paperBody, d.Facts), it.putDocument("ta", d.Targets))
}

// Receipt implements store.Receipts.
func (s *papers) Receipt(ctx context.Context, receipt string) (ledger.Receipt, error) {
	return read(ctx, s.requester, "receipt "+receipt, receiptKey(receipt), func(it item) (ledger.Receipt, error) {
		rd := reader{item: it}
		r := ledger.Receipt{Key: receipt, Digest: rd.text(paperDigest), Matter: rd.text("m"), Version: rd.int(paperVersion),
			At: rd.time("at"), Settled: rd.flag("sd")}
		rd.document(paperAnswer, &r.Answer)
		return r, rd.err
	})
}

func receiptItem(r ledger.Receipt) (item, error) {
	it := newItem(receiptKey(r.Key))
	it.putText(paperDigest, r.Digest)
	it.putText("m", r.Matter)
	it.putInt(paperVersion, r.Version)
	it.putTime("at", r.At)
	it.putFlag("sd", r.Settled)
	return it, it.putDocument(paperAnswer, r.Answer)
}

// PutReceipt implements store.Receipts.
func (s *papers) PutReceipt(ctx context.Context, r ledger.Receipt) error {
	it, err := receiptItem(r)
	if err == nil {
		err = unless(s.put(ctx, &dynamodb.PutItemInput{Item: it,
			ConditionExpression: aws.String("attribute_not_exists(PK)")}))
	}
	if err != nil {
		return fmt.Errorf("put receipt %s: %w", r.Key, err)
	}
	return nil
}

// Settle implements store.Receipts.
func (s *papers) Settle(ctx context.Context, r ledger.Receipt) error {
	it, err := receiptItem(r)
	if err == nil {
		err = s.put(ctx, &dynamodb.PutItemInput{Item: it, ConditionExpression: aws.String("attribute_exists(PK)")})
	}
	if refused(err) {
		err = store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("settle receipt %s: %w", r.Key, err)
	}
	return nil
}

// Refuse implements store.Receipts.
func (s *papers) Refuse(ctx context.Context, r ledger.Refusal) error {
	it := newItem(refusalKey(r.Digest))
	it.putText("so", r.Source)
	it.putText("id", r.ID)
	it.putText("ty", r.Type)
	it.putText("su", r.Subject)
	it.putTime("at", r.At)
	err := it.putDocument("fa", r.Faults)
	if err == nil {
		err = unless(s.put(ctx, &dynamodb.PutItemInput{Item: it,
			ConditionExpression: aws.String("attribute_not_exists(PK)")}))
	}
	if err != nil {
		return fmt.Errorf("keep refused event %s: %w", r.Digest, err)
	}
	return nil
}
