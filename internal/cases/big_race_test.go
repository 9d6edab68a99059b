//go:build race

package cases_test

// bigMatter is how many subjects the big matter has; the race detector leaves time for fewer.
const bigMatter = 10_000
