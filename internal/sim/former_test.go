package sim

import (
	"context"
	"slices"

	"lapse/internal/agenda"
	"lapse/internal/matter"
	"lapse/internal/notice"
)

// formers are the former contacts that were ever recorded, by subject and the version that replaced them.
type formers map[string]map[int]matter.Former

// keeps notes the former contacts of a recorded subject.
func (w *world) keeps(s *matter.Subject) {
	for _, f := range s.Former {
		if w.former == nil {
			w.former = formers{}
		}
		if w.former[s.ID] == nil {
			w.former[s.ID] = map[int]matter.Former{}
		}
		w.former[s.ID][f.Version] = f
	}
}

// quiet reports whether nothing is left to be done for former contacts of the subject but to drop them in time. Nobody
// waits for that.
func (w *world) quiet(subject string) bool {
	all, _ := w.store.Subjects(context.Background(), mat, []string{subject})
	s := all[subject]
	for n := range w.notices() {
		if n.Subject != subject {
			continue
		}
		if !n.State.Terminal() {
			return false
		}
		for i := range s.Former {
			if went, _ := n.After(&s.Former[i]); len(went) > 0 {
				return false
			}
		}
	}
	return true
}

// warned checks at the end that every former contact was told if a notice went to what took its place, and that those
// which are kept still have a row.
func (w *world) warned() {
	for subject, all := range w.former {
		for version, f := range all {
			message := w.store.PeekAt(notice.MovedID(w.head().Salt, mat, subject, version))
			if message != nil || w.takesNoMail(subject, f.Name) {
				continue
			}
			for n := range w.notices() {
				went, _ := n.After(&f)
				elsewhere := slices.ContainsFunc(went, func(a *notice.Attempt) bool { return a.Recipient.Mailbox != f.Mailbox })
				if n.Subject != subject || !elsewhere {
					continue
				}
				w.fail("a former address is told", "%s went elsewhere than to %s, which version %d replaced", n.ID, f.Name, version)
			}
		}
		stored, _ := w.store.Subjects(context.Background(), mat, []string{subject})
		kept := w.workRow(func(r agenda.Row) bool { return r.Kind == agenda.Moved && r.Ref == subject })
		if len(stored[subject].Former) > 0 && !kept && stored[subject].Erasing == 0 {
			w.fail("kept no longer than needed", "%s has former contacts, and no row that drops them", subject)
		}
	}
}

// takesNoMail reports whether a mail about the subject came back from the contact for good.
func (w *world) takesNoMail(subject, contact string) bool {
	for n := range w.notices() {
		if n.Subject == subject && n.Refused(contact) {
			return true
		}
	}
	return false
}

// formerly checks whom a security message goes to: somewhere where the subject was written to before.
func (w *world) formerly(n *notice.Notice, to string) {
	for _, known := range w.reached[n.Subject] {
		for _, address := range known.mails {
			if address == to {
				return
			}
		}
	}
	w.fail("nobody else is told", "security message %s about %s goes to %s", n.ID, n.Subject, to)
}
