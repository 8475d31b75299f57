package override

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Limits of an override. Real ones stay far below them; they are here so that a
// hostile one costs milliseconds here, and as little in Nomad, which reads it too.
const (
	maxFile      = 128 << 10 // bytes
	maxNesting   = 24        // brackets, quotes and ${ } within each other; parsers recurse on them
	maxOperators = 512       // in a file; a chain of them makes a tree as deep as it is long
	maxNumber    = 20        // characters of a number: 1e999999999 is as long as it says once it is text
	maxLines     = 4096      // of <<EOT texts in a file; the parser takes their square in time
	maxItems     = 1024      // of one list, one map, or the blocks of one body
	maxRemovals  = 256
)

// checkText holds the bytes of an override against the limits, before a parser
// sees them.
func checkText(file string, text []byte) Problems {
	if len(text) > maxFile {
		return Problems{{File: file, Message: fmt.Sprintf("the override is larger than %d KiB", maxFile>>10)}}
	}
	if ps := checkRunes(file, text); ps != nil {
		return ps
	}
	return checkTokens(file, text)
}

// badRune tells characters that have no place in an override: control characters
// other than newline, tab and carriage return, and those that reorder text on a
// screen so that it reads as something else (U+202A…U+202E, U+2066…U+2069).
func badRune(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return false
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return unicode.IsControl(r)
}

func checkRunes(file string, text []byte) Problems {
	line, start := 1, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		var message string
		switch {
		case r == utf8.RuneError && size <= 1:
			message = fmt.Sprintf("this is not UTF-8: byte 0x%02x", text[i])
		case r == 0xfeff && i == 0:
			message = "the text starts with a byte order mark; save it as UTF-8 without one"
		case badRune(r):
			message = fmt.Sprintf("the character U+%04X cannot be seen, and has no place here", r)
		}
		if message != "" {
			return Problems{{File: file, Line: line, Column: 1 + utf8.RuneCount(text[start:i]), Message: message}}
		}
		if r == '\n' {
			line, start = line+1, i+1
		}
		i += size
	}
	return nil
}

// checkTokens refuses what would make a parser recurse deeply, or take much more
// time than the text is long.
func checkTokens(file string, text []byte) Problems {
	// What the scanner finds wrong comes again, in better words, from the parser.
	tokens, _ := hclsyntax.LexConfig(text, file, hcl.InitialPos)
	depth, operators, lines := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote,
			hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp:
			depth++
		case hclsyntax.TokenTemplateControl:
			depth++
			operators++ // %{ if } nests without brackets
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote,
			hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			depth--
		case hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenStar, hclsyntax.TokenSlash,
			hclsyntax.TokenPercent, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenBang,
			hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq,
			hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq, hclsyntax.TokenQuestion, hclsyntax.TokenDot:
			operators++
		case hclsyntax.TokenNumberLit:
			if len(t.Bytes) > maxNumber || bytes.ContainsAny(t.Bytes, "eE") {
				return tokenProblem(t, "this number is too long; write it in at most %d digits", maxNumber)
			}
		case hclsyntax.TokenStringLit:
			lines += bytes.Count(t.Bytes, []byte{'\n'})
		}
		switch {
		case depth > maxNesting:
			return tokenProblem(t, "this is nested more than %d levels deep", maxNesting)
		case operators > maxOperators:
			return tokenProblem(t, "the override holds more than %d operators", maxOperators)
		case lines > maxLines:
			return tokenProblem(t, "the override's texts hold more than %d lines", maxLines)
		}
	}
	return nil
}

func tokenProblem(t hclsyntax.Token, format string, args ...any) Problems {
	return Problems{placeOf(t.Range).problem("", format, args...)}
}

func placeOf(r hcl.Range) place {
	return place{file: r.Filename, line: r.Start.Line, column: r.Start.Column}
}
