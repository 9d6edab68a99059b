package dynamo

import (
	"fmt"

	"lapse/internal/notice"
	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The names of the key attributes.
const (
	pk = "PK"
	sk = "SK"
)

// key is an item's primary key.
type key struct{ pk, sk string }

func (k key) item() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{pk: text(k.pk), sk: text(k.sk)}
}

// Ids hold no '#'. Every character that an id may hold sorts above '#'.

func partition(matterID string) string { return "M#" + matterID }

// matterOf is the matter in whose partition the item stands.
func matterOf(it item) string                 { return it.text(pk)[len("M#"):] }
func headKey(matterID string) key             { return key{partition(matterID), "M"} }
func requestKey(matterID string) key          { return key{partition(matterID), "R"} }
func orderKey(matterID, order string) key     { return key{partition(matterID), "O#" + order} }
func exceptionKey(matterID, x string) key     { return key{partition(matterID), "X#" + x} }
func approvalKey(matterID, id string) key     { return key{partition(matterID), "P#" + id} }
func subjectKey(matterID, subject string) key { return key{partition(matterID), "S#" + subject} }
func entryKey(matterID string, seq int) key {
	return key{partition(matterID), fmt.Sprintf("L#%012d", seq)}
}

// pendingKey lies in a partition of its own. Pending subjects are deleted once they are written, and no function may
// delete from a matter's partition, because the ledger stands there (see the roles in template.yaml).
func pendingKey(matterID string, s, c int) key {
	return key{"P#" + matterID, fmt.Sprintf("%012d#%d", s, c)}
}
func coversKey(matterID, r string, rev int) key {
	return key{partition(matterID), fmt.Sprintf("K#%s#%d", r, rev)}
}
func receiptKey(receipt string) key { return key{"E#" + receipt, "E"} }
func refusalKey(digest string) key  { return key{"J#" + digest, "J"} }
func controlKey(part string) key    { return key{"C", part} }

// disclosureKey pads the part with zeros, so that parts sort by number.
func disclosureKey(matterID, disclosure string, part int) key {
	k := key{partition(matterID), "D#" + disclosure}
	if part > 1 {
		k.sk += fmt.Sprintf("#%06d", part)
	}
	return k
}

// noticePrefix begins the sort keys of notices.
const noticePrefix = "N#"

func noticeKey(id string) (key, error) {
	matterID, hash, ok := notice.SplitID(id)
	if !ok {
		return key{}, fmt.Errorf("%q is no notice id: %w", id, store.ErrNotFound)
	}
	return key{partition(matterID), noticePrefix + hash}, nil
}

func shardPartition(work bool, shard int) string {
	if work {
		return fmt.Sprintf("A#w%d", shard)
	}
	return fmt.Sprintf("A#%02d", shard)
}

// newItem returns an item that holds only its key.
func newItem(k key) item { return k.item() }
