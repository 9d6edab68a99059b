package dynamo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"lapse/internal/notice"
	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The parts of the control state. Each is an item of its own.
const (
	tablePart = "TABLE"
	sweepPart = "SWEEP"
	quotaPart = "QUOTA"
	pausePart = "PAUSE"
	// refusalsPart counts what SES refused.
	refusalsPart = "REFUSALS"
)

// control keeps the state of the dispatcher, and knows the table's id.
type control struct {
	*requester

	mu sync.Mutex
	// id is the table's id, empty until it is read. It never changes.
	id string
}

// Control implements store.Control.
func (s *control) Control(ctx context.Context) (store.Dispatcher, error) {
	items, by, err := s.getAllAhead(ctx, []key{controlKey(tablePart), controlKey(sweepPart), controlKey(quotaPart),
		controlKey(pausePart), controlKey(refusalsPart)})
	if err != nil {
		return store.Dispatcher{}, fmt.Errorf("read control state: %w", err)
	}
	c := store.Dispatcher{Ahead: by}
	for _, it := range items {
		rd := reader{item: it}
		switch it.text(sk) {
		case tablePart:
			c.Table = rd.text("id")
		case sweepPart:
			c.LastSweep = rd.time("at")
		case quotaPart:
			c.Quota = store.Quota{PerSecond: rd.float("ps"), Per24h: rd.float("pd"), Sent24h: rd.float("sd"),
				ReadAt: rd.time("at")}
		case pausePart:
			c.Pause = store.Pause{Outcome: notice.Outcome(rd.text("oc")), Code: rd.text("co"),
				Since: rd.time("si"), ProbeAt: rd.time("at")}
		case refusalsPart:
			c.Refusals = store.Refusals{Count: rd.int("n"), Code: rd.text("co"), Accepted: rd.time("at")}
		}
		if rd.err != nil {
			return store.Dispatcher{}, fmt.Errorf("read control state, item %s: %w", it.text(sk), rd.err)
		}
	}
	return c, nil
}

// TableID implements store.Control. DynamoDB gives every table an id of its own. A table restored from a backup has
// another id than the original, whatever their names. AWS's DynamoDB Local has no ids, so there the id is the ARN and
// the creation time. A copy does not share those either.
func (s *control) TableID(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id != "" {
		return s.id, nil
	}
	out, err := retried(ctx, s.requester, func() (*dynamodb.DescribeTableOutput, error) {
		return s.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &s.table})
	})
	if err != nil {
		return "", fmt.Errorf("read the id of table %s: %w", s.table, err)
	}
	id := tableID(out.Table)
	if id == "" {
		return "", fmt.Errorf("read the id of table %s: the description has none", s.table)
	}
	s.id = id
	return s.id, nil
}

// tableID returns the id of the described table, or "" if the description names none.
func tableID(t *types.TableDescription) string {
	switch {
	case t == nil:
		return ""
	case aws.ToString(t.TableId) != "":
		return *t.TableId
	case aws.ToString(t.TableArn) != "" && t.CreationDateTime != nil:
		return *t.TableArn + "@" + t.CreationDateTime.UTC().Format(time.RFC3339Nano)
	}
	return ""
}

// PutTable implements store.Control.
func (s *control) PutTable(ctx context.Context, id string) error {
	it := newItem(controlKey(tablePart))
	it.putText("id", id)
	return s.putControl(ctx, it)
}

// PutSweep implements store.Control.
func (s *control) PutSweep(ctx context.Context, at time.Time) error {
	it := newItem(controlKey(sweepPart))
	it.putTime("at", at)
	return s.putControl(ctx, it)
}

// PutQuota implements store.Control.
func (s *control) PutQuota(ctx context.Context, q store.Quota) error {
	it := newItem(controlKey(quotaPart))
	it.putFloat("ps", q.PerSecond)
	it.putFloat("pd", q.Per24h)
	it.putFloat("sd", q.Sent24h)
	it.putTime("at", q.ReadAt)
	return s.putControl(ctx, it)
}

// PutPause implements store.Control.
func (s *control) PutPause(ctx context.Context, p store.Pause) error {
	it := newItem(controlKey(pausePart))
	it.putText("oc", string(p.Outcome))
	it.putText("co", p.Code)
	it.putTime("si", p.Since)
	it.putTime("at", p.ProbeAt)
	return s.putControl(ctx, it)
}

// PutRefusals implements store.Control.
func (s *control) PutRefusals(ctx context.Context, r store.Refusals) error {
	it := newItem(controlKey(refusalsPart))
	it.putInt("n", r.Count)
	it.putText("co", r.Code)
	it.putTime("at", r.Accepted)
	return s.putControl(ctx, it)
}

func (s *control) putControl(ctx context.Context, it item) error {
	if err := s.put(ctx, &dynamodb.PutItemInput{Item: it}); err != nil {
		return fmt.Errorf("put control state %s: %w", it.text(sk), err)
	}
	return nil
}
