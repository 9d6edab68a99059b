package matter

import (
	"bytes"
	"encoding/json"
)

// JSON encodes v without HTML escapes and without a newline at the end. Lapse stores and hashes JSON in this form only,
// so that what is measured, stored and hashed are the same bytes.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
