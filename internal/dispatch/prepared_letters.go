package dispatch

import (
	"slices"
	"sync"
	"time"

	"lapse/internal/letter"
	"lapse/internal/matter"
)

// letterKey holds the facts that the letters of two notices can differ by, beside the reference, the account, the
// delays and the challenges. Request and disclosure do not change under a matter's version. The sender is the same for
// all.
type letterKey struct {
	matter, part, template, country string
	recipient                       matter.Role
	repetition                      bool
	due, moved, now                 time.Time
}

// maxPrepared bounds the prepared letters of one second, at some 30 KB each.
const maxPrepared = 200

// preparedLetters keeps the prepared letters of one second, so that recipients with the same facts share one.
type preparedLetters struct {
	mu   sync.Mutex
	now  time.Time
	kept map[letterKey]prepared
}

// preparedLetter is a prepared letter with its facts as they are kept, and their digest.
type preparedLetter struct {
	Prepared

	facts  []byte
	digest string
}

// prepared is a letter that is prepared once, when it is first asked for.
type prepared struct {
	delays     []letter.Delay
	challenges []letter.Challenge
	get        func() (*preparedLetter, error)
}

// tells reports whether the letter is for the facts. Two persons of a matter may have waited for other orders, and
// other challenges may concern them.
func (p *prepared) tells(f *letter.Facts) bool {
	return slices.EqualFunc(p.delays, f.Delays, letter.Delay.Equal) && slices.Equal(p.challenges, f.Challenges)
}

// prepare is Prepare, or letter.Prepare where that is nil.
func (s *Service) prepare(f letter.Facts) (Prepared, error) {
	if s.Prepare != nil {
		return s.Prepare(f)
	}
	return letter.Prepare(f)
}

// get returns the prepared letter for the facts.
func (p *preparedLetters) get(prepare func(letter.Facts) (Prepared, error), key letterKey,
	f letter.Facts) (*preparedLetter, error) {
	p.mu.Lock()
	if p.kept == nil || !p.now.Equal(key.now) || len(p.kept) == maxPrepared {
		p.now, p.kept = key.now, map[letterKey]prepared{}
	}
	found, ok := p.kept[key]
	if !ok || !found.tells(&f) {
		found = prepared{f.Delays, f.Challenges, sync.OnceValues(func() (*preparedLetter, error) {
			facts, digest, err := f.Encode()
			if err != nil {
				return nil, err
			}
			out, err := prepare(f)
			return &preparedLetter{out, facts, digest}, err
		})}
		p.kept[key] = found
	}
	p.mu.Unlock()
	return found.get()
}
