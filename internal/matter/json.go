package matter

import (
	"bytes"
	"encoding/json"
)

// JSON encodes v without the escapes for HTML and script, and without a newline at the end. Lapse stores and hashes
// JSON in this form only, so that what is measured, stored and hashed are the same bytes. A text takes the space of its
// characters, whatever they are.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return unescape(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// unescape writes U+2028 and U+2029 as themselves. encoding/json always escapes them.
func unescape(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u202`)) {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch rest := text[i:]; {
		case bytes.HasPrefix(rest, []byte(`\u2028`)):
			out, i = append(out, "\u2028"...), i+5
		case bytes.HasPrefix(rest, []byte(`\u2029`)):
			out, i = append(out, "\u2029"...), i+5
		case rest[0] == '\\': // the next byte belongs to this escape
			out, i = append(out, rest[:2]...), i+1
		default:
			out = append(out, rest[0])
		}
	}
	return out
}
