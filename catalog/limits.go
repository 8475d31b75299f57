package catalog

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Limits of a manifest. Real entries stay far below them; they are here so that a
// hostile one costs milliseconds and no stack.
const (
	maxFile      = 256 << 10 // bytes
	maxNesting   = 32        // brackets, quotes and ${ } within each other; the parser recurses on them
	maxOperators = 1024      // in a file; a chain of them makes a tree as deep as it is long
	maxNumber    = 20        // characters of a number
	maxLines     = 4096      // of <<EOT texts in a file; the parser takes their square in time
	maxServices  = 64
	maxSettings  = 256
	maxItems     = 512 // of a list, a map, or blocks of one kind
)

// badRune reports characters that have no place in an entry: control characters
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

// checkText holds the bytes of a manifest against the limits, before the parser
// sees them.
func checkText(file string, text []byte) Problems {
	if len(text) > maxFile {
		return Problems{{File: file, Message: fmt.Sprintf("is larger than %d KiB", maxFile>>10)}}
	}
	if ps := checkRunes(file, text); ps != nil {
		return ps
	}
	return checkTokens(file, text)
}

func checkRunes(file string, text []byte) Problems {
	line, start := 1, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		var message string
		switch {
		case r == utf8.RuneError && size <= 1:
			message = fmt.Sprintf("is not UTF-8: byte 0x%02x", text[i])
		case r == 0xfeff && i == 0:
			message = "starts with a byte order mark; save it as UTF-8 without one"
		case badRune(r):
			message = fmt.Sprintf("holds the control character U+%04X", r)
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

// checkTokens refuses what would make the parser recurse deeply or a number grow
// without end (1e999999999 has as many digits when it becomes text).
func checkTokens(file string, text []byte) Problems {
	// Problems of the scanner come again, with better words, from the parser.
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
			hclsyntax.TokenQuestion, hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan,
			hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq:
			operators++
		case hclsyntax.TokenStringLit:
			lines++
		case hclsyntax.TokenDoubleColon: // a long chain of these takes its square in time, too
			return Problems{problemAt(t.Range, "", ":: is not allowed in an entry")}
		case hclsyntax.TokenNumberLit:
			if len(t.Bytes) > maxNumber || bytes.ContainsAny(t.Bytes, "eE") {
				return Problems{problemAt(t.Range, "", "write numbers out, in at most %d digits", maxNumber)}
			}
		}
		if depth > maxNesting {
			return Problems{problemAt(t.Range, "", "brackets and templates are nested more than %d deep", maxNesting)}
		}
		if lines > maxLines {
			return Problems{problemAt(t.Range, "", "the file has more than %d lines of <<EOT texts", maxLines)}
		}
		if operators > maxOperators {
			return Problems{problemAt(t.Range, "", "the file has more than %d operators", maxOperators)}
		}
	}
	return nil
}
