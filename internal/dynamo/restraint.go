package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"lapse/internal/matter"
)

// The attributes of a restraint that more than one function names.
const (
	restraintID       = "i"
	restraintRevision = "v"
	coveredSubjects   = "s"
	unknownSubjects   = "u"
	mailboxes         = "mb"
	listsApart        = "ap" // the three lists stand in an item of their own
)

// restraintItem is a restraint's stored form; its lists are left out where they stand apart.
func restraintItem(r matter.Restraint, apart bool) (item, error) {
	it := item{}
	it.putText(restraintID, r.ID)
	it.putText("o", string(r.Origin))
	it.putText("sg", r.Standing)
	it.putText("k", string(r.Kind))
	it.putInt(restraintRevision, r.Revision)
	it.putInt("lk", r.Linked)
	it.putInt("sp", r.Spread)
	it.putFlag("al", r.All)
	it.putFlag(listsApart, apart)
	if !apart {
		putLists(it, r)
	}
	putList(it, "tn", r.Tenants)
	it.putText("d", r.Disclosure)
	putList(it, "r", r.Recipients)
	it.putTime("f", r.From)
	it.putTime("t", r.Until)
	it.putTime("rc", r.Recorded)
	it.putInt("g", int(r.Grace/time.Second))
	it.putInt("rv", int(r.Review/time.Second))
	it.putTime("e", r.Ended)
	it.putFlag("vo", r.Void)
	it.putFlag("as", r.Assessed)
	p, err := paperItem(r.Paper)
	it["p"] = &types.AttributeValueMemberM{Value: p}
	return it, err
}

func putLists(it item, r matter.Restraint) {
	putList(it, coveredSubjects, r.Subjects)
	putList(it, unknownSubjects, r.Unknown)
	putList(it, mailboxes, r.Mailboxes)
}

func readLists(r *matter.Restraint, it item) {
	r.Subjects, r.Unknown = list[string](it, coveredSubjects), list[string](it, unknownSubjects)
	r.Mailboxes = list[string](it, mailboxes)
}

// coversItem is the item of a restraint's lists at its revision. It never changes, so putting it twice is no harm.
func coversItem(matterID string, r matter.Restraint) item {
	it := newItem(coversKey(matterID, r.ID, r.Revision))
	putLists(it, r)
	return it
}

func readRestraint(it item) (r matter.Restraint, apart bool, err error) {
	rd := reader{item: it}
	r = matter.Restraint{ID: rd.text(restraintID), Origin: matter.Origin(rd.text("o")), Standing: rd.text("sg"),
		Kind: matter.OrderKind(rd.text("k")), Disclosure: rd.text("d"),
		Revision: rd.int(restraintRevision), Linked: rd.int("lk"), Spread: rd.int("sp"), All: rd.flag("al"),
		Recipients: list[matter.Role](it, "r"), Tenants: list[string](it, "tn"),
		From: rd.time("f"), Until: rd.time("t"), Recorded: rd.time("rc"), Grace: time.Duration(rd.int("g")) * time.Second,
		Review: time.Duration(rd.int("rv")) * time.Second, Ended: rd.time("e"), Void: rd.flag("vo"), Assessed: rd.flag("as")}
	readLists(&r, it)
	if p, ok := it["p"].(*types.AttributeValueMemberM); ok {
		r.Paper = readPaper(&rd, p.Value)
	}
	return r, rd.flag(listsApart), rd.err
}

func paperItem(p matter.Paper) (item, error) {
	it := item{}
	err := it.putDocument("e", p.End)
	it.putText("si", p.SignedOn.String())
	it.putText("se", p.ServedOn.String())
	it.putText("st", p.StartsOn.String())
	it.putText("c", p.Country)
	it.putText("z", p.Zone)
	it.putFlag("r", p.Rolls)
	it.putText("h", p.Holidays)
	return it, err
}

// readPaper keeps what is malformed as the errors of rd. A paper is compared by value, so the end's instant comes back
// in UTC.
func readPaper(rd *reader, it item) matter.Paper {
	inner := reader{item: it}
	date := func(name string) (d matter.Date) {
		if err := d.UnmarshalText([]byte(it.text(name))); err != nil {
			inner.failed(name, err)
		}
		return d
	}
	p := matter.Paper{SignedOn: date("si"), ServedOn: date("se"), StartsOn: date("st"), Country: it.text("c"),
		Zone: it.text("z"), Rolls: it.flag("r"),
		Holidays: it.text("h")}
	inner.document("e", &p.End)
	if !p.End.At.IsZero() {
		p.End.At = p.End.At.UTC()
	} else {
		p.End.At = time.Time{}
	}
	if inner.err != nil {
		rd.failed("p", inner.err)
	}
	return p
}
