package seal

// MaxOpened is the bound of an Opener.
const MaxOpened = maxOpened

// Kept is how many matters the opener keeps.
func Kept(o *Opener) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.opened)
}
