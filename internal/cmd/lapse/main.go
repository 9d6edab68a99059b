// Command lapse is Lapse on a laptop: the whole service on loopback, a clock that can be pushed forward, a stand-in for
// SES with an inbox, and stories to watch. Its other commands serve operators: simulate rules, restore a table, resume
// sending, redrive dead letters, count the report again. Anybody can check a saved mail with verify-mail, and a
// published report with report check. It also prints the state machine for the documentation.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is the command line.
type cli struct {
	Run          runCommand          `cmd:"" help:"Run the local stack on 127.0.0.1."`
	Backends     backendsCommand     `cmd:"" hidden:"" help:"Stand in for the cloud, for sam local."`
	Simulate     simulateCommand     `cmd:"" help:"List the notices that new rules, or a later date, would move."`
	Restore      restoreCommand      `cmd:"" help:"Record in a restored table the mails that were sent since."`
	Resume       resumeCommand       `cmd:"" help:"End a pause of sending, and let a restored table send."`
	Redrive      redriveCommand      `cmd:"" help:"Move a dead-letter queue's messages back to a function's queue."`
	VerifyMail   verifyMailCommand   `cmd:"" name:"verify-mail" help:"Say offline whether a saved mail is genuine."`
	Report       reportCommand       `cmd:"" help:"Count the report again, check a published one, report to a customer."`
	StateMachine stateMachineCommand `cmd:"" name:"state-machine" help:"Print docs/state-machine.md."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	k := kong.Parse(&c, kong.Name("lapse"), kong.Description("We tell you when a government got your data."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	k.FatalIfErrorf(k.Run())
}
