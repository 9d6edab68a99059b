package dynamo

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// The attributes of a notice that a move names.
const (
	noticeState     = "st"
	noticeReason    = "re"
	noticeActor     = "ac"
	noticeNext      = "nx"
	noticeLease     = "lu"
	noticeToken     = "tk"
	noticeAttempts  = "at" // a map from token to attempt, always there
	noticeMessage   = "mi"
	noticeSent      = "sa"
	noticeDelivered = "da"
	noticeSign      = "ls"
	noticeSignAt    = "lt"
	noticeLate      = "lo"
	noticeLateAt    = "la"
	noticeChanged   = "ch"
	noticeAct       = "av"
	noticeAsked     = "as"
	noticeHolding   = "hd"

	attemptOutcome = "o"
	attemptAt      = "t"
	attemptUnknown = "w"
	attemptMessage = "m"
	attemptBounced = "b"
	attemptDead    = "x"
)

func noticeItem(n notice.Notice) (item, error) {
	k, err := noticeKey(n.ID)
	if err != nil {
		return nil, err
	}
	it := newItem(k)
	it.putText("di", n.Disclosure)
	it.putInt("pa", n.Part)
	it.putText("su", n.Subject)
	it.putText("rl", string(n.Recipient))
	it.putText("tn", n.Tenant)
	it.putText(noticeState, string(n.State))
	it.putText(noticeReason, n.Reason)
	it.putTime("ba", n.Base)
	it.putTime("cr", n.Created)
	it.putTime(noticeNext, n.Next)
	it.putTime(noticeLease, n.Lease)
	it.putText(noticeToken, n.Token)
	it.putText("ln", n.Language)
	it.putText("te", n.Template)
	it.putText(noticeMessage, n.MessageID)
	it.putTime(noticeSent, n.SentAt)
	it.putTime(noticeDelivered, n.DeliveredAt)
	it.putText(noticeSign, n.LastSign)
	it.putTime(noticeSignAt, n.LastSignAt)
	it.putText(noticeLate, n.LateOrder)
	it.putTime(noticeLateAt, n.LateAt)
	it.putText(noticeActor, n.Actor)
	it.putTime(noticeChanged, n.Changed)
	it.putInt(noticeAct, n.Act)
	it.putInt(noticeAsked, n.Asked)
	it.putFlag(noticeHolding, n.Holding)
	attempts := item{}
	for _, a := range n.Attempts {
		attempts[a.Token] = attemptValue(a)
	}
	it[noticeAttempts] = &types.AttributeValueMemberM{Value: attempts}
	return it, nil
}

func attemptValue(a notice.Attempt) types.AttributeValue {
	it := item{}
	it.putTime("c", a.Claimed)
	it.putInt("h", a.Head)
	it.putText("r", a.Rules)
	it.putTime("d", a.Due)
	it.putText(attemptOutcome, a.Outcome)
	it.putTime(attemptAt, a.At)
	it.putFlag(attemptUnknown, a.WasUnknown)
	it.putText(attemptMessage, a.MessageID)
	it.putTime(attemptBounced, a.Bounced)
	it.putFlag(attemptDead, a.Dead)
	it.putText("k", a.Contact)
	it.putFlag("p", a.Spare)
	return &types.AttributeValueMemberM{Value: it}
}

// readNotice reads a notice; its id is in its key.
func readNotice(it item) (notice.Notice, error) {
	rd := reader{item: it}
	matterID := it.text(pk)[len("M#"):]
	n := notice.Notice{ID: matterID + "." + it.text(sk)[len(noticePrefix):], Matter: matterID, Disclosure: rd.text("di"), Part: rd.int("pa"),
		Subject: rd.text("su"), Recipient: matter.Role(rd.text("rl")), State: notice.State(rd.text(noticeState)), Reason: rd.text(noticeReason),
		Base: rd.time("ba"), Created: rd.time("cr"), Next: rd.time(noticeNext), Lease: rd.time(noticeLease), Token: rd.text(noticeToken),
		Language: rd.text("ln"), Template: rd.text("te"), MessageID: rd.text(noticeMessage), SentAt: rd.time(noticeSent),
		DeliveredAt: rd.time(noticeDelivered), LastSign: rd.text(noticeSign), LastSignAt: rd.time(noticeSignAt),
		LateOrder: rd.text(noticeLate), LateAt: rd.time(noticeLateAt), Actor: rd.text(noticeActor), Changed: rd.time(noticeChanged),
		Act: rd.int(noticeAct), Asked: rd.int(noticeAsked), Holding: rd.flag(noticeHolding), Tenant: rd.text("tn")}
	attempts, _ := it[noticeAttempts].(*types.AttributeValueMemberM)
	if attempts != nil {
		for token, v := range attempts.Value {
			m, _ := v.(*types.AttributeValueMemberM)
			if m == nil {
				return notice.Notice{}, fmt.Errorf("attempt %s is no map", token)
			}
			a := reader{item: m.Value}
			n.Attempts = append(n.Attempts, notice.Attempt{Token: token, Claimed: a.time("c"), Head: a.int("h"), Rules: a.text("r"), Due: a.time("d"),
				Outcome: a.text(attemptOutcome), At: a.time(attemptAt), WasUnknown: a.flag(attemptUnknown), MessageID: a.text(attemptMessage),
				Bounced: a.time(attemptBounced), Dead: a.flag(attemptDead), Contact: a.text("k"), Spare: a.flag("p")})
			if a.err != nil {
				rd.failed(noticeAttempts, a.err)
			}
		}
	}
	slices.SortFunc(n.Attempts, func(a, b notice.Attempt) int {
		return cmp.Or(a.Claimed.Compare(b.Claimed), cmp.Compare(a.Token, b.Token))
	})
	return n, rd.err
}

// Notice implements storetest.Notices.
func (s *Store) Notice(ctx context.Context, id string) (notice.Notice, error) {
	k, err := noticeKey(id)
	if err != nil {
		return notice.Notice{}, err
	}
	return read(ctx, s, "notice "+id, k, readNotice)
}

// Notices implements storetest.Notices.
func (s *Store) Notices(ctx context.Context, id, after string, limit int) ([]notice.Notice, string, error) {
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

// PutNotice implements storetest.Notices.
func (s *Store) PutNotice(ctx context.Context, n notice.Notice, r agenda.Row) error {
	it, err := noticeItem(n)
	if err != nil {
		return fmt.Errorf("put notice: %w", err)
	}
	if err := s.PutRow(ctx, r); err != nil {
		return err
	}
	err = unless(s.put(ctx, &dynamodb.PutItemInput{Item: it, ConditionExpression: aws.String("attribute_not_exists(PK)")}))
	if err != nil {
		return fmt.Errorf("put notice %s: %w", n.ID, err)
	}
	return nil
}
