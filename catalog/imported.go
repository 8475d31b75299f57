package catalog

// AsksForSecret tells whether what stands under a name, of a variable or a setting,
// is a password or a key: DB_PASSWORD, jwtSecret, api-key. Names that only ask
// about one do not (PASSWORD_FILE).
func AsksForSecret(name string) bool { return asksForSecret(name) != "" }

// LooksSecret tells whether a value that stands under such a name is one that
// nobody but its owner may know, so that Hardcoded would complain of it.
func LooksSecret(name, value string) bool {
	kind := asksForSecret(name)
	return kind != "" && looksSecret(kind, value)
}
