package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"lapse/internal/matter"
	"lapse/internal/store"
)

const (
	// atOnce bounds the concurrent requests of one call.
	atOnce = 16
	// The attributes named in conditions and in Erase.
	subjectEvent    = "ev"
	subjectRevision = "rv"
	subjectContacts = "ct"
	subjectErased   = "er"
	subjectErasing  = "eg"
	subjectFormer   = "fm"
)

func subjectItem(x matter.Subject) item {
	it := newItem(subjectKey(x.Matter, x.ID))
	it.putFlag("kn", x.Known)
	it.putText("cl", string(x.Class))
	it.putText("tn", x.Tenant)
	it.putFlag("tu", x.TellUser)
	it.putText("co", x.Country)
	it.putText("la", x.Language)
	it.putText(subjectEvent, x.Event)
	it.putFlag(subjectErased, x.Erased)
	it.putInt(subjectErasing, x.Erasing)
	it[subjectRevision] = whole(x.Revision)
	var contacts []types.AttributeValue
	for _, c := range x.Contacts {
		m := item{}
		m.putText("r", string(c.Role))
		m.putFlag("v", c.Verified)
		m.putBytes("s", c.Sealed)
		m.putText("h", c.Mailbox)
		contacts = append(contacts, &types.AttributeValueMemberM{Value: m})
	}
	if len(contacts) > 0 {
		it[subjectContacts] = &types.AttributeValueMemberL{Value: contacts}
	}
	if len(x.Former) > 0 {
		it[subjectFormer] = formerValue(x.Former)
	}
	return it
}

func formerValue(all []matter.Former) types.AttributeValue {
	list := &types.AttributeValueMemberL{}
	for _, f := range all {
		m := item{}
		m.putText("r", string(f.Role))
		m.putBytes("s", f.Sealed)
		m.putText("h", f.Mailbox)
		m.putText("n", f.Name)
		m.putInt("v", f.Version)
		m.putTime("t", f.Replaced)
		list.Value = append(list.Value, &types.AttributeValueMemberM{Value: m})
	}
	return list
}

func readSubject(matterID string, it item) (matter.Subject, error) {
	rd := reader{item: it}
	x := matter.Subject{Matter: matterID, ID: it.text(sk)[len("S#"):], Known: rd.flag("kn"),
		Class: matter.AccountClass(rd.text("cl")), Tenant: rd.text("tn"), TellUser: rd.flag("tu"),
		Country: rd.text("co"), Language: rd.text("la"), Event: rd.text(subjectEvent), Erased: rd.flag(subjectErased),
		Erasing:  rd.int(subjectErasing),
		Revision: rd.int(subjectRevision)}
	for _, m := range it.maps(subjectContacts) {
		x.Contacts = append(x.Contacts, matter.SealedContact{Role: matter.Role(m.text("r")), Verified: m.flag("v"),
			Sealed: m.bytes("s"), Mailbox: m.text("h")})
	}
	for _, m := range it.maps(subjectFormer) {
		f := reader{item: m}
		x.Former = append(x.Former, matter.Former{Role: matter.Role(f.text("r")), Sealed: f.bytes("s"),
			Mailbox: f.text("h"), Name: f.text("n"), Version: f.int("v"), Replaced: f.time("t")})
		if f.err != nil {
			rd.failed(subjectFormer, f.err)
		}
	}
	return x, rd.err
}

// subjects keeps the subjects.
type subjects struct{ *requester }

// Subjects implements store.Subjects.
func (s *subjects) Subjects(ctx context.Context, id string, ids []string) (map[string]matter.Subject, error) {
	keys := make([]store.SubjectKey, len(ids))
	for i, x := range ids {
		keys[i] = store.SubjectKey{Matter: id, ID: x}
	}
	found, err := s.SubjectsOf(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("matter %s: %w", id, err)
	}
	out := make(map[string]matter.Subject, len(found))
	for k, x := range found {
		out[k.ID] = x
	}
	return out, nil
}

// SubjectsOf implements store.Subjects.
func (s *subjects) SubjectsOf(ctx context.Context,
	keys []store.SubjectKey) (map[store.SubjectKey]matter.Subject, error) {
	ask := make([]key, len(keys))
	for i, k := range keys {
		ask[i] = subjectKey(k.Matter, k.ID)
	}
	items, err := s.getMany(ctx, ask)
	if err != nil {
		return nil, fmt.Errorf("read subjects: %w", err)
	}
	out := make(map[store.SubjectKey]matter.Subject, len(items))
	for _, it := range items {
		x, err := readSubject(matterOf(it), it)
		if err != nil {
			return nil, fmt.Errorf("read subject %s of matter %s: %w", x.ID, x.Matter, err)
		}
		out[store.SubjectKey{Matter: x.Matter, ID: x.ID}] = x
	}
	return out, nil
}

// PutSubjects implements store.Subjects.
func (s *subjects) PutSubjects(ctx context.Context, subjects []matter.Subject) (skipped []string, err error) {
	taken := make([]bool, len(subjects))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, x := range subjects {
		group.Go(func() error {
			err := s.putSubject(ctx, x)
			if taken[i] = err == nil; taken[i] || refused(err) {
				return nil
			}
			return fmt.Errorf("put subject %s of matter %s: %w", x.ID, x.Matter, err)
		})
	}
	err = group.Wait()
	for i, x := range subjects {
		if err == nil && !taken[i] {
			skipped = append(skipped, x.ID)
		}
	}
	return skipped, err
}

// putSubject puts the subject. If the stored one has to stay, the error is a failed condition.
func (s *subjects) putSubject(ctx context.Context, x matter.Subject) error {
	in := &dynamodb.PutItemInput{
		Item:                      subjectItem(x),
		ExpressionAttributeNames:  map[string]string{"#e": subjectEvent, "#r": subjectRevision},
		ExpressionAttributeValues: item{":e": text(x.Event), ":r": whole(x.Revision)},
	}
	condition := "#e = :e OR #r < :r"
	if !x.Erased {
		condition = "attribute_not_exists(#x) AND (" + condition + ")"
		in.ExpressionAttributeNames["#x"] = subjectErased
		if x.Erasing == 0 {
			condition = "attribute_not_exists(#g) AND " + condition
			in.ExpressionAttributeNames["#g"] = subjectErasing
		}
	}
	in.ConditionExpression = aws.String("attribute_not_exists(PK) OR " + condition)
	return s.put(ctx, in)
}

// KeepFormer implements store.Subjects.
func (s *subjects) KeepFormer(ctx context.Context, x matter.Subject) error {
	in := &dynamodb.UpdateItemInput{
		Key: subjectKey(x.Matter, x.ID).item(), UpdateExpression: aws.String("REMOVE #f"),
		ConditionExpression: aws.String("#r = :r AND attribute_not_exists(#x)"),
		ExpressionAttributeNames: map[string]string{
			"#f": subjectFormer, "#r": subjectRevision, "#x": subjectErased,
		},
		ExpressionAttributeValues:           item{":r": whole(x.Revision)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if len(x.Former) > 0 {
		in.UpdateExpression = aws.String("SET #f = :f")
		in.ExpressionAttributeValues[":f"] = formerValue(x.Former)
	}
	_, err := s.update(ctx, in)
	if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		err = store.ErrRace
		if len(failed.Item) == 0 {
			err = store.ErrNotFound
		}
	}
	if err != nil {
		return fmt.Errorf("keep the former contacts of subject %s of matter %s: %w", x.ID, x.Matter, err)
	}
	return nil
}

// Erase implements store.Subjects. It also erases the event that wrote the contacts, so that a late repetition of that
// event is skipped.
func (s *subjects) Erase(ctx context.Context, id, subject string, revision, version int) error {
	erase := &types.Update{
		TableName: &s.table, Key: subjectKey(id, subject).item(),
		UpdateExpression:    aws.String("SET #x = :yes REMOVE #c, #e, #f"),
		ConditionExpression: aws.String("attribute_exists(PK) AND #r = :r"),
		ExpressionAttributeNames: map[string]string{
			"#x": subjectErased, "#c": subjectContacts, "#e": subjectEvent, "#r": subjectRevision,
			"#f": subjectFormer,
		},
		ExpressionAttributeValues: item{":yes": &types.AttributeValueMemberBOOL{Value: true},
			":r": whole(revision)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	head := &types.ConditionCheck{
		TableName: &s.table, Key: headKey(id).item(), ConditionExpression: aws.String("#v = :v"),
		ExpressionAttributeNames:  map[string]string{"#v": headVersion},
		ExpressionAttributeValues: item{":v": whole(version)},
	}
	err := s.transact(ctx, []types.TransactWriteItem{{ConditionCheck: head}, {Update: erase}})
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok && refused(err) {
		err = store.ErrRace
		why := cancelled.CancellationReasons
		if len(why) == 2 && aws.ToString(why[1].Code) == "ConditionalCheckFailed" && len(why[1].Item) == 0 {
			err = store.ErrNotFound
		}
	}
	if err != nil {
		return fmt.Errorf("erase subject %s of matter %s: %w", subject, id, err)
	}
	return nil
}
