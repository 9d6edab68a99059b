package main

import (
	"fmt"
	"os"

	"lapse/internal/cmd/lapse/statemachine"
)

// stateMachineCommand prints docs/state-machine.md. `lapse state-machine > docs/state-machine.md` updates the document.
type stateMachineCommand struct{}

// Run writes the document to the standard output.
func (c *stateMachineCommand) Run() error {
	if _, err := fmt.Fprint(os.Stdout, statemachine.Document()); err != nil {
		return fmt.Errorf("print the state machine: %w", err)
	}
	return nil
}
