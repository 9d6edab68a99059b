package memory

import (
	"fmt"

	"lapse/internal/matter"
	"lapse/internal/store"
)

// sized returns store.ErrTooLarge where an item of the change would be larger than a store keeps. It measures JSON,
// which is close to what the real store measures.
func sized(c store.Change) error {
	documents := map[string]any{"the receipt": c.Receipt.Answer, "the findings of the entry": c.Entry.Findings}
	if c.Request != nil {
		documents["the request"] = c.Request
	}
	if c.Disclosure != nil {
		documents["disclosure "+c.Disclosure.ID] = c.Disclosure
	}
	for i := range c.Orders {
		documents["order "+c.Orders[i].ID] = &c.Orders[i]
	}
	if c.Approval != nil {
		documents["approval "+c.Approval.ID] = c.Approval
	}
	if c.Exception != nil {
		documents["exception "+c.Exception.ID] = c.Exception
	}
	for what, v := range documents {
		b, err := matter.JSON(v)
		if err != nil {
			return fmt.Errorf("measure %s: %w", what, err)
		}
		if err := store.TooLarge(what, len(b)); err != nil {
			return err
		}
	}
	for _, r := range c.Head.Restraints {
		if err := store.TooLarge("whom restraint "+r.ID+" covers", bytesOf(r.Subjects)+bytesOf(r.Unknown)); err != nil {
			return err
		}
	}
	return store.TooLarge("the ledger entry", len(c.Entry.Data)+len(c.Entry.Extensions))
}

func bytesOf(list []string) int {
	n := 0
	for _, s := range list {
		n += len(s) + 1
	}
	return n
}
