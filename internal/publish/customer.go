package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"lapse/internal/reckon"
	"lapse/internal/recount"
	"lapse/internal/store"
)

// Customer lists what the customer with the tenant's id may know of the requests about its accounts, oldest first. It
// reads the records of all matters. A request that the customer may not know of leaves no trace in the list.
func (r *Recounter) Customer(ctx context.Context, tenant string) ([]reckon.CustomerRequest, error) {
	ids, err := r.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("report to a customer: %w", err)
	}
	list := []reckon.CustomerRequest{}
	for _, id := range ids {
		request, ok, err := r.customer(ctx, id, tenant)
		if err != nil {
			return nil, fmt.Errorf("report to a customer: %w", err)
		}
		if ok {
			list = append(list, request)
		}
	}
	slices.SortStableFunc(list, func(a, b reckon.CustomerRequest) int {
		return cmp.Or(cmp.Compare(a.Received, b.Received), cmp.Compare(a.Authority, b.Authority))
	})
	return list, nil
}

func (r *Recounter) customer(ctx context.Context, id, tenant string) (c reckon.CustomerRequest, ok bool, err error) {
	head, err := r.Store.Head(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("read matter %s: %w", id, err)
	}
	orders, err := r.Store.Orders(ctx, id)
	if err != nil {
		return c, false, fmt.Errorf("read the orders of matter %s: %w", id, err)
	}
	reading := reckon.NewCustomer(head, orders, tenant)
	if _, err := recount.Feed(ctx, r.Store, &head, reading, never); err != nil {
		return c, false, err
	}
	// An order recorded meanwhile stands in the newer head alone. The next report lists the request.
	if again, err := r.Store.Head(ctx, id); err != nil || again.Version != head.Version {
		return c, false, err
	}
	c, ok = reading.Request(r.Now())
	return c, ok, nil
}
