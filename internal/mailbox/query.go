package mailbox

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// perSecond is the quota that GetSendQuota reports. The stand-in refuses nothing by it, because the stack's clock
	// stands still while it is pushed.
	perSecond = 10_000
	perDay    = perSecond * 24 * 60 * 60
	// maxRequest bounds the body of a request: 10 MB in base64, percent-encoded, with room to spare.
	maxRequest = 64 << 20
	// slowAnswer is the delay of an answer under the fault "slow", in real time.
	slowAnswer = 2 * time.Second
	namespace  = "http://ses.amazonaws.com/doc/2010-12-01/"
)

// refusal is an error answer of SES.
type refusal struct {
	status        int
	code, message string
}

func refuse(code, format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}

type errorResponse struct {
	XMLName xml.Name `xml:"ErrorResponse"`
	Xmlns   string   `xml:"xmlns,attr"`
	Type    string   `xml:"Error>Type"`
	Code    string   `xml:"Error>Code"`
	Message string   `xml:"Error>Message"`
	Request string   `xml:"RequestId"`
}

type sendResponse struct {
	XMLName   xml.Name `xml:"SendRawEmailResponse"`
	Xmlns     string   `xml:"xmlns,attr"`
	MessageID string   `xml:"SendRawEmailResult>MessageId"`
	Request   string   `xml:"ResponseMetadata>RequestId"`
}

type quotaResponse struct {
	XMLName xml.Name `xml:"GetSendQuotaResponse"`
	Xmlns   string   `xml:"xmlns,attr"`
	Per24h  float64  `xml:"GetSendQuotaResult>Max24HourSend"`
	Rate    float64  `xml:"GetSendQuotaResult>MaxSendRate"`
	Sent    float64  `xml:"GetSendQuotaResult>SentLast24Hours"`
	Request string   `xml:"ResponseMetadata>RequestId"`
}

// ServeHTTP answers SES' v1 query protocol at any path: SendRawEmail and GetSendQuota. It does not check signatures.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			writeRefusal(w, &refusal{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request is too large."})
			return
		}
		writeRefusal(w, refuse("MalformedQueryString", "The body is not a form."))
		return
	}
	switch action := r.PostForm.Get("Action"); action {
	case "SendRawEmail":
		s.send(w, r)
	case "GetSendQuota":
		writeXML(w, http.StatusOK, quotaResponse{Xmlns: namespace, Per24h: perDay, Rate: perSecond,
			Sent: float64(s.sentSince(s.cfg.Now().Add(-24 * time.Hour))), Request: requestID()})
	case "":
		writeRefusal(w, refuse("MissingAction", "The request names no action."))
	default:
		writeRefusal(w, refuse("InvalidAction", "Could not find operation %s for version %s", action,
			r.PostForm.Get("Version")))
	}
}

// send answers SendRawEmail, or misbehaves as the fault says.
func (s *Server) send(w http.ResponseWriter, r *http.Request) {
	fault := s.takeFault()
	if no := fault.refusal(); no != nil {
		writeRefusal(w, no)
		return
	}
	m, no := s.read(r.PostForm)
	if no != nil {
		writeRefusal(w, no)
		return
	}
	kept, err := s.accept(m)
	if err != nil {
		writeRefusal(w, &refusal{http.StatusInternalServerError, "InternalFailure", "The mail could not be kept."})
		return
	}
	if s.cfg.Accepted != nil {
		s.cfg.Accepted(kept.Mail, m.raw)
	}
	switch fault {
	case DropAfterAccept:
		panic(http.ErrAbortHandler) // net/http closes the connection without an answer
	case Slow:
		s.wait(r)
	}
	writeXML(w, http.StatusOK, sendResponse{Xmlns: namespace, MessageID: kept.MessageID, Request: requestID()})
}

// wait delays an answer until slowAnswer has passed, the client has gone, or the Server is closed.
func (s *Server) wait(r *http.Request) {
	timer := time.NewTimer(slowAnswer)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.closed:
	}
}

func requestID() string { return fmt.Sprintf("%x", random()) }

func writeRefusal(w http.ResponseWriter, no *refusal) {
	kind := "Sender"
	if no.status >= 500 {
		kind = "Receiver"
	}
	writeXML(w, no.status, errorResponse{Xmlns: namespace, Type: kind, Code: no.code, Message: no.message,
		Request: requestID()})
}

// writeXML writes an answer. It ignores a failed write, which means that the client has gone.
func writeXML(w http.ResponseWriter, status int, v any) {
	b, err := xml.Marshal(v)
	if err != nil {
		http.Error(w, "the answer cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
