package report

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"lapse/internal/bucket"
	"lapse/internal/config"
	"lapse/internal/dynamo"
	"lapse/internal/law"
	"lapse/internal/publish"
	"lapse/internal/transparency"
	"lapse/internal/wire"
)

// Wanted is what the function is invoked with. The schedule's event names no half: every half that is due is frozen.
// A person names one, and a reason for a further revision of it.
type Wanted struct {
	Half   *transparency.Half `json:"half"`
	Reason string             `json:"reason"`
}

// Made is the function's answer.
type Made struct {
	// Reports are what this invocation published, also where nothing changed.
	Reports []Published `json:"reports"`
}

// Published is one publication, without the list of its files.
type Published struct {
	Half     transparency.Half `json:"half"`
	Revision int               `json:"revision"`
	SHA256   string            `json:"sha256"`
	// New is true where this invocation made the revision.
	New bool `json:"new"`
}

// Publisher takes the events of the report function.
type Publisher struct{ Service *publish.Service }

// Publish freezes what the event wants. It may be repeated, and run twice at once. The error is that of the service.
func (p *Publisher) Publish(ctx context.Context, want Wanted) (Made, error) {
	if want.Half == nil && want.Reason != "" {
		return Made{}, errors.New("publish the report: a reason, and no half that it is for")
	}
	made := Made{Reports: []Published{}}
	var results []publish.Result
	var err error
	if want.Half == nil {
		results, err = p.Service.Due(ctx)
	} else {
		var one publish.Result
		if one, err = p.Service.Freeze(ctx, *want.Half, strings.TrimSpace(want.Reason)); err == nil {
			results = append(results, one)
		}
	}
	for _, r := range results {
		made.Reports = append(made.Reports, Published{r.Half, r.Revision, r.SHA256, r.New})
	}
	return made, err
}

// Function builds the handler of the report function.
func Function(p wire.Process, getenv func(string) string) (*Publisher, error) {
	s, err := config.ReadReport(getenv, config.Rules(law.DefaultPolicy()),
		[]string{transparency.CalendarHalf, transparency.Strict180})
	if err != nil {
		return nil, err
	}
	cfg, err := config.AWS()
	if err != nil {
		return nil, err
	}
	var policies fs.FS
	if s.PolicyDir != "" {
		policies = os.DirFS(s.PolicyDir)
	}
	service, err := New(p, Ports{
		Rows:   dynamo.New(dynamo.NewClient(cfg, config.Conns), s.Table),
		Folder: bucket.Bucket{Client: bucket.NewClient(cfg, config.Conns), Name: s.Bucket},
	}, Settings{
		Publisher: transparency.Publisher{Name: s.Publisher, Base: s.URL},
		Security:  transparency.SecurityRules{Structure: s.Structure, Window: s.Window},
		Contact:   s.Contact, AdvanceDays: s.AdvanceDays, Terms: s.Terms, PolicyVersion: s.PolicyVersion, Policies: policies,
	})
	if err != nil {
		return nil, fmt.Errorf("build the report: %w", err)
	}
	return &Publisher{Service: service}, nil
}
