package catalog

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Lengths in bytes.
const (
	maxName = 40      // of an app, service, volume …: with the domain it must fit a DNS label
	maxLine = 4 << 10 // one line of a person's text, a path, a command's argument
	maxPage = 64 << 10
)

var (
	appName     = regexp.MustCompile(`^[a-z]([a-z0-9-]*[a-z0-9])?$`)
	settingName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	envName     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`) // Elasticsearch's are "discovery.type"
	userName    = regexp.MustCompile(`^[0-9]{1,10}(:[0-9]{1,10})?$`)
	ownerName   = regexp.MustCompile(`^[0-9]{1,10}:[0-9]{1,10}$`)
	modeName    = regexp.MustCompile(`^[01]?[0-7]{3}$`)
	signalName  = regexp.MustCompile(`^SIG[A-Z]+[0-9]{0,2}$`)
)

func matches(re *regexp.Regexp, complaint string) rule {
	return func(s string) (string, string) {
		if re.MatchString(s) {
			return "", ""
		}
		return complaint, ""
	}
}

func named(re *regexp.Regexp, alphabet string) rule {
	return func(s string) (string, string) {
		switch {
		case len(s) > maxName:
			return fmt.Sprintf("is longer than %d characters", maxName), ""
		case !re.MatchString(s):
			return "must be " + alphabet, ""
		}
		return "", ""
	}
}

var (
	isAppName     = named(appName, "a-z, 0-9 and -, starting with a letter and not ending with -")
	isSettingName = named(settingName, "a-z, 0-9 and _, starting with a letter")
	isEnvName     = matches(envName, "must be letters, digits, _ and ., not starting with a digit")
	isUser        = matches(userName, `must be numbers: "1000" or "1000:1000"`)
	isOwner       = matches(ownerName, `must be numbers: "1000:1000"`)
	isMode        = matches(modeName, `must be octal: "0644"`)
)

// isSecretName is as isSettingName. Names with given_ are for the passwords of people,
// which are in the same variable.
func isSecretName(s string) (string, string) {
	if strings.HasPrefix(s, "given_") {
		return "must not start with given_, as what people give is called", strings.TrimPrefix(s, "given_")
	}
	return isSettingName(s)
}

// oneOf accepts the words of a vocabulary.
func oneOf(words []string) rule {
	return func(s string) (string, string) {
		if slices.Contains(words, s) {
			return "", ""
		}
		return "must be " + strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1], nearest(s, words)
	}
}

// oneLine refuses what would break a list or a header.
func oneLine(s string) (string, string) {
	if strings.ContainsAny(s, "\r\n\t") {
		return "must be one line without tabs", ""
	}
	return "", ""
}

// present refuses the empty text.
func present(s string) (string, string) {
	if strings.TrimSpace(s) == "" {
		return "must not be empty", ""
	}
	return "", ""
}

// containerPath is the rule for paths in a container: absolute and clean, so that
// no `..` leads out of where it says it is.
func containerPath(s string) (string, string) {
	switch {
	case !strings.HasPrefix(s, "/"):
		return "must be absolute: start with /", ""
	case slices.Contains(strings.Split(s, "/"), ".."):
		return "must not contain ..", ""
	case path.Clean(s) != s:
		return "must be written in its shortest form", path.Clean(s)
	case s == "/":
		return "must not be the root of the container", ""
	case strings.ContainsAny(s, "\r\n\t:,"):
		return "must not contain : , or line breaks, which the container engine reads as something else", ""
	}
	for _, taken := range []string{"/proc", "/sys", "/dev", "/alloc", "/local", "/secrets"} {
		// Nomad mounts its own directories at the last three.
		if s == taken || strings.HasPrefix(s, taken+"/") {
			return "lies in " + taken + ", which is not the app's to fill", ""
		}
	}
	return "", ""
}

// workPath is the rule for the directory that a process starts in.
func workPath(s string) (string, string) {
	switch {
	case !strings.HasPrefix(s, "/"):
		return "must be absolute: start with /", ""
	case slices.Contains(strings.Split(s, "/"), ".."):
		return "must not contain ..", ""
	case path.Clean(s) != s:
		return "must be written in its shortest form", path.Clean(s)
	}
	return oneLine(s)
}

// devicePath is the rule for a device of the host.
func devicePath(s string) (string, string) {
	switch {
	case !strings.HasPrefix(s, "/dev/") || slices.Contains(strings.Split(s, "/"), ".."):
		return "must be a device: a path under /dev/", ""
	case path.Clean(s) != s:
		return "must be written in its shortest form", path.Clean(s)
	case strings.ContainsAny(s, "\r\n\t:,*?[ "):
		return "must not contain : , spaces or wildcards", ""
	case !GrantableDevice(s):
		return "may be as good as root on the machine, and no entry gets it; a person can give it by an override", ""
	}
	return "", ""
}

// urlPath is the rule for paths that are asked for over HTTP.
func urlPath(s string) (string, string) {
	switch {
	case !strings.HasPrefix(s, "/"):
		return "must start with /", ""
	case slices.Contains(strings.Split(s, "/"), ".."):
		return "must not contain ..", ""
	case strings.Contains(s, "//"):
		return "must not contain //", ""
	case strings.ContainsAny(s, " \r\n\t`\"\\#"):
		return "must not contain spaces, quotes, backslashes or #", ""
	}
	return "", ""
}

// webAddress is the rule for links that people click on.
func webAddress(s string) (string, string) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return "must be an http or https address", ""
	}
	return oneLine(s)
}

// picture is an address, or a file beside the entry.
func picture(s string) (string, string) {
	if strings.Contains(s, "://") {
		return webAddress(s)
	}
	if s == "" || path.IsAbs(s) || path.Clean(s) != s || strings.HasPrefix(s, "..") || strings.ContainsAny(s, "\\\r\n\t") {
		return "must be an http or https address, or a file beside the entry", ""
	}
	return "", ""
}
