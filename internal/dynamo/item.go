package dynamo

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"lapse/internal/matter"
)

// item is a stored item, or a map inside one. The put functions leave zero values out. The readers return zero for a
// missing attribute. A reader keeps the first malformed attribute as its error.
type item map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func whole(n int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
}

// instant is the stored form of a time: whole seconds since 1970 in UTC, or nil for the zero time.
func instant(t time.Time) types.AttributeValue {
	if t.IsZero() {
		return nil
	}
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(t.Unix(), 10)}
}

// words is the stored form of a string that may be absent.
func words(s string) types.AttributeValue {
	if s == "" {
		return nil
	}
	return text(s)
}

func (it item) put(name string, v types.AttributeValue) {
	if v != nil {
		it[name] = v
	}
}

func (it item) putText(name, s string) { it.put(name, words(s)) }

func (it item) putInt(name string, n int) {
	if n != 0 {
		it[name] = whole(n)
	}
}

func (it item) putFloat(name string, f float64) {
	if f != 0 {
		it[name] = &types.AttributeValueMemberN{Value: strconv.FormatFloat(f, 'g', -1, 64)}
	}
}

func (it item) putTime(name string, t time.Time) { it.put(name, instant(t)) }

func (it item) putFlag(name string, b bool) {
	if b {
		it[name] = &types.AttributeValueMemberBOOL{Value: true}
	}
}

func (it item) putBytes(name string, b []byte) {
	if len(b) > 0 {
		it[name] = &types.AttributeValueMemberB{Value: b}
	}
}

// putDigest puts a digest in hex as its bytes, which are half as many.
func (it item) putDigest(name, hexadecimal string) {
	if raw, err := hex.DecodeString(hexadecimal); err == nil {
		it.putBytes(name, raw)
		return
	}
	it.putText(name, hexadecimal)
}

// digest is what putDigest put.
func (it item) digest(name string) string {
	if raw := it.bytes(name); raw != nil {
		return hex.EncodeToString(raw)
	}
	return it.text(name)
}

// putList puts a list of strings in the order given.
func putList[S ~string](it item, name string, list []S) {
	if len(list) == 0 {
		return
	}
	l := make([]types.AttributeValue, len(list))
	for i, s := range list {
		l[i] = text(string(s))
	}
	it[name] = &types.AttributeValueMemberL{Value: l}
}

// putDocument puts the JSON form of v.
func (it item) putDocument(name string, v any) error {
	b, err := matter.JSON(v)
	if err != nil {
		return fmt.Errorf("write attribute %s: %w", name, err)
	}
	it[name] = text(string(b))
	return nil
}

func (it item) text(name string) string {
	if v, ok := it[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

func (it item) flag(name string) bool {
	v, ok := it[name].(*types.AttributeValueMemberBOOL)
	return ok && v.Value
}

func (it item) bytes(name string) []byte {
	if v, ok := it[name].(*types.AttributeValueMemberB); ok {
		return v.Value
	}
	return nil
}

func list[S ~string](it item, name string) []S {
	l, _ := it[name].(*types.AttributeValueMemberL)
	if l == nil {
		return nil
	}
	out := make([]S, 0, len(l.Value))
	for _, v := range l.Value {
		if s, ok := v.(*types.AttributeValueMemberS); ok {
			out = append(out, S(s.Value))
		}
	}
	return out
}

// maps returns the maps of a list of maps.
func (it item) maps(name string) []item {
	l, _ := it[name].(*types.AttributeValueMemberL)
	if l == nil {
		return nil
	}
	out := make([]item, 0, len(l.Value))
	for _, v := range l.Value {
		if m, ok := v.(*types.AttributeValueMemberM); ok {
			out = append(out, m.Value)
		}
	}
	return out
}

// reader reads attributes that can be malformed.
type reader struct {
	item
	err error
}

func (r *reader) failed(name string, err error) {
	r.err = errors.Join(r.err, fmt.Errorf("attribute %s: %w", name, err))
}

func (r *reader) number(name string) string {
	if v, ok := r.item[name].(*types.AttributeValueMemberN); ok {
		return v.Value
	}
	return ""
}

func (r *reader) int(name string) int {
	s := r.number(name)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		r.failed(name, err)
	}
	return n
}

func (r *reader) float(name string) float64 {
	s := r.number(name)
	if s == "" {
		return 0
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		r.failed(name, err)
	}
	return f
}

func (r *reader) time(name string) time.Time {
	if _, ok := r.item[name]; !ok {
		return time.Time{}
	}
	return time.Unix(int64(r.int(name)), 0).UTC()
}

// document decodes the attribute's JSON into v, a pointer.
func (r *reader) document(name string, v any) {
	s := r.text(name)
	if s == "" {
		return
	}
	if err := json.Unmarshal([]byte(s), v); err != nil {
		r.failed(name, err)
	}
}
