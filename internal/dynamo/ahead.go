package dynamo

import (
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// machineTime is the time by the machine's clock, which is the one to be measured: the SDK takes an answer's arrival by
// it, and the local stack's clock, which is pushed, has no part in this.
func machineTime() time.Time { return time.Now() }

// ahead is how far, at least, this machine's clock is ahead of DynamoDB's by an answer, negative where it is behind:
// zero where the two may agree, and where the answer has no Date. asked is when its request began.
//
// The answer was made between asked and its arrival, and its Date is that instant cut to the second. So our clock is
// ahead by at most what lies between the Date and the arrival, and by at least what lies between the end of the Date's
// second and asked. A right clock is inside, however long the answer took: time on the way, repetitions of a lost
// request included, only makes the two lie further apart.
func ahead(asked time.Time, answer middleware.Metadata) time.Duration {
	date, dated := awsmiddleware.GetServerTime(answer)
	arrived, timed := awsmiddleware.GetResponseAt(answer)
	if !dated || !timed {
		return 0
	}
	// By the wall clock, which counts the time for which the process was frozen too.
	least, most := asked.Round(0).Sub(date)-time.Second, arrived.Round(0).Sub(date)
	return max(least, min(most, 0))
}
