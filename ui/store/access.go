package store

import "strings"

// words are texts in somebody's language, which *web.Ctx has.
type words interface {
	T(text string, args ...any) string
	N(n int, one, many string) string
}

// accessWords are a kind of access for people: a name, and what it means today. The
// front door cannot ask people to sign in yet, so that what is not open to everybody is
// open to the home network (docs/decisions/private-access.md).
func accessWords(access string) (title, text string) {
	switch access {
	case "private":
		return "You", "From your home network alone, until the front door can ask who somebody is."
	case "members":
		return "People of this cloud", "From your home network alone, until the front door can ask who somebody is."
	case "app":
		return "Everybody who has an account in it", "The app asks people to sign in."
	case "public":
		return "Everybody", "Without signing in."
	}
	return "Nobody", "It has no page of its own: other programs use it."
}

// accessSentence is the same, as the card before an install says it.
func accessSentence(access string) string {
	switch access {
	case "private":
		return "You, from your home network."
	case "members":
		return "The people of this cloud, from your home network."
	case "app":
		return "Everybody who has an account in it: the app asks people to sign in."
	case "public":
		return "Everybody, without signing in."
	}
	return "Nobody: it has no page of its own."
}

// because joins reasons why something does not fit.
func because(reasons []string) string {
	if len(reasons) == 0 {
		return "does not fit"
	}
	return strings.Join(reasons, ", ")
}
