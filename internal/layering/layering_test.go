package layering

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "lapse"

// layer is a floor of the house; arrows point down only.
type layer string

const (
	words    layer = "words"    // the vocabulary
	pure     layer = "pure"     // no I/O, no clock
	port     layer = "port"     // the store, as everybody sees it
	shared   layer = "shared"   // what several verbs do to what is owed
	verb     layer = "verb"     // a service of functions/, with its dependencies as fields
	edge     layer = "edge"     // talks to the outside; only edges know the AWS SDK
	duct     layer = "duct"     // what the edges' SDK clients share
	wiring   layer = "wiring"   // reads the environment, and builds services from ports
	standIn  layer = "stand-in" // plays the outside world, for tests and the local stack
	function layer = "function" // one Lambda
	command  layer = "command"  // the command line
	nothing  layer = "nothing"  // tests only
)

// floors gives every package its floor. A new package needs a line here.
func floors() map[string]layer {
	return map[string]layer{
		"internal/agenda": words, "internal/event": words, "internal/ledger": words, "internal/matter": words,
		"internal/notice":   words,
		"internal/store":    port,
		"internal/announce": shared, "internal/keyring": shared, "internal/owed": shared,
		"internal/recount": shared,

		"events": pure, "internal/calendar": pure, "internal/calendar/holidays": pure,
		"internal/calendar/tzdata": pure, "internal/law": pure,
		"internal/facts": pure, "internal/letter": pure, "internal/reckon": pure, "internal/restraint": pure,
		"internal/review": pure, "internal/transparency": pure,

		"internal/delivery": verb, "internal/dispatch": verb, "internal/inquire": verb, "internal/intake": verb,
		"internal/publish": verb,

		"internal/bucket": edge,
		"internal/bus":    edge, "internal/dynamo": edge, "internal/httpapi": edge, "internal/seal": edge,
		"internal/metrics": edge, "internal/sesmail": edge, "internal/site": edge, "internal/verify": edge,

		"internal/awshttp": duct,

		"internal/config": wiring, "internal/wire": wiring, "internal/wire/api": wiring, "internal/wire/delivery": wiring,
		"internal/wire/dispatch": wiring, "internal/wire/intake": wiring, "internal/wire/letterhead": wiring,
		"internal/wire/report": wiring, "internal/wire/verify": wiring,

		"internal/dynamo/engine": standIn, "internal/lambdatest": standIn, "internal/mailbox": standIn,
		"internal/memory": standIn, "internal/storetest": standIn,

		"functions/api": function, "functions/delivery": function, "functions/dispatch": function,
		"functions/intake": function, "functions/report": function, "functions/verify": function,

		"internal/cmd/lapse": command, "internal/cmd/lapse/statemachine": pure,
		"internal/calendar/tzdata/generate": command,
		"internal/layering/house":           command, "internal/layering/mutants": command,

		"internal/cases": nothing, "internal/layering": nothing, "internal/sim": nothing,
		"internal/worldtest": nothing,
	}
}

// below lists what a floor may import. A verb never imports a verb, an edge never an edge. No floor lists nothing, so
// only test files import what is for tests only.
func below() map[layer][]layer {
	return map[layer][]layer{
		words:    {words},
		port:     {words},
		pure:     {words, pure},
		shared:   {words, pure, port},
		verb:     {words, pure, port, shared},
		duct:     nil,
		edge:     {words, pure, port, shared, verb, duct},
		wiring:   {words, pure, port, shared, verb, edge, duct, wiring},
		standIn:  {words, pure, port},
		function: {words, pure, port, shared, verb, edge, wiring},
		command:  {words, pure, port, shared, verb, edge, wiring, standIn},
		nothing:  {words, pure, port, shared, verb, edge, duct, wiring, standIn},
	}
}

// pkg is what go list says of a package.
type pkg struct {
	ImportPath, Dir, Doc               string
	Imports, TestImports, XTestImports []string
	GoFiles, TestGoFiles, XTestGoFiles []string
	IgnoredGoFiles                     []string
}

// name is the import path below the module.
func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// list asks the go command once; -e lists packages that do not build too, whose build fails by itself.
var list = sync.OnceValues(func() ([]pkg, error) {
	// go test keeps a result while the files and folders that the test itself opened stay as they are.
	for _, root := range []string{"events", "functions", "internal"} {
		open := func(string, fs.DirEntry, error) error { return nil }
		if err := filepath.WalkDir(filepath.Join("..", "..", root), open); err != nil {
			return nil, err
		}
	}
	out, err := exec.Command("go", "list", "-e", "-json", module+"/...").Output()
	if err != nil {
		return nil, err
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		all = append(all, p)
	}
})

func packages(t *testing.T) []pkg {
	t.Helper()
	all, err := list()
	require.NoError(t, err, "go list")
	require.NotEmpty(t, all)
	return all
}

func TestEveryPackageHasARuleAndAComment(t *testing.T) {
	rules := floors()
	var names []string
	for _, p := range packages(t) {
		names = append(names, p.name())
		require.Contains(t, rules, p.name(), "give the package a floor in floors()")
		require.NotEmpty(t, p.Doc, "package %s needs a package comment", p.name())
	}
	for name := range rules {
		require.Contains(t, names, name, "a rule for a package that does not exist")
	}
}

func TestArrowsPointDown(t *testing.T) {
	rules, allowed := floors(), below()
	for _, p := range packages(t) {
		floor := rules[p.name()]
		for _, path := range p.Imports {
			name, ours := strings.CutPrefix(path, module+"/")
			if ours {
				require.Contains(t, allowed[floor], rules[name], "%s (%s) imports %s (%s)", p.name(), floor, name, rules[name])
			}
		}
	}
}

func TestOnlyEdgesKnowAWS(t *testing.T) {
	// The engine makes a client to ask whether it is up.
	knows := func(p pkg) bool {
		return slices.Contains([]layer{edge, duct, wiring, function, command}, floors()[p.name()]) ||
			p.name() == "internal/dynamo/engine"
	}
	for _, p := range packages(t) {
		for _, path := range p.Imports {
			if strings.HasPrefix(path, "github.com/aws/") || strings.HasPrefix(path, "github.com/awslabs/") {
				require.True(t, knows(p), "%s imports %s", p.name(), path)
			}
		}
	}
}

// TestPureCodeDoesNoIO: what is computed from records, rules and a clock reading must not depend on the machine.
func TestPureCodeDoesNoIO(t *testing.T) {
	forbidden := []string{"os", "os/exec", "net", "net/http", "log", "crypto/rand", "math/rand", "math/rand/v2"}
	for _, p := range packages(t) {
		if floor := floors()[p.name()]; floor != words && floor != pure {
			continue
		}
		for _, path := range p.Imports {
			require.NotContains(t, forbidden, path, "%s imports %s", p.name(), path)
		}
	}
}

func TestTestsUseRequireOnly(t *testing.T) {
	for _, p := range packages(t) {
		for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if strings.HasPrefix(path, "github.com/stretchr/testify") {
				require.Equal(t, "github.com/stretchr/testify/require", path, "in %s", p.name())
			}
		}
	}
}
