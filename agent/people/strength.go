package people

import (
	"strings"
	"unicode/utf8"

	zxcvbn "github.com/ccojocar/zxcvbn-go"
	"github.com/ccojocar/zxcvbn-go/match"
	"github.com/ccojocar/zxcvbn-go/matching"
	"github.com/ccojocar/zxcvbn-go/scoring"

	"github.com/dentropy/dcloud/agent"
)

// Lengths of a password: the least in letters (NIST SP 800-63B asks for 8), the most in
// bytes, and how much of it is looked at to tell how hard it is to guess, which takes
// time with the square of it.
const (
	minPassword = 8
	maxPassword = 1024
	maxJudged   = 64
	enoughScore = 3 // of 4: "safely unguessable", 10^8 guesses and more
)

// ownWords are those that people take for the password of such a thing.
var ownWords = []string{"dentropy", "dcloud", "cloud", "server", "homelab", "selfhosted", "raspberry", "raspberrypi", "umbrel", "nextcloud", "admin", "owner", "panel"}

// Strength tells how hard a password is to guess, for somebody who knows the names of
// the person and of the cloud.
func (s *Service) Strength(password string, names ...string) agent.Strength {
	if s.Host != nil {
		domain, _ := s.Host()
		names = append(names, domain)
	}
	return strength(password, names)
}

func strength(password string, names []string) agent.Strength {
	switch {
	case password == "":
		return agent.Strength{Advice: "Several words that do not belong together are easy to remember and hard to guess."}
	case !utf8.ValidString(password):
		return agent.Strength{Advice: "There is something in it that is no letter."}
	case len(password) > maxPassword:
		return agent.Strength{Advice: "It is too long; a few words are enough."}
	}
	text := string(normal(password))
	judged := text
	if r := []rune(text); len(r) > maxJudged {
		judged = string(r[:maxJudged])
	}
	found := judge(judged, known(names))
	out := agent.Strength{Score: found.Score}
	if utf8.RuneCountInString(text) < minPassword {
		out.Score = min(out.Score, 1)
		out.Advice = "It is too short: take at least 8 letters."
		return out
	}
	out.Enough = out.Score >= enoughScore
	if out.Score < 4 {
		kinds := map[string]bool{}
		for _, m := range found.MatchSequence {
			kinds[m.Pattern+" "+m.DictionaryName] = true
			kinds[m.Pattern] = true
		}
		out.Advice = advice(kinds, out.Enough)
	}
	return out
}

// The usual signs for letters, 1 once for an i and once for an l.
var (
	spelled = strings.NewReplacer("4", "a", "@", "a", "8", "b", "3", "e", "1", "i", "!", "i", "0", "o", "5", "s", "$", "s", "7", "t", "+", "t")
	ell     = strings.NewReplacer("1", "l", "|", "l")
)

// judge is the lowest score of a password and of what it spells. zxcvbn's own way to
// read signs as letters takes a second for some passwords, and more on a small machine.
func judge(password string, words []string) scoring.MinEntropyMatch {
	signs := func(m match.Matcher) bool { return m.ID == matching.L33TMatcherName }
	lowest := zxcvbn.PasswordStrength(password, words, signs)
	for _, p := range []string{spelled.Replace(password), spelled.Replace(ell.Replace(password))} {
		if p == password {
			continue
		}
		if r := zxcvbn.PasswordStrength(p, words, signs); r.Score < lowest.Score {
			lowest = r
		}
	}
	return lowest
}

// advice is what would make it better.
func advice(kinds map[string]bool, enough bool) string {
	switch {
	case enough:
		return "Good. One word more would make it very hard to guess."
	case kinds["dictionary user_inputs"]:
		return "A name of yours or of the cloud is guessed first; add words that do not belong together."
	case kinds["repeat"], kinds["sequence"]:
		return "Repeated letters and rows like abc or 123 are guessed first; take several words."
	case kinds["spatial"]:
		return "Keys that lie side by side are guessed first; take several words."
	case kinds["date"]:
		return "Dates are guessed first; take several words."
	case kinds["dictionary"]:
		return "Add one or two words that do not belong together."
	}
	return "Make it longer."
}

// known are the words that a guesser would try first.
func known(names []string) []string {
	words := append([]string(nil), ownWords...)
	for _, n := range names {
		n = strings.ToLower(clip(n, 100))
		words = append(words, n)
		words = append(words, strings.FieldsFunc(n, func(r rune) bool { return strings.ContainsRune(" .@-_'", r) })...)
	}
	out := words[:0]
	for _, w := range words {
		if utf8.RuneCountInString(w) > 2 {
			out = append(out, w)
		}
	}
	return out
}

// checkPassword tells what is wrong with a new password.
func (s *Service) checkPassword(password string, names ...string) error {
	if password == "" {
		return agent.Errorf(agent.CodeInvalid, "a password is missing").WithHint("several words that do not belong together are a good one")
	}
	if st := s.Strength(password, names...); !st.Enough {
		return agent.Errorf(agent.CodeInvalid, "this password is too easy to guess").WithHint("%s", st.Advice)
	}
	return nil
}
