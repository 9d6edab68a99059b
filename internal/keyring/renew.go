package keyring

import (
	"context"
	"slices"
	"time"

	"lapse/internal/store"
)

const day = 24 * time.Hour

const (
	// life is how long a signing key is valid.
	life = 365 * day
	// renewal is how long before its end the successor is made.
	renewal = 7 * day
	// beforeUse is how long a successor is published, at least, before it signs.
	beforeUse = day
	// overlap is how long the old key is still valid once its successor signs. SES writes its own date into a mail.
	overlap = day
	// clocks is how far the clock of another process may be behind when the first key is made.
	clocks = time.Hour
	// keptYears is how long the public key of an old one stays published.
	keptYears = 10
)

// renewed returns the keys as they should stand at now, and whether that is a change.
func (r *Ring) renewed(ctx context.Context, k store.LetterKeys, now time.Time) (store.LetterKeys, bool, error) {
	old := k.Signing
	k.Signing = slices.Clone(old)
	changed, err := false, error(nil)
	if k.Revision == 0 {
		changed, err = true, r.first(ctx, &k, now)
	} else if newest := &k.Signing[len(k.Signing)-1]; !now.Before(newest.Expires.Add(-renewal)) {
		changed, err = true, r.successor(ctx, &k, now)
	}
	if err != nil {
		return k, false, err
	}
	for i, x := range k.Signing {
		if len(x.Wrapped) > 0 && !now.Before(x.Expires) {
			// Nobody can sign with it any more.
			k.Signing[i].Wrapped, changed = nil, true
		}
	}
	k.Signing = slices.DeleteFunc(k.Signing, func(x store.SigningKey) bool {
		gone := now.After(x.Expires.AddDate(keptYears, 0, 0))
		changed = changed || gone
		return gone
	})
	if changed {
		k.Revision++
	}
	return k, changed, nil
}

func (r *Ring) first(ctx context.Context, k *store.LetterKeys, now time.Time) (err error) {
	if _, k.Reference, err = r.newSecret(ctx, referenceSecret); err != nil {
		return err
	}
	if _, k.Code, err = r.newSecret(ctx, codeSecret); err != nil {
		return err
	}
	signing, err := r.newSigning(ctx, now.Add(-clocks))
	k.Signing = []store.SigningKey{signing}
	return err
}

// successor makes the next signing key. Where it comes late, the last one is valid for so much longer, because nothing
// else could sign until the next one has been published for long enough.
func (r *Ring) successor(ctx context.Context, k *store.LetterKeys, now time.Time) error {
	newest := &k.Signing[len(k.Signing)-1]
	from := newest.Expires.Add(-overlap)
	if earliest := now.Add(beforeUse); from.Before(earliest) {
		from = earliest
		newest.Expires = from.Add(overlap)
	}
	next, err := r.newSigning(ctx, from)
	k.Signing = append(k.Signing, next)
	return err
}
