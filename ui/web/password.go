package web

// NewPassword is where a password is chosen: {{template "new-password" (part . .D.Password)}}.
// While it is typed the page asks POST /strength how hard it is to guess.
type NewPassword struct {
	Field
	Strength Strength
}

// NewPassword is that field with nothing typed yet.
func (c *Ctx) NewPassword(label string) NewPassword {
	return NewPassword{Field: Field{Name: "password", Label: label, Type: FieldPassword, Required: true, Autocomplete: "new-password",
		Help: c.T("A few words that do not belong together are easy to remember and hard to guess.")}}
}

// Strength is how hard a password is to guess, in words.
type Strength struct {
	Typed  bool   // there is one
	Score  int    // 0 to 4
	Level  string // of the bar's colour
	Word   string
	Advice string
}

// StrengthOf judges a password of who asks, or of whom the form names.
func (c *Ctx) StrengthOf(password string) Strength {
	s := c.Accounts.Strength(password, c.Value("name"), c.Value("title"), c.Session.User, c.Session.Title)
	words := []string{c.T("Very easy to guess"), c.T("Easy to guess"), c.T("Not hard enough to guess"), c.T("Hard to guess"), c.T("Very hard to guess")}
	v := Strength{Typed: password != "", Score: min(max(s.Score, 0), len(words)-1), Level: "bad"}
	v.Word = words[v.Score]
	if s.Advice != "" && v.Typed {
		v.Advice = c.T(s.Advice)
	}
	switch {
	case s.Enough:
		v.Level = "ok"
	case v.Score == 2:
		v.Level = "warn"
	}
	return v
}
