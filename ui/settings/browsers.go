package settings

import "strings"

// Words by which a browser and a system are known in a User-Agent header. The order
// counts: all say Safari, most of them Chrome.
var (
	browsers = [][2]string{{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}}
	systems = [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Macintosh", "Mac"}, {"Linux", "Linux"}, {"FreeBSD", "FreeBSD"}}
)

// browserName is a browser in words, "Firefox on Linux"; "" for what it is not known of.
func browserName(header string) string {
	browser, system := first(header, browsers), first(header, systems)
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser != "":
		return browser
	}
	return system
}

func first(header string, words [][2]string) string {
	for _, w := range words {
		if strings.Contains(header, w[0]) {
			return w[1]
		}
	}
	return ""
}

// phone tells whether it is a thing for the pocket.
func phone(header string) bool {
	return strings.Contains(header, "Mobile") || strings.Contains(header, "iPhone") || strings.Contains(header, "Android")
}
