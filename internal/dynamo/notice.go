package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"lapse/internal/matter"
	"lapse/internal/notice"
	"lapse/internal/store"
)

// The attributes of a notice. Attempts are a list of maps, in the order of their claims.
const (
	noticeRevision = "rv"
	noticeAttempts = "at"
)

func noticeItem(n notice.Notice) (item, error) {
	k, err := noticeKey(n.ID)
	if err != nil {
		return nil, err
	}
	it := newItem(k)
	it.putInt(noticeRevision, n.Revision)
	it.putText("kd", string(n.Kind))
	it.putInt("fv", n.Former)
	it.putTime("fr", n.ReplacedAt)
	it.putText("di", n.Disclosure)
	it.putInt("pa", n.Part)
	it.putText("su", n.Subject)
	it.putText("st", string(n.State))
	it.putText("re", string(n.Reason))
	it.putTime("ba", n.Base)
	it.putTime("cr", n.Created)
	it.putTime("nx", n.Next)
	it.putTime("lu", n.Lease)
	it.putText("tk", n.Token)
	it.putText("ln", n.Language)
	it.putText("te", n.Template)
	it.putText("mi", n.MessageID)
	it.putTime("sa", n.SentAt)
	it.putTime("da", n.DeliveredAt)
	it.putText("ls", string(n.LastSign))
	it.putTime("lt", n.LastSignAt)
	it.putText("lo", n.LateOrder)
	it.putTime("la", n.LateAt)
	it.putText("ac", n.Actor)
	it.putTime("ch", n.Changed)
	it.putInt("av", n.CarriedOut)
	it.putInt("as", n.Decision)
	it.putFlag("hd", n.Holding)
	if len(n.Attempts) > 0 {
		attempts := make([]types.AttributeValue, len(n.Attempts))
		for i, a := range n.Attempts {
			attempts[i] = attemptValue(a)
		}
		it[noticeAttempts] = &types.AttributeValueMemberL{Value: attempts}
	}
	return it, nil
}

func attemptValue(a notice.Attempt) types.AttributeValue {
	it := item{}
	it.putText("n", a.Token)
	it.putTime("c", a.Claimed)
	it.putInt("h", a.Head)
	it.putText("r", a.Rules)
	it.putTime("d", a.Due)
	it.putText("o", string(a.Outcome))
	it.putTime("t", a.At)
	it.putFlag("w", a.WasUnknown)
	it.putText("m", a.MessageID)
	it.putTime("b", a.Bounced)
	it.putFlag("x", a.Dead)
	it.putText("k", a.Contact)
	it.putFlag("p", a.Spare)
	it.putDigest("l", a.Letter)
	it.putDigest("f", a.Form)
	it.putText("rl", string(a.Recipient.Role))
	it.putText("tn", a.Recipient.Tenant)
	it.putText("mb", a.Recipient.Mailbox)
	return &types.AttributeValueMemberM{Value: it}
}

// readNotice reads a notice. Its key holds its id.
func readNotice(it item) (notice.Notice, error) {
	rd := reader{item: it}
	matterID := matterOf(it)
	n := notice.Notice{ID: matterID + "." + it.text(sk)[len(noticePrefix):], Matter: matterID,
		Kind: notice.Kind(rd.text("kd")), Former: rd.int("fv"), ReplacedAt: rd.time("fr"),
		Revision: rd.int(noticeRevision), Disclosure: rd.text("di"), Part: rd.int("pa"),
		Subject: rd.text("su"), State: notice.State(rd.text("st")),
		Reason: notice.Reason(rd.text("re")),
		Base:   rd.time("ba"), Created: rd.time("cr"), Next: rd.time("nx"), Lease: rd.time("lu"), Token: rd.text("tk"),
		Language: rd.text("ln"), Template: rd.text("te"), MessageID: rd.text("mi"), SentAt: rd.time("sa"),
		DeliveredAt: rd.time("da"), LastSign: notice.Op(rd.text("ls")), LastSignAt: rd.time("lt"),
		LateOrder: rd.text("lo"), LateAt: rd.time("la"), Actor: rd.text("ac"), Changed: rd.time("ch"),
		CarriedOut: rd.int("av"), Decision: rd.int("as"), Holding: rd.flag("hd")}
	for _, m := range it.maps(noticeAttempts) {
		a := reader{item: m}
		n.Attempts = append(n.Attempts, readAttempt(&a))
		if a.err != nil {
			rd.failed(noticeAttempts, a.err)
		}
	}
	return n, rd.err
}

func readAttempt(a *reader) notice.Attempt {
	return notice.Attempt{
		Token: a.text("n"), Claimed: a.time("c"), Head: a.int("h"), Rules: a.text("r"), Due: a.time("d"),
		Outcome: notice.Outcome(a.text("o")), At: a.time("t"), WasUnknown: a.flag("w"), MessageID: a.text("m"),
		Bounced: a.time("b"), Dead: a.flag("x"), Contact: a.text("k"), Spare: a.flag("p"), Letter: a.digest("l"),
		Form:      a.digest("f"),
		Recipient: matter.Recipient{Role: matter.Role(a.text("rl")), Tenant: a.text("tn"), Mailbox: a.text("mb")},
	}
}

// notices keeps the notices.
type notices struct{ *requester }

// Notice implements store.Notices.
func (s *notices) Notice(ctx context.Context, id string) (notice.Notice, error) {
	k, err := noticeKey(id)
	if err != nil {
		return notice.Notice{}, err
	}
	return read(ctx, s.requester, "notice "+id, k, readNotice)
}

// NoticesOf implements store.Notices.
func (s *notices) NoticesOf(ctx context.Context, ids []string) (map[string]notice.Notice, error) {
	keys := make([]key, 0, len(ids))
	for _, id := range ids {
		k, err := noticeKey(id)
		if err != nil {
			continue // there is none with such an id
		}
		keys = append(keys, k)
	}
	items, err := s.getMany(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	out := make(map[string]notice.Notice, len(items))
	for _, it := range items {
		n, err := readNotice(it)
		if err != nil {
			return nil, fmt.Errorf("read notice %s: %w", n.ID, err)
		}
		out[n.ID] = n
	}
	return out, nil
}

// Notices implements store.Notices.
func (s *notices) Notices(ctx context.Context, id, after string, limit int) ([]notice.Notice, string, error) {
	if after != "" {
		after = noticePrefix + after
	}
	items, cursor, err := s.page(ctx, under(partition(id), noticePrefix), after, limit)
	if err != nil {
		return nil, "", fmt.Errorf("read notices of matter %s: %w", id, err)
	}
	out := make([]notice.Notice, len(items))
	for i, it := range items {
		if out[i], err = readNotice(it); err != nil {
			return nil, "", fmt.Errorf("read notices of matter %s, item %s: %w", id, it.text(sk), err)
		}
	}
	if cursor != "" {
		cursor = cursor[len(noticePrefix):]
	}
	return out, cursor, nil
}

// PutNotice implements store.Notices.
func (s *notices) PutNotice(ctx context.Context, n notice.Notice) error {
	it, err := noticeItem(n)
	if err != nil {
		return fmt.Errorf("put notice: %w", err)
	}
	err = unless(s.put(ctx, &dynamodb.PutItemInput{Item: it, ConditionExpression: aws.String("attribute_not_exists(PK)")}))
	if err != nil {
		return fmt.Errorf("put notice %s: %w", n.ID, err)
	}
	return nil
}

// replaces bounds how often Apply tries again after another writer replaced the notice. Few write one notice at once: a
// sweep or two, the reports of SES, a person.
const replaces = 20

// Apply implements store.Notices. A put over an old revision fails and returns the stored notice. Apply then tries the
// act again on that notice. So the SDK's repetition of a put whose answer was lost finds its own result.
func (s *notices) Apply(ctx context.Context, n notice.Notice, a notice.Act) (notice.Notice, bool, error) {
	after, ok, err := s.apply(ctx, n, a)
	if err != nil {
		return notice.Notice{}, false, fmt.Errorf("%s notice %s: %w", a.Op, n.ID, err)
	}
	return after, ok, nil
}

func (s *notices) apply(ctx context.Context, n notice.Notice, a notice.Act) (notice.Notice, bool, error) {
	read := false
	for range replaces {
		after, effect := n.Apply(a)
		if !read && (n.Revision == 0 || effect != notice.Applied) {
			// The caller's notice may be old. The stored notice may allow an act that the old one refuses.
			fresh, err := s.Notice(ctx, n.ID)
			if err != nil {
				return n, false, err
			}
			n, read = fresh, true
			continue
		}
		if effect != notice.Applied {
			return n, effect == notice.Repeated, nil
		}
		put, err := s.replacing(after)
		if err != nil {
			return n, false, err
		}
		err = s.put(ctx, put)
		if err == nil {
			return after, true, nil
		}
		failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
		if !ok {
			return n, false, err
		}
		if len(failed.Item) == 0 {
			return n, false, store.ErrNotFound
		}
		if n, err = readNotice(failed.Item); err != nil {
			return n, false, err
		}
		read = true
	}
	return n, false, store.ErrBusy
}

// replacing returns the put of a notice over its previous revision.
func (s *requester) replacing(n notice.Notice) (*dynamodb.PutItemInput, error) {
	it, err := noticeItem(n)
	return &dynamodb.PutItemInput{
		Item: it, ConditionExpression: aws.String("#r = :r"),
		ExpressionAttributeNames:            map[string]string{"#r": noticeRevision},
		ExpressionAttributeValues:           item{":r": whole(n.Revision - 1)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}, err
}
