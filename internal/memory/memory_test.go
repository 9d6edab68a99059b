package memory_test

import (
	"testing"

	"lapse/internal/memory"
	"lapse/internal/storetest"
)

func TestStoreKeepsTheLawsOfStores(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		s := &memory.Store{}
		t.Cleanup(func() {
			for _, v := range s.Violations {
				t.Error(v)
			}
		})
		return s
	})
}
