package letter

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"

	"lapse/internal/notice"
)

// Reference is how a notice is called in its letter and by whoever asks about it: 24 letters and digits in groups of
// four, such as ABCD-EFGH-IJKL-MNOP-QRST-UVWX. It is a hash of the whole notice id: the matter's id is not to be seen,
// for its sender chose it and may have meant it for the inside only, but without it the first disclosures of two
// matters about one subject would share a reference. What is no notice id has the empty reference.
func Reference(noticeID string) string {
	if _, _, ok := notice.SplitID(noticeID); !ok {
		return ""
	}
	sum := sha256.Sum256([]byte("lapse/reference\x00" + noticeID))
	groups := make([]string, 0, 6)
	for g := range slices.Chunk([]byte(base32.StdEncoding.EncodeToString(sum[:15])), 4) {
		groups = append(groups, string(g))
	}
	return strings.Join(groups, "-")
}
