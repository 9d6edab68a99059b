// Package transparency is the pure core of the transparency report: facts in, bytes out. It reads no clock, no file
// system and no network.
//
// # From facts to a published folder
//
//  1. A Row holds the facts of one matter, or a part of them. Facts are plain data with instants, so that the same row
//     serves every half-year.
//  2. A Count takes rows one at a time and keeps only tallies. Two counts of the same half can be merged.
//  3. Freeze turns a count into a Snapshot: the exact tables are cross-checked, small cells are suppressed, and the
//     changes against the revision before are listed cell by cell. A failed check stops the publication.
//  4. Files prints a snapshot: data files, peers' vocabularies, pages, hashes. The same snapshot always gives the same
//     bytes.
//  5. CheckFolder reads a published folder offline and lists its faults.
//
// # National security
//
// A row with Secret set reaches the ordinary tables in no way. It is counted in the bands of 50 U.S.C. 1874(a), or
// nowhere. The snapshot holds bands only, never the counts beneath them.
//
// # Words
//
// A half is a half-year in UTC. A unit is one (matter, subject, disclosure): the thing a person is told about. A cell
// is suppressed when it is left empty because its count is small.
package transparency
