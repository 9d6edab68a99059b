package dynamo

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"lapse/internal/matter"
	"lapse/internal/store"
)

const (
	// headLimit is the size in bytes above which a head leaves lists to items of their own, the longest first.
	headLimit = 32 << 10
	// headVersion is the attribute that every change is conditional on. DropPending removes headPending.
	headPending    = "pd"
	headVersion    = "v"
	headRestraints = "r"
)

// heads keeps the heads of matters and records the changes that raise their versions.
type heads struct{ *requester }

// Open implements store.Matters.
func (s *heads) Open(ctx context.Context, h matter.Head) (matter.Head, error) {
	it, err := headItem(h, nil)
	if err != nil {
		return matter.Head{}, fmt.Errorf("open matter %s: %w", h.Matter, err)
	}
	err = s.put(ctx, &dynamodb.PutItemInput{Item: it, ConditionExpression: aws.String("attribute_not_exists(PK)")})
	if err := unless(err); err != nil {
		return matter.Head{}, fmt.Errorf("open matter %s: %w", h.Matter, err)
	}
	return s.Head(ctx, h.Matter)
}

// Head implements store.Matters.
func (s *heads) Head(ctx context.Context, id string) (matter.Head, error) {
	h, err := s.head(ctx, id)
	if err != nil {
		return matter.Head{}, fmt.Errorf("read head of matter %s: %w", id, err)
	}
	return h, nil
}

func (s *heads) head(ctx context.Context, id string) (matter.Head, error) {
	it, err := s.get(ctx, headKey(id))
	if err != nil {
		return matter.Head{}, err
	}
	all, err := s.join(ctx, []item{it})
	return all[id], err
}

// Heads implements store.Matters.
func (s *heads) Heads(ctx context.Context, ids []string) (map[string]matter.Head, error) {
	keys := make([]key, len(ids))
	for i, id := range ids {
		keys[i] = headKey(id)
	}
	items, err := s.getMany(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read the heads of matters: %w", err)
	}
	all, err := s.join(ctx, items)
	if err != nil {
		return nil, fmt.Errorf("read the heads of matters: %w", err)
	}
	return all, nil
}

// join reads stored heads, and the lists that they keep apart.
func (s *heads) join(ctx context.Context, items []item) (map[string]matter.Head, error) {
	all := make(map[string]matter.Head, len(items))
	marks := map[string][]bool{}
	var keys []key
	for _, it := range items {
		id := matterOf(it)
		h, apart, err := readHead(id, it)
		if err != nil {
			return nil, fmt.Errorf("matter %s: %w", id, err)
		}
		all[id], marks[id] = h, apart
		for i, r := range h.Restraints {
			if apart[i] {
				keys = append(keys, coversKey(id, r.ID, r.Revision))
			}
		}
	}
	found, err := s.getMany(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read whom restraints cover: %w", err)
	}
	lists := make(map[key]item, len(found))
	for _, it := range found {
		lists[key{it.text(pk), it.text(sk)}] = it
	}
	for id, h := range all {
		for i := range h.Restraints {
			if !marks[id][i] {
				continue
			}
			r := &h.Restraints[i]
			it, ok := lists[coversKey(id, r.ID, r.Revision)]
			r.Torn = !ok
			readLists(r, it)
		}
	}
	return all, nil
}

// headItem is the head's stored form, without the lists that stand apart.
func headItem(h matter.Head, apart map[string]bool) (item, error) {
	it := newItem(headKey(h.Matter))
	it[headVersion] = whole(h.Version)
	it.putText("st", string(h.State))
	it.putText("in", string(h.Instrument))
	it.putText("co", h.Country)
	it.putText("ru", h.Rules)
	it.putText("po", h.Policy)
	it.putText("tz", h.TZ)
	it.putBytes("pk", h.PublicKeyset)
	it.putBytes("wk", h.WrappedKeyset)
	it.putBytes("sa", h.Salt)
	it.putText("lh", h.LastHash)
	it.putInt("ns", h.Subjects)
	it.putInt("nn", h.Notices)
	it.putInt("nd", h.Disclosures)
	it.putFlag("an", h.Announced)
	it.putTime("ld", h.LastDisclosed)
	it.putInt(headPending, h.Pending)
	it.putText("rs", h.Renewed)
	it.putInt("rw", h.RenewedAt)
	restraints := make([]types.AttributeValue, len(h.Restraints))
	for i, r := range h.Restraints {
		m, err := restraintItem(r, apart[r.ID])
		if err != nil {
			return nil, fmt.Errorf("restraint %s: %w", r.ID, err)
		}
		restraints[i] = &types.AttributeValueMemberM{Value: m}
	}
	if len(restraints) > 0 {
		it[headRestraints] = &types.AttributeValueMemberL{Value: restraints}
	}
	return it, nil
}

// readHead reads a head, and of each restraint whether its lists stand apart.
func readHead(id string, it item) (h matter.Head, apart []bool, err error) {
	rd := reader{item: it}
	h = matter.Head{Matter: id, Version: rd.int(headVersion), State: matter.State(rd.text("st")),
		Instrument: matter.Instrument(rd.text("in")),
		Country:    rd.text("co"), Rules: rd.text("ru"), Policy: rd.text("po"), TZ: rd.text("tz"),
		PublicKeyset: rd.bytes("pk"), WrappedKeyset: rd.bytes("wk"), Salt: rd.bytes("sa"),
		LastHash: rd.text("lh"), Subjects: rd.int("ns"), Notices: rd.int("nn"), Disclosures: rd.int("nd"),
		Announced:     rd.flag("an"),
		LastDisclosed: rd.time("ld"), Pending: rd.int(headPending), Renewed: rd.text("rs"), RenewedAt: rd.int("rw")}
	if rd.err != nil {
		return matter.Head{}, nil, rd.err
	}
	for _, m := range it.maps(headRestraints) {
		r, a, err := readRestraint(m)
		if err != nil {
			return matter.Head{}, nil, fmt.Errorf("restraint %s: %w", r.ID, err)
		}
		h.Restraints, apart = append(h.Restraints, r), append(apart, a)
	}
	return h, apart, nil
}

// spilled is the stored form of a changed head, and the lists that have to be written beside it: those apart that this
// version changed, and those that the head has no room for any more. The transaction may lack room for some of them.
// Then the head stays over its limit, which only costs more, and the next change goes on.
func (s *heads) spilled(ctx context.Context, h matter.Head, room int) (item, []item, error) {
	apart := map[string]bool{}
	for _, r := range h.Restraints {
		apart[r.ID] = store.LongList(&r)
	}
	written := apart // lists over the limit were written at their revision
	it, err := headItem(h, apart)
	if err != nil {
		return nil, nil, err
	}
	if size(it) > headLimit {
		if written, err = s.apart(ctx, h, apart); err != nil {
			return nil, nil, err
		}
		for _, r := range h.Restraints {
			if apart[r.ID] && r.Revision == h.Version {
				room--
			}
		}
		if it, apart, err = lightened(h, written, room); err != nil {
			return nil, nil, err
		}
	}
	var lists []item
	for _, r := range h.Restraints {
		if apart[r.ID] && (r.Revision == h.Version || !written[r.ID]) {
			lists = append(lists, coversItem(h.Matter, r))
		}
	}
	return it, lists, nil
}

// apart names the restraints whose lists the stored head keeps apart at the revision they still have, and those long
// ones that have to. A head at another version than the change was made from is left to the change's condition.
func (s *heads) apart(ctx context.Context, h matter.Head, long map[string]bool) (map[string]bool, error) {
	it, err := s.get(ctx, headKey(h.Matter))
	if err != nil {
		return nil, err
	}
	stored, marks, err := readHead(h.Matter, it)
	if err != nil {
		return nil, err
	}
	all := map[string]bool{}
	for i, r := range stored.Restraints {
		now, ok := h.Restraint(r.ID)
		all[r.ID] = marks[i] && ok && now.Revision == r.Revision
	}
	for id, is := range long {
		all[id] = all[id] || is
	}
	return all, nil
}

// lightened keeps further lists apart, the longest first and so many at most, until the head is within its limit or
// none is left.
func lightened(h matter.Head, apart map[string]bool, most int) (item, map[string]bool, error) {
	out := map[string]bool{}
	var rest []matter.Restraint
	for _, r := range h.Restraints {
		if out[r.ID] = apart[r.ID]; !apart[r.ID] && len(r.Subjects)+len(r.Mailboxes) > 0 {
			rest = append(rest, r)
		}
	}
	slices.SortStableFunc(rest, func(a, b matter.Restraint) int { return -cmp.Compare(listSize(a), listSize(b)) })
	rest = rest[:min(len(rest), max(most, 0))]
	for {
		it, err := headItem(h, out)
		if err != nil || size(it) <= headLimit || len(rest) == 0 {
			return it, out, err
		}
		out[rest[0].ID], rest = true, rest[1:]
	}
}

func listSize(r matter.Restraint) int {
	it := item{}
	putLists(it, r)
	return size(it)
}
