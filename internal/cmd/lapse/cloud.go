package main

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"sync"

	"lapse/internal/seal"
)

// outbox stands in for SQS' SendMessage and EventBridge's PutEvents (AWS JSON protocol). It keeps every message and
// event.
type outbox struct {
	mu sync.Mutex
	sent
}

type sent struct {
	// DeadLetters are the bodies of messages. Announced are the detail types of events.
	DeadLetters []json.RawMessage `json:"deadLetters"`
	Announced   []string          `json:"announced"`
}

func (o *outbox) get(w http.ResponseWriter, _ *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	writeJSON(w, o.sent)
}

func (o *outbox) sendMessage(w http.ResponseWriter, r *http.Request) {
	var in struct{ MessageBody string }
	if !readRequest(w, r, &in) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.DeadLetters = append(o.DeadLetters, json.RawMessage(in.MessageBody))
	sum := md5.Sum([]byte(in.MessageBody)) // the SDK checks it
	writeJSON(w, map[string]string{"MessageId": "local", "MD5OfMessageBody": hex.EncodeToString(sum[:])})
}

func (o *outbox) putEvents(w http.ResponseWriter, r *http.Request) {
	var in struct{ Entries []struct{ DetailType string } }
	if !readRequest(w, r, &in) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	taken := make([]map[string]string, len(in.Entries))
	for i, e := range in.Entries {
		o.Announced = append(o.Announced, e.DetailType)
		taken[i] = map[string]string{"EventId": "local"}
	}
	writeJSON(w, map[string]any{"FailedEntryCount": 0, "Entries": taken})
}

// vault stands in for KMS' Encrypt and Decrypt under one key. It authenticates the encryption context, as KMS does.
type vault struct{ key *seal.FileKey }

// sealing is a request to KMS or its answer.
type sealing struct {
	KeyId             string
	EncryptionContext map[string]string `json:",omitempty"`
	Plaintext         []byte            `json:",omitempty"`
	CiphertextBlob    []byte            `json:",omitempty"`
}

// context writes the encryption context as one string. JSON sorts its keys.
func (s sealing) context() string {
	text, _ := json.Marshal(s.EncryptionContext) // a map of strings always has a JSON form
	return string(text)
}

func (v *vault) encrypt(w http.ResponseWriter, r *http.Request) {
	var in sealing
	if !readRequest(w, r, &in) {
		return
	}
	blob, err := v.key.Wrap(r.Context(), in.context(), in.Plaintext)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeJSON(w, sealing{KeyId: in.KeyId, CiphertextBlob: blob})
}

func (v *vault) decrypt(w http.ResponseWriter, r *http.Request) {
	var in sealing
	if !readRequest(w, r, &in) {
		return
	}
	plain, err := v.key.Unwrap(r.Context(), in.context(), in.CiphertextBlob)
	if err != nil {
		w.Header().Set("X-Amzn-ErrorType", "InvalidCiphertextException")
		http.Error(w, "{}", http.StatusBadRequest)
		return
	}
	writeJSON(w, sealing{KeyId: in.KeyId, Plaintext: plain})
}

// readRequest decodes the request's JSON into the value. If that fails, it answers 400 and returns false.
func readRequest(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		http.Error(w, "the body is not JSON", http.StatusBadRequest)
		return false
	}
	return true
}
