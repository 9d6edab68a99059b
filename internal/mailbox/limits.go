package mailbox

import (
	"bytes"
	"encoding/base64"
	"mime"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The limits of SES' API reference for SendRawEmail, RawMessage and MessageTag.
const (
	maxRaw        = 10 << 20
	maxRecipients = 50
	maxTag        = 256
)

// read makes a mail of the parameters of SendRawEmail, or refuses them as SES would.
func (s *Server) read(form url.Values) (stored, *refusal) {
	raw, err := base64.StdEncoding.DecodeString(form.Get("RawMessage.Data"))
	if err != nil || len(raw) == 0 {
		return stored{}, refuse("InvalidParameterValue", "RawMessage.Data is missing or not base64.")
	}
	if len(raw) > maxRaw {
		return stored{}, refuse("InvalidParameterValue", "Message length is more than %d bytes long: '%d'.", maxRaw, len(raw))
	}
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return stored{}, refuse("InvalidParameterValue", "The message has no header that can be read.")
	}
	m := stored{raw: raw}
	m.Subject = decoded(message.Header.Get("Subject"))
	var no *refusal
	if m.Source, m.From, no = s.sender(form, message.Header); no != nil {
		return stored{}, no
	}
	if m.Destinations, no = recipients(form, message.Header); no != nil {
		return stored{}, no
	}
	m.To = strings.Join(m.Destinations, ", ")
	m.ConfigurationSet = form.Get("ConfigurationSetName")
	if m.ConfigurationSet != "" && !slices.Contains(s.cfg.ConfigurationSets, m.ConfigurationSet) {
		return stored{}, refuse("ConfigurationSetDoesNotExist", "Configuration set <%s> does not exist.", m.ConfigurationSet)
	}
	if m.Tags, no = tags(form); no != nil {
		return stored{}, no
	}
	return m, nil
}

// decoded decodes encoded words. Text that cannot be decoded stays as it is.
func decoded(header string) string {
	text, err := new(mime.WordDecoder).DecodeHeader(header)
	if err != nil {
		return header
	}
	return text
}

// members returns the values of a list parameter.
func members(form url.Values, list string) []string {
	var out []string
	for i := 1; form.Has(list + ".member." + strconv.Itoa(i)); i++ {
		out = append(out, form.Get(list+".member."+strconv.Itoa(i)))
	}
	return out
}

// sender returns the envelope's source and the From header. The source defaults to From. Both have to belong to a
// verified identity.
func (s *Server) sender(form url.Values, header mail.Header) (source, from string, no *refusal) {
	from = header.Get("From")
	if from == "" {
		return "", "", refuse("InvalidParameterValue", "Missing required header 'From'.")
	}
	source = form.Get("Source")
	if source == "" {
		source = from
	}
	for _, one := range []string{source, from} {
		a, err := mail.ParseAddress(one)
		if err != nil {
			return "", "", refuse("InvalidParameterValue", "The sender is not one address.")
		}
		if !s.verified(a.Address) {
			return "", "", refuse("MessageRejected",
				"Email address is not verified. The following identities failed the check in region LOCAL: %s", a.Address)
		}
	}
	return source, from, nil
}

func (s *Server) verified(address string) bool {
	address = strings.ToLower(address)
	_, domain, _ := strings.Cut(address, "@")
	return slices.ContainsFunc(s.cfg.Identities, func(identity string) bool {
		return identity == address || identity == domain || strings.HasSuffix(domain, "."+identity)
	})
}

// recipients returns the Destinations. Without them it returns the addresses of To, Cc and Bcc.
func recipients(form url.Values, header mail.Header) ([]string, *refusal) {
	list := members(form, "Destinations")
	if len(list) == 0 {
		for _, name := range []string{"To", "Cc", "Bcc"} {
			if header.Get(name) == "" {
				continue
			}
			found, err := header.AddressList(name)
			if err != nil {
				return nil, refuse("InvalidParameterValue", "The header '%s' holds no list of addresses.", name)
			}
			for _, a := range found {
				list = append(list, a.Address)
			}
		}
	}
	if len(list) == 0 {
		return nil, refuse("InvalidParameterValue", "Missing required header 'To'.")
	}
	if len(list) > maxRecipients {
		return nil, refuse("InvalidParameterValue", "Recipient count exceeds %d.", maxRecipients)
	}
	for _, one := range list {
		if no := recipient(one); no != nil {
			return nil, no
		}
	}
	return list, nil
}

// recipient checks the documented form UserName@[SubDomain.]Domain.TopLevelDomain in 7-bit ASCII, because SES has no
// SMTPUTF8.
func recipient(s string) *refusal {
	a, err := mail.ParseAddress(s)
	if err != nil {
		if !strings.Contains(s, "@") {
			return refuse("InvalidParameterValue", "Missing final '@domain'")
		}
		return refuse("InvalidParameterValue", "Illegal address")
	}
	at := strings.LastIndexByte(a.Address, '@')
	local, domain := a.Address[:at], a.Address[at+1:]
	switch {
	case !ascii(local):
		return refuse("InvalidParameterValue", "Local address contains characters that are not ASCII")
	case !ascii(domain) || !strings.Contains(domain, ".") || strings.ContainsAny(domain, "[]"):
		return refuse("InvalidParameterValue", "Domain contains illegal character or is no domain name")
	}
	return nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

func tags(form url.Values) (map[string]string, *refusal) {
	out := make(map[string]string)
	for i := 1; ; i++ {
		prefix := "Tags.member." + strconv.Itoa(i)
		if !form.Has(prefix+".Name") && !form.Has(prefix+".Value") {
			return out, nil
		}
		name, value := form.Get(prefix+".Name"), form.Get(prefix+".Value")
		if !tagText(name) || !tagText(value) {
			return nil, refuse("InvalidParameterValue",
				"A tag's name and value have 1 to %d characters of A-Z, a-z, 0-9, '_' and '-'.", maxTag)
		}
		out[name] = value
	}
}

func tagText(s string) bool {
	return s != "" && len(s) <= maxTag && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	})
}
