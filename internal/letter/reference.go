package letter

import (
	"slices"
	"strings"

	"lapse/internal/matter"
)

// Reference is how a notice is called in its letter and by whoever asks about it: the hash of its id in capital letters,
// in groups of four, such as ABCD-EFGH-IJKL-MNOP-QRST-UVWX. The matter's id is left out: its sender chose it and may
// have meant it for the inside only. What is no notice id has the empty reference.
func Reference(noticeID string) string {
	_, hash, ok := matter.SplitNoticeID(noticeID)
	if !ok {
		return ""
	}
	groups := make([]string, 0, 6)
	for g := range slices.Chunk([]byte(strings.ToUpper(hash)), 4) {
		groups = append(groups, string(g))
	}
	return strings.Join(groups, "-")
}
