package verify

import "embed"

// Files are the embedded files.
func Files() embed.FS { return files }
