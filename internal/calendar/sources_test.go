package calendar_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// time.LoadLocation prefers the machine's zone files to embedded ones, and time/tzdata is whatever release the compiler
// came with: with either, the same paper would end at different instants on different machines (E43).
func TestE43OnlyTheEmbeddedZonesAreRead(t *testing.T) {
	root := filepath.Join("..", "..")
	require.FileExists(t, filepath.Join(root, "go.mod"))
	read := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(),
			".") || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		read++
		require.Empty(t, machineZones(file), path)
		return nil
	}))
	require.Greater(t, read, 10)
}

func TestE43TheSearchFindsEveryForm(t *testing.T) {
	for name, source := range map[string]string{
		"called":         `package p; import "time"; var _, _ = time.LoadLocation("UTC")`,
		"under a name":   `package p; import clock "time"; var _, _ = clock.LoadLocation("UTC")`,
		"as a value":     `package p; import "time"; var f = time.LoadLocation`,
		"without a name": `package p; import . "time"; var f = LoadLocation`,
		"the compiler's": `package p; import _ "time/tzdata"`,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "p.go", source, 0)
		require.NoError(t, err)
		require.NotEmpty(t, machineZones(file), name)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "p.go",
		`package p; import "time"; var l, _ = time.LoadLocationFromTZData("UTC", nil)`, 0)
	require.NoError(t, err)
	require.Empty(t, machineZones(file))
}

// machineZones lists what in a file reads zones that are not the embedded ones.
func machineZones(file *ast.File) []string {
	var found []string
	name := ""
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		switch {
		case path == "time/tzdata":
			found = append(found, path)
		case path == "time" && spec.Name == nil:
			name = "time"
		case path == "time" && spec.Name.Name == ".":
			found = append(found, `import . "time"`)
		case path == "time":
			name = spec.Name.Name
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "LoadLocation" {
			if x, ok := s.X.(*ast.Ident); ok && name != "" && x.Name == name {
				found = append(found, "time."+s.Sel.Name)
			}
		}
		return true
	})
	return found
}
