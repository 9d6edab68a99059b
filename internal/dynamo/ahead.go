package dynamo

import (
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// machineTime reads the machine's clock, because that clock is the one to be measured. The SDK dates an answer's
// arrival by it. The local stack's own clock can be pushed forward and plays no part here.
func machineTime() time.Time { return time.Now() }

// ahead returns how far this machine's clock is ahead of DynamoDB's, at least. It is negative where the clock is
// behind. It is zero where the two may agree, and where the answer has no Date. began is when the request began.
//
// DynamoDB made the answer between began and the answer's arrival. The Date is that instant cut to the second. So our
// clock is ahead by at most (arrival - Date), and by at least (began - end of the Date's second). A right clock lies
// between the two bounds. A slow or repeated request only widens them.
func ahead(began time.Time, answer middleware.Metadata) time.Duration {
	date, dated := awsmiddleware.GetServerTime(answer)
	arrived, timed := awsmiddleware.GetResponseAt(answer)
	if !dated || !timed {
		return 0
	}
	// Round(0) selects the wall clock, which also counts the time in which the process was frozen.
	least, most := began.Round(0).Sub(date)-time.Second, arrived.Round(0).Sub(date)
	return max(least, min(most, 0))
}
