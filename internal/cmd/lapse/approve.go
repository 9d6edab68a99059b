package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"lapse/internal/event"
	"lapse/internal/intake"
	"lapse/internal/site"
)

// give posts the approval that a form of the stack's page gives, as the principal that the form names.
func give(ctx context.Context, in *intake.Service, a site.Approval) error {
	raw, err := json.Marshal(map[string]any{
		"specversion": "1.0", "id": uuid.NewString(), "source": "lapse.local.pages", "type": event.ApprovalGiven,
		"subject": a.Matter, "data": event.ApprovalGivenData{Approval: a.ID, Reason: a.Reason},
	})
	if err != nil {
		return fmt.Errorf("write the approval %s of %s: %w", a.ID, a.Matter, err)
	}
	_, err = in.TakeFrom(ctx, raw, principal(strings.TrimSpace(a.Principal)))
	return err
}
