// Package intake builds the intake service, which both doors share, and the bus door.
package intake

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"lapse/internal/bus"
	"lapse/internal/config"
	"lapse/internal/dynamo"
	"lapse/internal/intake"
	"lapse/internal/keyring"
	"lapse/internal/law"
	"lapse/internal/review"
	"lapse/internal/seal"
	"lapse/internal/store"
	"lapse/internal/wire"
)

// Ports are what the service works with. Dead is where the bus door puts refused events; the HTTP door has none.
type Ports struct {
	Store Store
	Key   seal.Key
	Dead  intake.DeadLetters
}

// Store is what the service asks of the store, with the secret that it names mailboxes with.
type Store interface {
	intake.Store
	store.Mailboxes
}

// DefaultRules are the rules of a policy that settles nothing itself.
func DefaultRules() config.Rules { return config.Rules(law.DefaultPolicy()) }

// New builds the service. An error means that the embedded law or the embedded fields of a request cannot be read.
func New(p wire.Process, ports Ports, s config.Door) (*intake.Service, error) {
	book, err := law.Load()
	if err != nil {
		return nil, fmt.Errorf("load the law: %w", err)
	}
	fields, err := review.LoadFields()
	if err != nil {
		return nil, fmt.Errorf("load the fields of a request: %w", err)
	}
	count := p.Metrics(s.Stage)
	service := &intake.Service{
		Now: p.Now, Store: &recorded{Store: ports.Store, metrics: count}, Sealer: &seal.Sealer{Key: ports.Key},
		Mailboxes: &keyring.Mailboxes{Key: ports.Key, Store: ports.Store},
		Law:       book, Rules: law.Policy(s.Rules), Terms: s.Terms, Fields: fields, Policy: s.PolicyVersion,
		AdvanceDays: s.AdvanceDays, Principals: s.Principals, Wait: wire.Backoff, Turns: &intake.Turns{}, Log: p.Log,
	}
	if ports.Dead != nil {
		service.Dead = &counted{to: ports.Dead, metrics: count}
	}
	return service, nil
}

// Clients makes the ports that both doors share, over AWS.
func Clients(cfg aws.Config, s config.Door) (*dynamo.Store, seal.Key, error) {
	key, err := seal.OpenKey(cfg, s.Key.KMS, s.Key.File)
	return dynamo.New(dynamo.NewClient(cfg, config.Conns), s.Table), key, err
}

// Function builds the bus door of the intake function: it takes one event from the queue (see intake.Service.Deliver).
func Function(p wire.Process, getenv func(string) string) (func(context.Context, bus.Event) error, error) {
	s, err := config.ReadIntake(getenv, DefaultRules())
	if err != nil {
		return nil, err
	}
	cfg, err := config.AWS()
	if err != nil {
		return nil, err
	}
	table, key, err := Clients(cfg, s.Door)
	if err != nil {
		return nil, err
	}
	dead := &bus.DeadLetters{Client: sqs.NewFromConfig(cfg), Queue: s.DeadLetters}
	service, err := New(p, Ports{Store: table, Key: key, Dead: dead}, s.Door)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, e bus.Event) error {
		return service.Deliver(ctx, intake.Message{
			Raw: e.Content(), DetailType: e.DetailType, Queued: e.Queued, Principal: e.Principal,
		})
	}, nil
}
