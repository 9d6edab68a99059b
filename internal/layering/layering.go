// Package layering holds no code: its test reads every package of the module and fails where an arrow points up, where
// a package has no rule yet, or where a rule of the house is broken.
package layering
