package matter

// Origin says why a restraint stands. Its id says nothing.
type Origin string

// The origins of a restraint.
const (
	// OriginOrder is a paper that was posted. The zero Origin counts as it.
	OriginOrder Origin = "order"
	// OriginStatute is a law that forbids telling without any order.
	OriginStatute Origin = "statute"
	// OriginUnverified: no verified rule says that telling is allowed.
	OriginUnverified Origin = "unverified"
	// OriginUnstated: the request names no law at all.
	OriginUnstated Origin = "unstated"
	// OriginUnreadable: an order arrived that could not be read or kept.
	OriginUnreadable Origin = "unreadable"
	// OriginException is the provider's own reason not to tell yet.
	OriginException Origin = "exception"
	// OriginUnapproved: two persons have to decide about an emergency disclosure, and one has.
	OriginUnapproved Origin = "unapproved"
)

// Standing reports whether the restraint stands without a posted paper: it rests on a law, or on a question to counsel.
func (o Origin) Standing() bool { return o == OriginStatute || o.AsksCounsel() }

// FromRequest reports whether the restraint follows from what the request says, so that other rules, or another
// request, may give another answer.
func (o Origin) FromRequest() bool {
	return o == OriginStatute || o == OriginUnverified || o == OriginUnstated
}

// Paper reports whether the restraint is an order's, posted or standing, and has a record as an order.
func (o Origin) Paper() bool { return o != OriginException && o != OriginUnapproved }

// AsksCounsel reports whether the restraint rests on a question to counsel and on no statute. Counsel is asked where no
// rule is verified, where the request names no law, and where an order could not be read.
func (o Origin) AsksCounsel() bool {
	return o == OriginUnverified || o == OriginUnstated || o == OriginUnreadable
}

// EndCheck is the number of the check of an order's end.
const EndCheck = "K04"

// EvidenceFault names the evidence of a failed finding that says whose fault it is. FaultOfRecord is our own: the
// record lacks what the paper may well say.
const (
	EvidenceFault = "fault"
	FaultOfRecord = "record"
)

// OurFault reports whether the finding failed for want of something in our own record.
func (f Finding) OurFault() bool {
	return f.Status == Fail && f.Evidence[EvidenceFault] == FaultOfRecord
}

// EvidenceSecret names the evidence of a finding that the order rests on a law which keeps its own use secret. The
// report shows such a matter in bands, or nowhere.
const EvidenceSecret = "secret"
