//go:build !race

package cases_test

// bigMatter is how many subjects the big matter has.
const bigMatter = 100_000
