package memory_test

import (
	"testing"

	"lapse/internal/memory"
	"lapse/internal/store"
	"lapse/internal/storetest"
)

func TestStoreKeepsTheLawsOfStores(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s := &memory.Store{}
		t.Cleanup(func() {
			for _, v := range s.Violations {
				t.Error(v)
			}
		})
		return s
	})
}
