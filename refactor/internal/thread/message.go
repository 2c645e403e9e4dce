package thread

import (
	"slices"
	"strconv"
	"strings"
)

// A message says what failed: load session.
type message struct{ text string }

// messageOf says what a mention is about.
func (t *Threader) messageOf(r mention) message { return message{words(r.Fn.Name())} }

// beginnings are how programs begin what they say of an error.
var beginnings = []string{"failed to ", "could not ", "couldn't ", "unable to ", "cannot ", "can't ", "Failed to ", "Could not ", "Unable to "}

// like says m as a message of the program says something.
func (m message) like(text string) string { return m.in([]string{text}).text }

// in says m as most of some messages do.
func (m message) in(texts []string) message {
	for _, b := range beginnings {
		n := 0
		for _, s := range texts {
			_, rest, _ := strings.Cut(s, ": ")
			if strings.HasPrefix(s, b) || strings.HasPrefix(rest, b) {
				n++
			}
		}
		if n > 0 && 2*n >= len(texts) {
			return message{b + m.deed()}
		}
	}
	return m
}

// deed is m as something that is done: what a function is called after is got, and
// what it answers is checked.
func (m message) deed() string {
	first, rest, _ := strings.Cut(m.text, " ")
	switch {
	case slices.Contains(deeds, first):
		return m.text
	case slices.Contains(questions, first):
		return strings.TrimSpace("check " + rest)
	}
	return "get " + m.text
}

// questions begin the names of functions that answer yes or no.
var questions = []string{"is", "are", "has", "have", "can", "should", "was"}

// deeds are the verbs that functions are commonly called by.
var deeds = strings.Fields("accept acquire add allocate allow append apply assign attach authenticate authorize begin bind build cache calculate call cancel check clean clear clone close collect commit compare compile complete compute " +
	"configure connect consume convert copy count create decode decrypt define delete deliver deploy derive describe destroy detect dial disable discover dispatch download drain drop dump emit enable encode encrypt enqueue ensure escape " +
	"estimate evaluate exec execute expand expire export extend extract fetch fill filter find finish flush format forward free gather generate get grant group handle hash import increment index init initialize insert inspect install invoke " +
	"issue iterate join kill launch list listen load lock log lookup look make map mark marshal match measure merge migrate modify monitor mount move normalize notify observe open parse pause perform ping plan poll pop prepare print process " +
	"produce provision prune publish pull purge push put query queue quote read rebuild receive reconcile record recover redirect refresh register reject release reload remove rename render renew replace report request reserve reset resize " +
	"resolve restart restore resume retrieve retry return revoke rotate run save scan schedule search select send serve set setup shutdown sign skip sleep sort split start stop store stream submit subscribe summarize swap switch sync take test " +
	"touch track train transfer transform traverse trigger trim truncate try unlock unmarshal unregister unsubscribe update upgrade upload use validate verify visit wait walk warm watch wrap write")

func quote(s string) string { return strconv.Quote(s) }
