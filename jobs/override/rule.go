package override

import (
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// narrowing are the matchers of Traefik that may stand beside Host: they only take
// requests away.
var narrowing = []string{"Path", "PathPrefix", "PathRegexp", "Header", "HeaderRegexp", "Method", "Query", "QueryRegexp", "ClientIP"}

// checkRule holds a router's rule to the hosts of the app: each alternative of it is
// a conjunction, one part of which is Host(`…`) with a host of the app
// (https://doc.traefik.io/traefik/routing/routers/#rule). It knows less than
// Traefik does, and refuses the rest.
func checkRule(rule string, hosts []string) error {
	const longest = 4096
	if len(rule) > longest {
		return errors.New("the rule is too long")
	}
	if err := checkSigns(rule); err != nil {
		return err
	}
	own, err := checkAlternatives(rule, hosts)
	if err == nil && !own {
		err = errors.New("it takes requests for hosts that are not the app's; each alternative needs a Host(`…`) of its own")
	}
	return err
}

// checkSigns refuses what Traefik, whose parser of rules is Go's own, would read in
// another way than scanRule: a quote in a comment would hide where a matcher ends.
func checkSigns(rule string) error {
	wrong := errors.New("a rule is of matchers, &&, ||, ! and parentheses, in one line and without comments")
	if strings.ContainsAny(rule, "\r\n") {
		return wrong
	}
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(rule)), []byte(rule), nil, scanner.ScanComments)
	for {
		switch _, t, text := s.Scan(); {
		case t == token.EOF && s.ErrorCount > 0:
			return wrong
		case t == token.EOF:
			return nil
		case t == token.SEMICOLON && text == "\n": // what Go reads at the end
		case !slices.Contains(ruleTokens, t):
			return wrong
		}
	}
}

var ruleTokens = []token.Token{token.IDENT, token.LPAREN, token.RPAREN, token.COMMA, token.STRING, token.LAND, token.LOR, token.NOT}

// checkAlternatives checks a rule, and tells whether each alternative of it is held to
// a Host of the app's own.
func checkAlternatives(rule string, hosts []string) (own bool, err error) {
	own = true
	for _, alternative := range splitRule(rule, "||") {
		held := false
		for _, part := range splitRule(alternative, "&&") {
			is, err := checkMatcher(strings.TrimSpace(part), hosts)
			if err != nil {
				return false, err
			}
			held = held || is
		}
		own = own && held
	}
	return own, nil
}

// checkMatcher checks one part of a conjunction, and tells whether it is held to a Host
// of the app's own.
func checkMatcher(part string, hosts []string) (own bool, err error) {
	if inner, ok := strings.CutPrefix(part, "("); ok && strings.HasSuffix(inner, ")") && closes(part) {
		return checkAlternatives(strings.TrimSuffix(inner, ")"), hosts)
	}
	negated := strings.HasPrefix(part, "!")
	name, arguments, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(part, "!")), "(")
	if !ok || !strings.HasSuffix(arguments, ")") || !closes("("+arguments) {
		return false, fmt.Errorf("%q is no matcher that the cloud knows", shortened(part))
	}
	if slices.Contains(narrowing, name) {
		return false, nil
	}
	if name != "Host" || negated {
		return false, fmt.Errorf("%s cannot be used; write Host(`…`), and if you like, && PathPrefix(`…`)", shortened(part))
	}
	host := strings.TrimSpace(strings.TrimSuffix(arguments, ")"))
	if len(host) < 2 || !strings.Contains("`\"", host[:1]) || host[len(host)-1] != host[0] {
		return false, fmt.Errorf("%s: a host stands in backticks", shortened(part))
	}
	host = host[1 : len(host)-1]
	if !slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, host) }) {
		return false, fmt.Errorf("%s is not a host of this app", host)
	}
	return true, nil
}

// closes tells whether the parenthesis at the start of s is closed by its last sign.
func closes(s string) bool {
	depth := 0
	end := scanRule(s, func(i int, r byte) bool {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		return depth == 0
	})
	return depth == 0 && end == len(s)-1
}

// splitRule splits at an operator that stands outside of parentheses and quotes.
func splitRule(s, operator string) []string {
	var parts []string
	start, depth := 0, 0
	scanRule(s, func(i int, r byte) bool {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case depth == 0 && i >= start && strings.HasPrefix(s[i:], operator):
			parts = append(parts, s[start:i])
			start = i + len(operator)
		}
		return false
	})
	return append(parts, s[start:])
}

// scanRule calls f for each sign outside of quotes until it says stop, and gives the
// place of the last one.
func scanRule(s string, f func(i int, r byte) bool) int {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch {
		case quote != 0:
			if s[i] == '\\' && quote == '"' {
				i++
			} else if s[i] == quote {
				quote = 0
			}
		case s[i] == '`' || s[i] == '"':
			quote = s[i]
		default:
			if f(i, s[i]) {
				return i
			}
		}
	}
	return len(s)
}
