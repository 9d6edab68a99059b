package dynamo

import (
	"context"
	"fmt"

	"lapse/internal/store"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// flightPrefix begins the sort keys of flights. They stand beside the control state.
const flightPrefix = "FLIGHT#"

func flightKey(f store.Flight) key {
	return controlKey(fmt.Sprintf("%s%s#%06d", flightPrefix, f.Sweep, f.Page))
}

// flights keeps which notices may be on their way to SES.
type flights struct{ *requester }

// PutFlight implements store.Flights.
func (s *flights) PutFlight(ctx context.Context, f store.Flight) error {
	it := newItem(flightKey(f))
	it.putText("sw", f.Sweep)
	it.putInt("pg", f.Page)
	putList(it, "n", f.Notices)
	it.putTime("t", f.Until)
	if err := s.put(ctx, &dynamodb.PutItemInput{Item: it}); err != nil {
		return fmt.Errorf("put page %d of sweep %s: %w", f.Page, f.Sweep, err)
	}
	return nil
}

// DeleteFlight implements store.Flights.
func (s *flights) DeleteFlight(ctx context.Context, f store.Flight) error {
	if err := s.delete(ctx, &dynamodb.DeleteItemInput{Key: flightKey(f).item()}); err != nil {
		return fmt.Errorf("delete page %d of sweep %s: %w", f.Page, f.Sweep, err)
	}
	return nil
}

// Flights implements store.Flights.
func (s *flights) Flights(ctx context.Context) ([]store.Flight, error) {
	items, err := s.all(ctx, under(controlKey("").pk, flightPrefix), 0)
	if err != nil {
		return nil, fmt.Errorf("read what is in flight: %w", err)
	}
	out := make([]store.Flight, len(items))
	for i, it := range items {
		rd := reader{item: it}
		out[i] = store.Flight{Sweep: rd.text("sw"), Page: rd.int("pg"), Notices: list[string](it, "n"), Until: rd.time("t")}
		if rd.err != nil {
			return nil, fmt.Errorf("read what is in flight, item %s: %w", it.text(sk), rd.err)
		}
	}
	return out, nil
}
